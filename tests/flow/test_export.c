/* Exports: files that hold the sealed segments, PAR2 files that fit them, and runs that go on where
 * the last one ended. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/check/share_export.h"
#include "flow/par2files/par2files.h"
#include "loss.h"

enum { BIG_BLOCKS = 20, TEXT_MAX = 4096 };

/* What an export said. */
struct said {
    struct world *w;
    enum err err;
    struct share_export_result result;
    char text[256];
    bool over;
};

static void on_done(void *arg, enum err err, const struct share_export_result *result)
{
    struct said *s = arg;

    s->err = err;
    s->result = *result;
    snprintf(s->text, sizeof(s->text), "%s", result->text);
    s->over = true;
    loop_stop(s->w->home);
}

static struct share_export *begin(struct said *s, struct world *w, const char *name)
{
    char target[WORLD_PATH_MAX + 64];
    struct share_export_options options = {
        .env = {.loop = w->home, .workers = w->workers, .news = w->news},
        .key = w->key,
    };
    struct share_export *e;

    snprintf(target, sizeof(target), "%s/%s", w->dir, name);
    options.target = bytes_str(target);
    memset(s, 0, sizeof(*s));
    s->w = w;
    assert_int_equal(share_export_start(&options, on_done, s, &e), OK);
    return e;
}

static void run(struct said *s, struct world *w, const char *name)
{
    (void)begin(s, w, name);
    loop_run(w->home);
}

static void path_in(struct world *w, const char *folder, const char *name, char path[TEXT_MAX])
{
    snprintf(path, TEXT_MAX, "%s/%s/%s", w->dir, folder, name);
}

static bool is_there(struct world *w, const char *folder, const char *name)
{
    char path[TEXT_MAX];
    struct stat st;

    path_in(w, folder, name, path);
    return stat(path, &st) == 0;
}

/* What our own PAR2 says of the files of a volume. */
static enum par2files_state verify(struct world *w, const char *folder, const struct loss_volume *v,
    struct par2files_report *report)
{
    char base[TEXT_MAX], index[TEXT_MAX], slices[TEXT_MAX], name[64];
    const char *par2s[] = {index, slices};
    struct par2files_check check = {
        .place = {.base = base, .folder = base, .mode = 0644},
        .action = PAR2FILES_VERIFY,
        .par2s = par2s,
        .par2_count = 2,
    };

    snprintf(base, sizeof(base), "%s/%s", w->dir, folder);
    snprintf(name, sizeof(name), "volume-%06u.par2", (unsigned)v->number);
    path_in(w, folder, name, index);
    snprintf(name, sizeof(name), "volume-%06u.vol%s+%u.par2", (unsigned)v->number,
        v->m < 10 ? "0" : "00", (unsigned)v->m);
    path_in(w, folder, name, slices);
    assert_int_equal(par2files_check(&check, report), OK);
    return report->state;
}

static void assert_intact(struct world *w, const char *folder, const struct loss_volume *v)
{
    struct par2files_report report;

    assert_int_equal(verify(w, folder, v, &report), PAR2FILES_INTACT);
    assert_int_equal(report.files, 1);
    assert_int_equal(report.slices, v->k);
    assert_int_equal(report.recovery_found, v->m);
}

static struct loss_volume share_big(struct world *w)
{
    world_file(w, "big", BIG_BLOCKS * (uint64_t)PAYLOAD_LEN, 5);
    world_file(w, "sub/small", 3000, 6);
    world_share(w);
    return loss_volume(w, STORE_VOLUME_DATA, 0);
}

static void same_files(struct world *w, const char *a, const char *b)
{
    char command[2 * TEXT_MAX];

    snprintf(command, sizeof(command), "cd '%s' && diff -r '%s' '%s' >&2", w->dir, a, b);
    /* NOLINTNEXTLINE(cert-env33-c): the shell is the plainest way to compare folders */
    assert_int_equal(system(command), 0);
}

static void a_whole_share(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;

    run(&said, w, "out");
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.version, 1);
    assert_int_equal(said.result.volumes, said.result.complete);
    assert_int_equal(said.result.articles, v.k); /* parity is reckoned, not fetched */
    assert_int_equal(said.result.bytes, (uint64_t)v.k * SEGMENT_LEN);
    assert_intact(w, "out", &v);

    run(&said, w, "out"); /* again: nothing is fetched */
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.found, 1);
    assert_int_equal(said.result.articles, 0);
    assert_intact(w, "out", &v);
}

