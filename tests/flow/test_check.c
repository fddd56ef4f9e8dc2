/* Checks of a share: what is there is said to be there, what was taken away is found, and what that
 * means for volumes and files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/check/share_check.h"
#include "loss.h"

enum { VOLUMES_MAX = 16, FILES_MAX = 64, BIG_BLOCKS = 20, NAMES = 7000 };

/* What a check said. */
struct said {
    struct world *w;
    enum err err;
    struct share_check_result result;
    struct check_volume volumes[VOLUMES_MAX];
    size_t volume_count;
    char files[FILES_MAX][256];
    size_t file_count;
};

static void on_volume(void *arg, const struct check_volume *volume)
{
    struct said *s = arg;

    assert_true(s->volume_count < VOLUMES_MAX);
    s->volumes[s->volume_count++] = *volume;
}

static void on_file(void *arg, struct bytes path, uint64_t size)
{
    struct said *s = arg;

    assert_true(s->file_count < FILES_MAX && size > 0);
    snprintf(s->files[s->file_count++], 256, "%.*s", (int)path.len, (const char *)path.ptr);
}

static void on_done(void *arg, enum err err, const struct share_check_result *result)
{
    struct said *s = arg;

    s->err = err;
    s->result = *result;
    loop_stop(s->w->home);
}

static struct share_check *begin(struct said *s, struct world *w, enum check_depth depth)
{
    struct share_check_options options = {
        .env = {.loop = w->home, .workers = w->workers, .news = w->news},
        .key = w->key,
        .depth = depth,
    };
    struct share_check_listener listener = {on_volume, on_file, on_done, s};
    struct share_check *check;

    memset(s, 0, sizeof(*s));
    s->w = w;
    assert_int_equal(share_check_start(&options, &listener, &check), OK);
    return check;
}

static void check(struct said *s, struct world *w, enum check_depth depth)
{
    (void)begin(s, w, depth);
    loop_run(w->home);
}

static const struct check_volume *volume_in(const struct said *s, uint32_t number)
{
    for (size_t i = 0; i < s->volume_count; i++) {
        if (s->volumes[i].number == number) {
            return &s->volumes[i];
        }
    }
    fail_msg("volume %u was not checked", (unsigned)number);
    return NULL;
}

static bool names(const struct said *s, const char *file)
{
    for (size_t i = 0; i < s->file_count; i++) {
        if (strcmp(s->files[i], file) == 0) {
            return true;
        }
    }
    return false;
}

/* One data volume; "big" fills most of its segments, one each. */
static struct loss_volume share_big(struct world *w)
{
    world_file(w, "big", BIG_BLOCKS * (uint64_t)PAYLOAD_LEN, 5);
    world_file(w, "sub/small", 3000, 6);
    world_file(w, "sub/other", 5000, 7);
    world_share(w);
    return loss_volume(w, STORE_VOLUME_DATA, 0);
}

static void a_whole_share(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;

    for (int depth = CHECK_BY_NAME; depth <= CHECK_DEEP; depth++) {
        check(&said, w, (enum check_depth)depth);
        assert_int_equal(said.err, OK);
        assert_int_equal(said.result.verdict, CHECK_WHOLE);
        assert_int_equal(said.result.version, 1);
        assert_int_equal(said.result.head.missing, 0);
        assert_int_equal(said.result.head.by_version, 7);
        assert_int_equal(said.result.head.by_day, 7);
        assert_int_equal(said.result.volumes, said.volume_count);
        assert_int_equal(volume_in(&said, v.number)->k, v.k);
        assert_int_equal(volume_in(&said, v.number)->m, v.m);
        assert_int_equal(said.result.articles, world_articles(w, NULL, NULL) - 6);
        assert_int_equal(said.result.missing_data + said.result.missing_parity, 0);
        assert_true(said.result.files_known);
    }
}

/* Everything of version 1 rides in its head. */
static void a_share_in_its_head(void **state)
{
    struct world *w = *state;
    struct said said;

    world_file(w, "a", 100, 5);
    world_share(w);
    check(&said, w, CHECK_DEEP);
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.verdict, CHECK_WHOLE);
    assert_int_equal(said.volume_count, 0);
    loss_take_head(w, 1, 1);
    check(&said, w, CHECK_BY_NAME);
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.verdict, CHECK_REPAIRABLE);
    assert_int_equal(said.result.head.by_version, 5);
    assert_int_equal(said.result.head.missing, 1);
}

static void as_much_as_parity_makes_good(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    const struct check_volume *found;
    struct said said;

    assert_true(v.m >= 3);
    for (uint32_t i = 0; i + 1 < v.m; i++) {
        loss_take(w, v.number, 2 * i, LOSS_GONE);
    }
    loss_take(w, v.number, v.k + 1, LOSS_GONE);
    check(&said, w, CHECK_BY_NAME);
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.verdict, CHECK_REPAIRABLE);
    assert_int_equal(said.result.repairable, 1);
    found = volume_in(&said, v.number);
    assert_int_equal(found->verdict, CHECK_REPAIRABLE);
    assert_int_equal(found->missing_data, v.m - 1);
    assert_int_equal(found->missing_parity, 1);
    assert_int_equal(said.file_count, 0);

    loss_take(w, v.number, v.k, LOSS_GONE); /* one too many */
    check(&said, w, CHECK_BY_NAME);
    assert_int_equal(said.result.verdict, CHECK_LOST);
    assert_int_equal(said.result.lost, 1);
    assert_int_equal(said.result.missing_data, v.m - 1);
    assert_int_equal(said.result.missing_parity, 2);
    assert_true(names(&said, "big"));
    assert_int_equal(said.result.lost_files, said.file_count);
}

