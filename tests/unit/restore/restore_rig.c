/* Starting and waiting. */
#include "restore_rig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MARKER ".usenetsync-restore"

enum { RIG_GUARD_MS = 60000 };

static void on_guard(void *arg)
{
    struct rig *rig = arg;

    loop_stop(rig->loop);
}

void rig_init(struct rig *rig)
{
    struct news_settings settings;
    struct news_provider provider = {
        .name = "test", .host = "127.0.0.1", .group = "alt.test", .connections = 4};

    memset(rig, 0, sizeof(*rig));
    server_start(&rig->server);
    rig->maker = malloc(sizeof(*rig->maker));
    assert_non_null(rig->maker);
    maker_init(rig->maker, &rig->server);
    assert_int_equal(loop_new(&rig->loop), OK);
    assert_int_equal(workers_new(rig->loop, 3, &rig->workers), OK);
    assert_int_equal(loop_timer_new(rig->loop, on_guard, rig, &rig->guard), OK);
    news_settings_default(&settings);
    settings.retry_ms = 5;
    settings.reconnect_min_ms = 5;
    settings.reconnect_max_ms = 20;
    settings.tries = 3;
    settings.connect_failures = 2;
    assert_int_equal(news_new(rig->loop, rig->loop, &settings, &rig->news), OK);
    provider.port = rig->server.port;
    assert_int_equal(news_set_providers(rig->news, &provider, 1), OK);
    strcpy(rig->root, "/tmp/restore-test-XXXXXX");
    assert_non_null(mkdtemp(rig->root));
    (void)snprintf(rig->target, sizeof(rig->target), "%s/target", rig->root);
    rig->helper = "/proc/self/exe";
    (void)snprintf(rig->spare, sizeof(rig->spare), "%s", rig->root);
}

static void remove_tree(const char *path)
{
    DIR *dir;
    struct dirent *entry;
    char inner[4096];

    if (unlink(path) == 0) {
        return;
    }
    (void)chmod(path, 0700);
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            (void)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
            remove_tree(inner);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    (void)rmdir(path);
}

void rig_remove_target(struct rig *rig)
{
    struct stat st;

    remove_tree(rig->target);
    assert_int_not_equal(lstat(rig->target, &st), 0);
}

void rig_clear(struct rig *rig)
{
    workers_free(rig->workers);
    server_stop(&rig->server);
    news_free(rig->news);
    loop_timer_free(rig->guard);
    loop_free(rig->loop);
    maker_clear(rig->maker);
    free(rig->maker);
    buf_clear(&rig->listed);
    remove_tree(rig->root);
}

void rig_pass(struct rig *rig, uint64_t ms)
{
    loop_timer_set(rig->guard, ms);
    loop_run(rig->loop);
}

void rig_run(struct rig *rig)
{
    loop_timer_set(rig->guard, RIG_GUARD_MS);
    loop_run(rig->loop);
    loop_timer_stop(rig->guard);
    assert_int_equal(rig->calls, 1);
}

static void on_changed(void *arg, const struct progress *progress)
{
    struct rig *rig = arg;

    rig->progress = *progress;
    if (rig->watch != NULL) {
        rig->watch(rig, progress);
    }
    assert_true(progress->bytes_done >= rig->bytes_done);
    rig->bytes_done = progress->bytes_done;
    if (rig->stop_at != 0 && rig->bytes_done >= rig->stop_at) {
        loop_stop(rig->loop);
    }
    if (progress->totals_known && rig->totals == RIG_TOTALS_RIGHT) {
        assert_true(progress->bytes_done <= progress->bytes_total);
        assert_true(progress->files_done <= progress->files_total);
    }
}

static void on_event(void *arg, enum log_level level, const char *text)
{
    struct rig *rig = arg;
    size_t used = strlen(rig->events);

    (void)level;
    (void)snprintf(rig->events + used, sizeof(rig->events) - used, "%s\n", text);
}

static struct restore_env rig_env(struct rig *rig)
{
    return (struct restore_env){.loop = rig->loop,
        .workers = rig->workers,
        .news = rig->news,
        .window_bytes = rig->window_bytes,
        .scratch = bytes_str(rig->spare),
        .helper = rig->helper,
        .sink = {.changed = on_changed, .event = on_event, .arg = rig}};
}

static void on_restored(void *arg, enum err err, const struct restore_result *result)
{
    struct rig *rig = arg;

    rig->err = err;
    rig->result = *result;
    (void)snprintf(rig->text, sizeof(rig->text), "%s", result->text);
    rig->result.text = NULL;
    rig->calls++;
    loop_stop(rig->loop);
}

struct restore *rig_start(struct rig *rig, const char *const *only)
{
    struct restore_options options = {.env = rig_env(rig),
        .key = rig->maker->link,
        .version = rig->version,
        .target = bytes_str(rig->target)};
    struct bytes paths[8];
    struct restore *restore;

    while (only != NULL && only[options.only_count] != NULL) {
        paths[options.only_count] = bytes_str(only[options.only_count]);
        options.only_count++;
    }
    options.only = paths;
    options.conflict = rig->conflict;
    options.dry_run = rig->dry_run;
    rig->calls = 0;
    rig->bytes_done = 0;
    rig->events[0] = '\0';
    assert_int_equal(restore_start(&options, on_restored, rig, &restore), OK);
    assert_int_equal(rig->calls, 0);
    return restore;
}

enum err rig_restore(struct rig *rig, const char *const *only)
{
    (void)rig_start(rig, only);
    rig_run(rig);
    return rig->err;
}

