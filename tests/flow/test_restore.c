/* Restores that are killed, run out of disk, or come for an older version: what was published comes
 * home whole in the end. The test runs itself again as the process that is killed. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "world.h"

enum { KILLS = 15, SMALL_FILES = 300 };

static int setup(void **state)
{
    struct world *w = malloc(sizeof(*w));

    assert_non_null(w);
    world_open(w);
    world_make_share(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

/* --- a restore with options of one's own --- */

static void on_got(void *arg, enum err err, const struct restore_result *result)
{
    struct world *w = arg;

    w->err = err;
    w->restored = *result;
    snprintf(w->text, sizeof(w->text), "%.255s", result->text == NULL ? "" : result->text);
    w->restored.text = w->text;
    loop_stop(w->home);
}

static enum err get(struct world *w, const char *name, struct restore_options options)
{
    char target[2 * WORLD_PATH_MAX];
    struct restore *restore;

    snprintf(target, sizeof(target), "%s/%s", w->dir, name);
    options.env = (struct restore_env){
        .loop = w->home, .workers = w->workers, .news = w->news, .helper = "/proc/self/exe"};
    options.key = w->key;
    options.target = bytes_str(target);
    assert_int_equal(restore_start(&options, on_got, w, &restore), OK);
    loop_run(w->home);
    return w->err;
}

/* The command says yes. */
static void shell(const char *command)
{
    /* NOLINTNEXTLINE(cert-env33-c): the shell is the plainest way to look at whole trees */
    assert_int_equal(system(command), 0);
}

static void path_in(struct world *w, const char *name, char path[2 * WORLD_PATH_MAX])
{
    snprintf(path, 2 * (size_t)WORLD_PATH_MAX, "%s/%s", w->dir, name);
}

/* Small files, a few blocks, a hole, links, folders that are closed. */
static void fill(struct world *w)
{
    char name[64], path[2 * WORLD_PATH_MAX], other[2 * WORLD_PATH_MAX];

    for (unsigned i = 0; i < SMALL_FILES; i++) {
        snprintf(name, sizeof(name), "d%u/f%u", i % 9, i);
        world_file(w, name, i * 131 % 9000, i + 1);
    }
    world_file(w, "big", 5 * (uint64_t)PAYLOAD_LEN + 1234, 77);
    world_file(w, "text", 2 * (uint64_t)PAYLOAD_LEN, 0);
    world_file(w, "sparse", 3, 5);
    path_in(w, "source/sparse", path);
    assert_int_equal(truncate(path, 40 * (off_t)PAYLOAD_LEN + 77), 0);
    path_in(w, "source/d1/link", path);
    assert_int_equal(symlink("../big", path), 0);
    path_in(w, "source/big", path);
    path_in(w, "source/d2/again", other);
    assert_int_equal(link(path, other), 0);
    path_in(w, "source/d3", path);
    assert_int_equal(chmod(path, 0555), 0);
}

static void assert_complete(struct world *w, const char *name)
{
    char command[3 * WORLD_PATH_MAX];

    assert_true(world_same(w, "source", name));
    snprintf(command, sizeof(command), "test -z \"$(find '%s/%s' -name '.usenetsync-*')\"", w->dir,
        name);
    shell(command);
}

/* --- the process that is killed --- */

static void on_child_done(void *arg, enum err err, const struct restore_result *result)
{
    (void)arg;
    (void)result;
    if (err != OK) {
        fprintf(stderr, "child: %s\n", err_name(err));
    }
    _exit(err == OK ? 0 : 1);
}