/* Where blocks and packs lie is up to publishing: find out which segments "big" has. */
static void files_beside_lost_places_are_not_lost(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    struct said said;
    unsigned big = 0, small = 0;

    for (uint32_t j = 0; j < v.m; j++) {
        loss_take(w, v.number, v.k + j, LOSS_GONE);
    }
    check(&said, w, CHECK_BY_NAME);
    assert_int_equal(said.result.verdict, CHECK_REPAIRABLE);
    loss_take(w, v.number, 0, LOSS_GONE);
    check(&said, w, CHECK_BY_NAME);
    assert_int_equal(said.result.verdict, CHECK_LOST);
    assert_true(said.file_count > 0 && said.file_count < 3);
    big += names(&said, "big");
    small += names(&said, "sub/small");
    loss_take(w, v.number, v.k - 1, LOSS_GONE);
    check(&said, w, CHECK_BY_NAME);
    big += names(&said, "big");
    small += names(&said, "sub/small");
    assert_true(big > 0 && big + small > 1);
}

static void what_arrives_damaged_is_found_by_fetching(void **state)
{
    struct world *w = *state;
    struct loss_volume v = share_big(w);
    const struct check_volume *found;
    struct said said;

    assert_true(v.m >= 3);
    loss_take(w, v.number, 3, LOSS_DAMAGED);
    loss_take(w, v.number, v.k + 2, LOSS_DAMAGED);
    loss_take(w, v.number, 4, LOSS_GONE);
    check(&said, w, CHECK_BY_NAME);
    found = volume_in(&said, v.number);
    assert_int_equal(found->missing_data, 1);
    assert_int_equal(found->damaged, 0);
    check(&said, w, CHECK_DEEP);
    assert_int_equal(said.result.verdict, CHECK_REPAIRABLE);
    found = volume_in(&said, v.number);
    assert_int_equal(found->missing_data, 2);
    assert_int_equal(found->missing_parity, 1);
    assert_int_equal(found->damaged, 2);
    assert_int_equal(said.result.damaged, 2);
}

/* So many names that the listing does not fit into the head. */
static void share_listing(struct world *w)
{
    char name[256];

    for (unsigned i = 0; i < NAMES; i++) {
        size_t len = (size_t)snprintf(name, sizeof(name), "%u-", i);
        uint64_t x = i * UINT64_C(0x9e3779b97f4a7c15) + 1;

        while (len < 240) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            name[len++] =
                "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[x & 63];
        }
        name[len] = '\0';
        world_file(w, name, 0, 1);
    }
    world_share(w);
}

static void a_lost_listing(void **state)
{
    struct world *w = *state;
    struct loss_volume v;
    struct said said;

    world_file(w, "big", 3 * (uint64_t)PAYLOAD_LEN, 9);
    share_listing(w);
    v = loss_volume(w, STORE_VOLUME_META, 0);
    check(&said, w, CHECK_BY_NAME);
    assert_int_equal(said.result.verdict, CHECK_WHOLE);
    assert_int_equal(volume_in(&said, v.number)->kind, CHECK_META);
    for (uint32_t i = 0; i < v.k + v.m; i++) {
        loss_take(w, v.number, i, LOSS_GONE);
    }
    check(&said, w, CHECK_BY_NAME);
    assert_int_equal(said.err, OK);
    assert_int_equal(said.result.verdict, CHECK_LOST);
    assert_int_equal(volume_in(&said, v.number)->verdict, CHECK_LOST);
    assert_int_equal(volume_in(&said, v.number)->missing_data, v.k);
    assert_int_equal(said.result.unread_tables, 1); /* where the data volumes are listed */
}

static void a_server_that_is_away(void **state)
{
    struct world *w = *state;
    struct said said;

    (void)share_big(w);
    world_use_port(w, 1);
    check(&said, w, CHECK_BY_NAME);
    assert_int_not_equal(said.err, OK);
    assert_int_not_equal(said.err, ERR_SHARE_NOT_FOUND);
    assert_int_equal(said.volume_count, 0);
    world_use_port(w, newsd_port(w->newsd));
}

/* Broken off anywhere: what workers and servers still have goes by itself. */
static void cancelled(void **state)
{
    struct world *w = *state;
    struct said said;

    (void)share_big(w);
    for (unsigned ms = 0; ms < 60; ms += 3) {
        struct share_check *c = begin(&said, w, ms % 2 == 0 ? CHECK_DEEP : CHECK_BY_NAME);

        world_run(w, ms);
        if (said.result.version == 0) { /* else it was done before */
            share_check_cancel(c);
        }
    }
    check(&said, w, CHECK_DEEP);
    assert_int_equal(said.result.verdict, CHECK_WHOLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_whole_share),
        TEST(a_share_in_its_head),
        TEST(as_much_as_parity_makes_good),
        TEST(files_beside_lost_places_are_not_lost),
        TEST(what_arrives_damaged_is_found_by_fetching),
        TEST(a_lost_listing),
        TEST(a_server_that_is_away),
        TEST(cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