static enum err on_entry(void *arg, const struct listing_entry *entry)
{
    static const char letters[] = {
        [LISTING_DIRECTORY] = 'd', [LISTING_FILE] = 'f', [LISTING_SYMLINK] = 'l'};
    char type = letters[entry->type];
    struct rig *rig = arg;
    const char *arrow = "";

    if (entry->target.len > 0) {
        arrow = " -> ";
    }
    return buf_printf(&rig->listed, "%c %o %llu %.*s%s%.*s\n", type, entry->mode,
        (unsigned long long)entry->size, (int)entry->path.len, (const char *)entry->path.ptr, arrow,
        (int)entry->target.len, (const char *)entry->target.ptr);
}

static void on_listed(void *arg, enum err err, const struct listing_share *share)
{
    struct rig *rig = arg;

    rig->err = err;
    memset(&rig->share, 0, sizeof(rig->share));
    rig->title[0] = '\0';
    if (share != NULL) {
        rig->share = *share;
        (void)snprintf(rig->title, sizeof(rig->title), "%.*s", (int)share->title.len,
            (const char *)share->title.ptr);
    }
    rig->calls++;
    loop_stop(rig->loop);
}

enum err rig_list(struct rig *rig, const char *path, int depth)
{
    struct listing_options options = {.env = rig_env(rig),
        .key = rig->maker->link,
        .version = rig->version,
        .page.path = bytes_str(path)};
    struct listing *listing;

    if (depth == LISTING_RECURSIVE) {
        options.depth = LISTING_RECURSIVE;
    }
    rig->calls = 0;
    rig->bytes_done = 0;
    rig->listed.len = 0;
    assert_int_equal(listing_start(&options, on_entry, on_listed, rig, &listing), OK);
    rig_run(rig);
    assert_int_equal(buf_append_byte(&rig->listed, 0), OK);
    return rig->err;
}

/* --- looking at the target --- */

static void full_path(struct rig *rig, const char *path, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/%s", rig->target, path);
}

static void assert_stat(const char *path, unsigned mode, unsigned type)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        fail_msg("%s: %s", path, strerror(errno));
    }
    assert_int_equal(st.st_mode & S_IFMT, type);
    if (type != S_IFLNK) {
        assert_int_equal(st.st_mode & 07777, mode);
    }
    assert_int_equal((int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec, MAKER_MTIME_NS);
}

void rig_assert_file(struct rig *rig, const char *path, struct bytes data, unsigned mode)
{
    char full[4096];
    FILE *in;
    uint8_t *got = malloc(data.len + 1);

    full_path(rig, path, full, sizeof(full));
    assert_stat(full, mode, S_IFREG);
    in = fopen(full, "r");
    assert_non_null(in);
    assert_non_null(got);
    assert_int_equal(fread(got, 1, data.len + 1, in), data.len);
    assert_true(data.len == 0 || memcmp(got, data.ptr, data.len) == 0);
    fclose(in);
    free(got);
}

void rig_assert_folder(struct rig *rig, const char *path, unsigned mode)
{
    char full[4096];

    full_path(rig, path, full, sizeof(full));
    assert_stat(full, mode, S_IFDIR);
}

void rig_assert_symlink(struct rig *rig, const char *path, const char *text)
{
    char full[4096], got[4096];
    ssize_t len;

    full_path(rig, path, full, sizeof(full));
    assert_stat(full, 0, S_IFLNK);
    len = readlink(full, got, sizeof(got) - 1);
    assert_true(len > 0);
    got[len] = '\0';
    assert_string_equal(got, text);
}

void rig_assert_absent(struct rig *rig, const char *path)
{
    char full[4096];
    struct stat st;

    full_path(rig, path, full, sizeof(full));
    assert_int_equal(lstat(full, &st), -1);
    assert_int_equal(errno, ENOENT);
}

/* All entries below, or only those whose name begins with `prefix`. */
static size_t count_below(const char *path, const char *prefix)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char inner[4096];
    size_t count = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        (void)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
                 (*prefix == '\0' || strcmp(entry->d_name, MARKER) != 0);
        if (entry->d_type == DT_DIR) {
            count += count_below(inner, prefix);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return count;
}

size_t rig_count(struct rig *rig)
{
    return count_below(rig->target, "");
}

void rig_assert_tidy(struct rig *rig)
{
    struct stat st;
    size_t inside;

    if (rig->workers !=
        NULL) { /* the last one that holds a cancelled restore sees its helper end */
        workers_settle(rig->workers);
    }
    inside = lstat(rig->target, &st) == 0 ? 1 + rig_count(rig) : 0;
    assert_int_equal(count_below(rig->root, ".usenetsync-"), 0);
    assert_int_equal(count_below(rig->root, ""), inside);
}

bool rig_marked(struct rig *rig)
{
    char full[4096];
    struct stat st;

    full_path(rig, MARKER, full, sizeof(full));
    return lstat(full, &st) == 0;
}

void rig_put(struct rig *rig, const char *path, const char *text, int64_t mtime_ns)
{
    struct timespec times[2] = {
        {0, UTIME_OMIT}, {(time_t)(mtime_ns / 1000000000), (long)(mtime_ns % 1000000000)}};
    char full[4096];
    FILE *out;

    (void)mkdir(rig->target, 0700);
    full_path(rig, path, full, sizeof(full));
    (void)unlink(full);
    out = fopen(full, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(utimensat(AT_FDCWD, full, times, 0), 0);
}

struct buf rig_noise(size_t len, uint32_t seed)
{
    struct buf b = {0};
    uint64_t x = seed * 2654435761ULL + 88172645463325252ULL;

    assert_int_equal(buf_resize(&b, len), OK);
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        b.ptr[i] = (uint8_t)(x >> 32);
    }
    return b;
}