static void key_from(const char *hex, struct restore_key *key)
{
    uint8_t all[KEY_LEN + 16] = {0};

    for (size_t i = 0; i < sizeof(all); i++) {
        const char pair[] = {hex[2 * i], hex[2 * i + 1], '\0'};

        all[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    memcpy(key->read_secret, all, KEY_LEN);
    memcpy(key->fingerprint, all + KEY_LEN, 16);
}

/* argv: --get PORT KEY TARGET RULE */
static int child(char **argv)
{
    struct news_settings settings;
    struct news_provider provider = {.name = "test",
        .host = "127.0.0.1",
        .port = (uint16_t)strtoul(argv[2], NULL, 10),
        .group = "alt.binaries.test",
        .connections = 4};
    struct restore_options options = {
        .env = {.helper = "/proc/self/exe"}, .target = bytes_str(argv[4])};
    struct restore *restore;

    (void)signal(SIGPIPE, SIG_IGN);
    key_from(argv[3], &options.key);
    options.conflict = argv[5][0] == 'r' ? RESTORE_RESUME : RESTORE_INTO_EMPTY;
    news_settings_default(&settings);
    if (loop_new(&options.env.loop) != OK ||
        workers_new(options.env.loop, 2, &options.env.workers) != OK ||
        news_new(options.env.loop, options.env.loop, &settings, &options.env.news) != OK ||
        news_set_providers(options.env.news, &provider, 1) != OK ||
        restore_start(&options, on_child_done, NULL, &restore) != OK) {
        return 2;
    }
    loop_run(options.env.loop);
    return 3;
}

static pid_t spawn(struct world *w, const char *target, const char *rule)
{
    char port[16], key[2 * (KEY_LEN + 16) + 1];
    char self[] = "/proc/self/exe", verb[] = "--get";
    char *argv[] = {
        self, verb, port, key, (char *)(uintptr_t)target, (char *)(uintptr_t)rule, NULL};
    pid_t pid;

    snprintf(port, sizeof(port), "%u", (unsigned)newsd_port(w->newsd));
    for (size_t i = 0; i < KEY_LEN; i++) {
        snprintf(key + 2 * i, 3, "%02x", w->key.read_secret[i]);
    }
    for (size_t i = 0; i < 16; i++) {
        snprintf(key + 2 * (KEY_LEN + i), 3, "%02x", w->key.fingerprint[i]);
    }
    assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
    return pid;
}

/* Wait up to `ms`, then kill -9. Returns the exit status, or -1: it was killed. */
static int wait_or_kill(pid_t pid, unsigned ms)
{
    const struct timespec tick = {.tv_nsec = 1000000};
    int status = 0;

    for (unsigned i = 0; i < ms; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid) {
            return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
        }
        (void)nanosleep(&tick, NULL);
    }
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Killed at KILLS moments spread over its life, each time begun again. Should the end just have
 * come before the kill, only the caller's word makes the target ours again. */
static void killed_at_any_instant(void **state)
{
    struct world *w = *state;
    char target[2 * WORLD_PATH_MAX];
    struct timespec from, to;
    unsigned life, killed = 0;

    fill(w);
    world_share(w);
    path_in(w, "whole", target);
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(wait_or_kill(spawn(w, target, "empty"), 120000), 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    life = (unsigned)((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000);
    assert_complete(w, "whole");
    path_in(w, "target", target);
    for (unsigned i = 1; i <= KILLS; i++) {
        int status = wait_or_kill(spawn(w, target, i > 1 ? "resume" : "empty"), life * i / KILLS);

        assert_true(status == 0 || status == -1);
        killed += status == -1;
    }
    assert_true(killed > 2);
    assert_int_equal(wait_or_kill(spawn(w, target, "resume"), 120000), 0);
    assert_complete(w, "target");
}

/* Without the caller's word the marker alone does, until the end. */
static void killed_in_the_middle(void **state)
{
    struct world *w = *state;
    char target[2 * WORLD_PATH_MAX], marker[3 * WORLD_PATH_MAX];
    struct stat st;
    unsigned killed = 0;

    fill(w);
    world_share(w);
    path_in(w, "target", target);
    snprintf(marker, sizeof(marker), "%s/.usenetsync-restore", target);
    for (unsigned ms = 20; ms < 2000 && killed < 3; ms += 10) {
        int status = wait_or_kill(spawn(w, target, "empty"), ms);

        if (status == 0) {
            break;
        }
        assert_int_equal(status, -1);
        killed += stat(marker, &st) == 0;
    }
    if (stat(marker, &st) == 0) {
        assert_int_equal(wait_or_kill(spawn(w, target, "empty"), 120000), 0);
    }
    assert_true(killed > 0);
    assert_complete(w, "target");
    assert_int_equal(wait_or_kill(spawn(w, target, "empty"), 120000), 1);
}

/* --- the disk --- */

/* A file system of its own at dir/small, or the test is skipped. */
static void mount_small(struct world *w, const char *options)
{
    char path[2 * WORLD_PATH_MAX];

    path_in(w, "small", path);
    assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
    if (mount("tmpfs", path, "tmpfs", 0, options) != 0) {
        print_message("no file system can be mounted here: %s\n", strerror(errno));
        skip();
    }
}

static void enlarge(struct world *w)
{
    char path[2 * WORLD_PATH_MAX];

    path_in(w, "small", path);
    assert_int_equal(mount("tmpfs", path, "tmpfs", MS_REMOUNT, "size=64m,nr_inodes=100000"), 0);
}

static void unmount(struct world *w)
{
    char path[2 * WORLD_PATH_MAX];

    path_in(w, "small", path);
    (void)umount2(path, MNT_DETACH);
}

/* The bytes fit, the files do not: it stops where the disk is full, and goes on from there. */
static void full_in_the_middle(void **state)
{
    struct world *w = *state;
    uint64_t written;

    fill(w);
    world_share(w);
    mount_small(w, "size=64m,nr_inodes=150");
    assert_int_equal(get(w, "small/target", (struct restore_options){0}), ERR_DISK_FULL);
    written = w->restored.files;
    assert_true(written > 0 && written < SMALL_FILES);
    assert_int_equal(get(w, "small/target", (struct restore_options){0}), ERR_DISK_FULL);
    enlarge(w);
    assert_int_equal(get(w, "small/target", (struct restore_options){0}), OK);
    assert_true(w->restored.verified_files > 0);
    assert_complete(w, "small/target");
    unmount(w);
}

/* Too little space is seen before anything is written; holes need none. */
static void space_is_counted_first(void **state)
{
    struct world *w = *state;
    char path[2 * WORLD_PATH_MAX];
    struct stat st;

    fill(w); /* 39 MB, of them 32 MB a hole, 1.5 MB text */
    world_share(w);
    mount_small(w, "size=4m");
    assert_int_equal(get(w, "small/target", (struct restore_options){0}), ERR_DISK_FULL);
    path_in(w, "small/target/.usenetsync-restore", path);
    assert_int_not_equal(stat(path, &st), 0);
    path_in(w, "small", path);
    assert_int_equal(mount("tmpfs", path, "tmpfs", MS_REMOUNT, "size=16m"), 0);
    assert_int_equal(get(w, "small/target", (struct restore_options){0}), OK);
    assert_complete(w, "small/target");
    unmount(w);
}

/* --- versions and dry runs of what was really published --- */

static void an_older_version(void **state)
{
    struct world *w = *state;
    char command[4 * WORLD_PATH_MAX];

    world_file(w, "a", 3 * (uint64_t)PAYLOAD_LEN, 1);
    world_file(w, "gone", 5000, 2);
    world_share(w);
    snprintf(command, sizeof(command), "cp -a '%s/source' '%s/first' && rm '%s/source/gone'",
        w->dir, w->dir, w->dir);
    shell(command);
    world_file(w, "a", 3 * (uint64_t)PAYLOAD_LEN + 5, 3);
    world_file(w, "new", 50, 4);
    world_share(w);
    assert_int_equal(get(w, "one", (struct restore_options){.version = 1}), OK);
    assert_int_equal(w->restored.version, 1);
    assert_true(world_same(w, "first", "one"));
    assert_int_equal(get(w, "two", (struct restore_options){.version = 2}), OK);
    assert_true(world_same(w, "source", "two"));
    assert_int_equal(get(w, "three", (struct restore_options){.version = 3}), ERR_SHARE_NOT_FOUND);
}

static void a_dry_run_counts_what_comes(void **state)
{
    struct world *w = *state;
    struct restore_options dry = {.dry_run = RESTORE_DRY_RUN};
    uint64_t metas;

    fill(w);
    world_share(w);
    assert_int_equal(get(w, "target", dry), OK);
    metas = w->restored.articles;
    assert_true(w->restored.needed_articles >= 6);
    assert_true(w->restored.needed_bytes < w->restored.bytes);
    dry.version = w->restored.needed_articles;
    assert_int_equal(get(w, "target", (struct restore_options){0}), OK);
    assert_int_equal(w->restored.articles, metas + dry.version);
    assert_complete(w, "target");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_at_any_instant, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(full_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(space_is_counted_first, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_version, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dry_run_counts_what_comes, setup, teardown),
    };

    if (argc == 6 && strcmp(argv[1], "--get") == 0) {
        return child(argv);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
