/* The small world of world.h. */
#include "world.h"

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec/seal/seal_keys.h"

static const char shell_same[] =
    "cd '%s' && diff -r --no-dereference '%s' '%s' >&2 && for d in '%s' '%s'; do (cd $d && "
    "find . -mindepth 1 -printf '%%p %%y %%m %%T@ %%l\\n' | sort >../$(basename $d).list); done && "
    "diff '%s.list' '%s.list' >&2";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void world_use_port(struct world *w, uint16_t port)
{
    struct news_provider provider = {
        .name = "test",
        .host = "127.0.0.1",
        .port = port,
        .group = "alt.binaries.test",
        .connections = WORLD_CONNECTIONS,
    };

    assert_int_equal(news_set_providers(w->news, &provider, 1), OK);
}

static void start_news(struct world *w)
{
    struct news_settings settings;

    news_settings_default(&settings);
    settings.retry_ms = 20;
    settings.reconnect_min_ms = 20;
    assert_int_equal(loop_new(&w->net), OK);
    assert_int_equal(loop_thread_start(w->net, "net"), OK);
    assert_int_equal(news_new(w->home, w->net, &settings, &w->news), OK);
    world_use_port(w, newsd_port(w->newsd));
}

static void start_client(struct world *w)
{
    char path[WORLD_PATH_MAX + 32];

    assert_int_equal(loop_new(&w->home), OK);
    assert_int_equal(workers_new(w->home, 2, &w->workers), OK);
    snprintf(path, sizeof(path), "%s/catalogue.db", w->dir);
    assert_int_equal(store_open(path, &w->store), OK);
    start_news(w);
}

static void stop_client(struct world *w)
{
    workers_settle(w->workers); /* what they still have frees itself on its way home */
    world_run(w, 1);
    news_free(w->news);
    loop_thread_join(w->net);
    loop_free(w->net);
    workers_free(w->workers);
    store_close(w->store);
    loop_free(w->home);
}

void world_open(struct world *w)
{
    static const char base[] = "/tmp/usenetsync-flow-XXXXXX";
    struct newsd_options options = {.host = "127.0.0.1"};
    char spool[WORLD_PATH_MAX + 32];

    memset(w, 0, sizeof(*w));
    (void)signal(SIGPIPE, SIG_IGN);
    memcpy(w->dir, base, sizeof(base));
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->source, sizeof(w->source), "%.400s/source", w->dir);
    assert_int_equal(mkdir(w->source, 0755), 0);
    snprintf(spool, sizeof(spool), "%s/spool", w->dir);
    options.spool = spool;
    assert_int_equal(loop_new(&w->server), OK);
    assert_int_equal(newsd_start(w->server, &options, &w->newsd), OK);
    assert_int_equal(loop_thread_start(w->server, "newsd"), OK);
    start_client(w);
}

void world_restart(struct world *w)
{
    stop_client(w);
    start_client(w);
}