/* Parity from the network repairs what the network lost; the files are the same, so the recovery
 * slices in them are the share's own. */
static void what_is_lost_is_repaired(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;

    run(&said, w, "whole");
    assert_int_equal(said.err, OK);
    assert_true(v.m >= 4 && v.k > 2 * v.m);
    for (uint32_t i = 0; i + 2 < v.m; i++) {
        loss_take(w, v.number, 2 * i + 1, i % 2 == 0 ? LOSS_GONE : LOSS_DAMAGED);
    }
    loss_take(w, v.number, v.k, LOSS_GONE);
    loss_take(w, v.number, v.k + 2, LOSS_DAMAGED);
    run(&said, w, "out");
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.repaired, v.m - 2);
    assert_int_equal(said.result.lost, 0);
    assert_intact(w, "out", &v);
    same_files(w, "whole", "out");
}

static void more_is_lost_than_parity_makes_good(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;
    char name[128];

    for (uint32_t i = 0; i <= v.m; i++) {
        loss_take(w, v.number, i, LOSS_GONE);
    }
    run(&said, w, "out");
    assert_int_equal(said.err, ERR_ARTICLES_LOST);
    assert_int_equal(said.result.incomplete, 1);
    assert_int_equal(said.result.complete, 0);
    assert_int_equal(said.result.lost, v.m + 1);
    snprintf(name, sizeof(name), "volume-%06u.sealed", (unsigned)v.number);
    assert_false(is_there(w, "out", name));
    snprintf(name, sizeof(name), "volume-%06u.sealed.incomplete", (unsigned)v.number);
    assert_true(is_there(w, "out", name));
    snprintf(name, sizeof(name), "volume-%06u.par2", (unsigned)v.number);
    assert_false(is_there(w, "out", name));

    run(&said, w, "out"); /* what is there is not fetched again */
    assert_int_equal(said.err, ERR_ARTICLES_LOST);
    assert_int_equal(said.result.articles, 0);
}

/* A byte of the file becomes another one; the .par2 files stay. */
static void damage(struct world *w, const char *name, long at)
{
    char path[TEXT_MAX];
    FILE *file;
    int byte;

    path_in(w, "out", name, path);
    file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    byte = getc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    putc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

static void damaged_files_are_made_whole(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;
    char name[64];

    run(&said, w, "out");
    snprintf(name, sizeof(name), "volume-%06u.sealed", (unsigned)v.number);
    damage(w, name, 3 * (long)SEGMENT_LEN + 5);
    damage(w, name, 7 * (long)SEGMENT_LEN);
    run(&said, w, "out");
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.articles, 2);
    assert_intact(w, "out", &v);

    snprintf(name, sizeof(name), "volume-%06u.par2", (unsigned)v.number);
    damage(w, name, 70);
    run(&said, w, "out");
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.articles, 0);
    assert_intact(w, "out", &v);
}

/* Not ours: it is not touched. */
static void another_file_of_this_name(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;
    char name[64], path[TEXT_MAX];
    struct stat st;
    FILE *file;

    snprintf(path, sizeof(path), "%s/out", w->dir);
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(name, sizeof(name), "volume-%06u.sealed", (unsigned)v.number);
    path_in(w, "out", name, path);
    file = fopen(path, "wb");
    assert_non_null(file);
    fputs("somebody else's", file);
    assert_int_equal(fclose(file), 0);
    run(&said, w, "out");
    assert_int_equal(said.err, ERR_EXISTS);
    assert_non_null(strstr(said.text, name));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 15);
}

/* Broken off anywhere: a later run goes on. */
static void broken_off(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;
    unsigned ms = 1;

    do {
        struct share_export *e = begin(&said, w, "out");

        world_run(w, ms);
        if (!said.over) {
            share_export_cancel(e);
        }
        ms += 7;
    } while (!said.over);
    assert_int_equal(said.err, OK);
    assert_intact(w, "out", &v);
    run(&said, w, "fresh");
    same_files(w, "fresh", "out");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_whole_share),
        TEST(what_is_lost_is_repaired),
        TEST(more_is_lost_than_parity_makes_good),
        TEST(damaged_files_are_made_whole),
        TEST(another_file_of_this_name),
        TEST(broken_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