void world_close(struct world *w)
{
    stop_client(w);
    loop_thread_join(w->server);
    newsd_free(w->newsd);
    loop_free(w->server);
    (void)nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- running ---------------------------------------------------------------------------------- */

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

void world_run(struct world *w, unsigned ms)
{
    struct loop_timer *timer;

    assert_int_equal(loop_timer_new(w->home, stop_loop, w->home, &timer), OK);
    loop_timer_set(timer, ms);
    loop_run(w->home);
    loop_timer_free(timer);
}

static void on_event(void *arg, enum log_level level, const char *text)
{
    struct world *w = arg;

    (void)level;
    w->events++;
    w->watched += w->watch != NULL && strstr(text, w->watch) != NULL;
    snprintf(w->last_event, sizeof(w->last_event), "%.255s", text);
}

static void on_changed(void *arg, const struct progress *progress)
{
    struct world *w = arg;

    w->progress = *progress;
}

static struct progress_sink sink_of(struct world *w)
{
    return (struct progress_sink){on_changed, on_event, w};
}

void world_make_share(struct world *w)
{
    struct store_share share = {.title = "test", .created = 1};
    struct store_path path = {bytes_str(w->source), bytes_at("", 0)};
    struct share_keys keys;
    struct sealer *sealer;

    memset(share.write_seed, 7, sizeof(share.write_seed));
    memset(share.link_secret, 9, sizeof(share.link_secret));
    assert_int_equal(store_share_add(w->store, &share, &path, 1, &w->share), OK);
    assert_int_equal(sealer_new(&sealer), OK);
    assert_int_equal(seal_share_keys(sealer, share.write_seed, &keys), OK);
    assert_int_equal(seal_read_public(sealer, share.link_secret, keys.fp, w->key.read_secret), OK);
    memcpy(w->key.fingerprint, keys.fp, sizeof(w->key.fingerprint));
    sealer_free(sealer);
}

static void on_scanned(void *arg, enum err err, const struct store_scan_counts *counts)
{
    struct world *w = arg;

    w->err = err;
    if (counts != NULL) {
        w->scanned = *counts;
    }
    loop_stop(w->home);
}

enum err world_scan(struct world *w)
{
    struct index_options options = {
        .loop = w->home,
        .workers = w->workers,
        .store = w->store,
        .share = w->share,
        .sink = sink_of(w),
    };
    struct index *index;

    assert_int_equal(index_start(&options, on_scanned, w, &index), OK);
    loop_run(w->home);
    return w->err;
}

static void on_published(void *arg, enum err err, const struct publish_result *result)
{
    struct world *w = arg;

    w->err = err;
    w->published = *result;
    snprintf(w->text, sizeof(w->text), "%.255s", result->text);
    w->published.text = w->text;
    loop_stop(w->home);
}

void world_publish_begin(struct world *w, struct publish **publish)
{
    struct publish_options options = {
        .loop = w->home,
        .workers = w->workers,
        .store = w->store,
        .news = w->news,
        .share = w->share,
        .confirm_ms = {50, 100, 200},
        .read_back_ms = {50, 100, 200},
        .window_bytes = 24 << 20,
        .redundancy = w->redundancy,
        .volume_k = w->volume_k,
        .lost_batch = w->lost_batch,
        .early_batch = w->early_batch,
        .sink = sink_of(w),
    };

    memcpy(options.early_ms, w->early_ms, sizeof(options.early_ms));
    assert_int_equal(publish_start(&options, on_published, w, publish), OK);
}

enum err world_publish(struct world *w)
{
    struct publish *publish;

    world_publish_begin(w, &publish);
    loop_run(w->home);
    return w->err;
}

void world_share(struct world *w)
{
    assert_int_equal(world_scan(w), OK);
    if (world_publish(w) != OK) {
        fail_msg("publish: %s: %s", err_name(w->err), w->text);
    }
}

static void on_restored(void *arg, enum err err, const struct restore_result *result)
{
    struct world *w = arg;

    w->err = err;
    w->restored = *result;
    snprintf(w->text, sizeof(w->text), "%.255s", result->text == NULL ? "" : result->text);
    w->restored.text = w->text;
    loop_stop(w->home);
}

enum err world_restore(struct world *w, const char *name, const char *only)
{
    char target[WORLD_PATH_MAX + 64];
    struct bytes path = only != NULL ? bytes_str(only) : bytes_at(NULL, 0);
    struct restore_options options = {
        .env = {.loop = w->home,
            .workers = w->workers,
            .news = w->news,
            .store = w->remembers ? w->store : NULL,
            .sink = sink_of(w),
            .helper = "/proc/self/exe"},
        .version = w->version,
        .key = w->key,
        .only = &path,
        .only_count = only != NULL,
    };
    struct restore *restore;

    snprintf(target, sizeof(target), "%s/%s", w->dir, name);
    options.target = bytes_str(target);
    assert_int_equal(restore_start(&options, on_restored, w, &restore), OK);
    loop_run(w->home);
    return w->err;
}

/* --- files ------------------------------------------------------------------------------------ */

static void make_parents(char *path)
{
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
}

void world_file(struct world *w, const char *name, uint64_t len, unsigned seed)
{
    static const char words[] = "the same words again and again, ";
    char path[2 * WORLD_PATH_MAX];
    uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", w->source, name);
    make_parents(path);
    file = fopen(path, "wb");
    assert_non_null(file);
    for (uint64_t i = 0; i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        putc(seed == 0 ? words[i % (sizeof(words) - 1)] : (int)(state & 0xff), file);
    }
    assert_int_equal(fclose(file), 0);
}

int world_same(struct world *w, const char *a, const char *b)
{
    char command[4 * WORLD_PATH_MAX];

    snprintf(command, sizeof(command), shell_same, w->dir, a, b, a, b, a, b);
    /* NOLINTNEXTLINE(cert-env33-c): the shell is the plainest way to look at whole trees */
    return system(command) == 0;
}

static struct {
    void (*each)(void *arg, const char *path);
    void *arg;
    size_t count;
} walk;

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)ftw;
    if (type == FTW_F && st->st_size > 700000) {
        walk.count++;
        if (walk.each != NULL) {
            walk.each(walk.arg, path);
        }
    }
    return 0;
}

size_t world_articles(struct world *w, void (*each)(void *arg, const char *path), void *arg)
{
    char spool[WORLD_PATH_MAX + 32];

    walk.each = each;
    walk.arg = arg;
    walk.count = 0;
    snprintf(spool, sizeof(spool), "%s/spool", w->dir);
    (void)nftw(spool, visit, 16, FTW_PHYS);
    return walk.count;
}

/* --- for cmocka ------------------------------------------------------------------------------- */

int world_setup(void **state)
{
    struct world *w = malloc(sizeof(*w));

    assert_non_null(w);
    world_open(w);
    world_make_share(w);
    *state = w;
    return 0;
}

int world_teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}
