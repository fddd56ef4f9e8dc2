/* A share whose catalogue was lost is taken over by its keys: the next publish goes on from there
 * and posts only what is new. */
#include "flow/restore/adopt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#include "base/ids.h"
#include "flow/publish/parity_count.h"
#include "io/store/store_volume.h"

#define BLOCK ((uint64_t)PAYLOAD_LEN)

/* Articles of a volume that needs but one, for data or for pages. */
#define ONE_SEGMENT (1 + parity_count(STORE_VOLUME_META, 1, 0))

static struct adopt_result adopted;

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

/* What a new catalogue would know: the same keys and path, and nothing else. */
static void lose_catalogue(struct world *w)
{
    struct store_share share;
    struct store_path path = {bytes_str(w->source), bytes_at("", 0)};

    assert_int_equal(store_share_get(w->store, w->share, &share), OK);
    share.title[0] = '\0';
    share.adopting = true;
    assert_int_equal(store_share_add(w->store, &share, &path, 1, &w->share), OK);
}

static void on_adopted(void *arg, enum err err, const struct adopt_result *result)
{
    struct world *w = arg;

    w->err = err;
    adopted = *result;
    loop_stop(w->home);
}

static struct adopt *begin(struct world *w)
{
    struct adopt *adopt = NULL;

    assert_int_equal(adopt_start(
                         &(struct adopt_options){
                             .env = {.loop = w->home, .workers = w->workers, .news = w->news},
                             .store = w->store,
                             .share = w->share,
                             .key = w->key,
                         },
                         on_adopted, w, &adopt),
        OK);
    return adopt;
}

static enum err take_over(struct world *w)
{
    (void)begin(w);
    loop_run(w->home);
    return w->err;
}

static void make_source(struct world *w, unsigned files)
{
    char name[64];

    world_file(w, "big", 5 * BLOCK + 77, 1);
    world_file(w, "text", 2 * BLOCK, 0); /* shrinks: items, no two the same */
    world_file(w, "empty", 0, 1);
    for (unsigned i = 0; i < files; i++) {
        (void)snprintf(name, sizeof(name), "d%u/f%u", i % 9, i);
        world_file(w, name, 9 + i * 37 % 3000, i + 10);
    }
}

/* Names that do not shrink: so many that the listing cannot ride in the head. */
static void make_long_names(struct world *w, unsigned files)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t state = 88172645463325252ULL;
    char name[256];

    for (unsigned i = 0; i < files; i++) {
        memcpy(name, "long/", 5);
        for (size_t at = 5; at < 245; at++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            name[at] = letters[state & 63];
        }
        name[245] = '\0';
        world_file(w, name, 9 + i % 7, i + 1);
    }
}

static void check_next(struct world *w, uint64_t version, uint64_t articles_max)
{
    struct store_share share;

    world_share(w);
    if (w->published.articles > articles_max) {
        fail_msg("%llu articles, not %llu", (unsigned long long)w->published.articles,
            (unsigned long long)articles_max);
    }
    assert_int_equal(w->published.version, version);
    assert_int_equal(store_share_get(w->store, w->share, &share), OK);
    assert_int_equal(share.version, version);
    assert_false(share.adopting);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_int_equal(w->restored.version, version);
    assert_true(world_same(w, "source", "target"));
}

static void the_next_version_posts_only_a_head(void **state)
{
    struct world *w = *state;
    struct store_share share;

    make_source(w, 400);
    world_share(w);
    world_file(w, "big", 6 * BLOCK, 2);
    world_share(w);
    lose_catalogue(w);
    assert_int_equal(take_over(w), OK);
    assert_int_equal(adopted.version, 2);
    assert_int_equal(adopted.files, 403);
    assert_true(adopted.items > 400);
    assert_true(adopted.articles >= 12);
    assert_int_equal(store_share_get(w->store, w->share, &share), OK);
    assert_string_equal(share.title, "test");
    assert_int_equal(share.version, 2);
    assert_false(share.adopting);
    world_share(w); /* nothing has changed: no new version */
    assert_true(w->published.unchanged);
    assert_int_equal(w->published.version, 2);
    assert_int_equal(w->published.articles, 0);
    world_file(w, "d1/new", 10, 9);
    check_next(w, 3, 6);
}

/* The listing lies in volumes of its own, older ones among them, and the lists of extents too. */
static void a_long_listing_is_taken_over(void **state)
{
    struct world *w = *state;

    make_source(w, 30);
    make_long_names(w, 4600);
    world_share(w);
    lose_catalogue(w);
    assert_int_equal(take_over(w), OK);
    assert_int_equal(adopted.volumes, 2);
    assert_int_equal(adopted.files, 3 + 30 + 4600);
    assert_true(adopted.items > 4600);
    world_share(w); /* read again, and found to be what is there */
    assert_true(w->published.unchanged);
    assert_int_equal(w->published.version, 1);
    assert_int_equal(w->published.articles, 0);
    world_file(w, "d1/new", 5000, 3);
    world_share(w);
    lose_catalogue(w);
    assert_int_equal(take_over(w), OK);
    assert_int_equal(adopted.version, 2);
    assert_int_equal(adopted.volumes, 2);  /* the new file and its pages rode in the head ... */
    check_next(w, 3, 6 + 2 * ONE_SEGMENT); /* ... now they are sent */
}

/* Everything rode in the head: nothing but the head is known, and that is enough. */
static void what_rode_in_the_head_rides_again(void **state)
{
    struct world *w = *state;

    world_file(w, "small", 100, 1);
    world_share(w);
    lose_catalogue(w);
    assert_int_equal(take_over(w), OK);
    assert_int_equal(adopted.volumes, 0);
    world_share(w); /* it has no folder that could get a new number: even the listing is the same */
    assert_true(w->published.unchanged);
    assert_int_equal(w->published.articles, 0);
    world_file(w, "small", 101, 1);
    check_next(w, 2, 6);
}

static void broken_off_anywhere_it_goes_on(void **state)
{
    struct world *w = *state;
    unsigned cut = 0;

    make_source(w, 900);
    world_share(w);
    lose_catalogue(w);
    w->err = ERR_CANCELLED;
    for (unsigned ms = 1; w->err == ERR_CANCELLED; ms += 3) {
        struct adopt *adopt = begin(w);

        world_run(w, ms);
        if (w->err == ERR_CANCELLED) {
            adopt_cancel(adopt);
            cut++;
        }
    }
    assert_int_equal(w->err, OK);
    assert_true(cut > 2);
    world_file(w, "d1/new", 10, 9);
    check_next(w, 2, 6 + ONE_SEGMENT);
}

static void without_a_head_it_says_so(void **state)
{
    struct world *w = *state;
    struct store_share share;

    lose_catalogue(w);
    assert_int_equal(take_over(w), ERR_SHARE_NOT_FOUND);
    assert_int_equal(store_share_get(w->store, w->share, &share), OK);
    assert_true(share.adopting);
    assert_int_equal(share.version, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_next_version_posts_only_a_head),
        TEST(a_long_listing_is_taken_over),
        TEST(what_rode_in_the_head_rides_again),
        TEST(broken_off_anywhere_it_goes_on),
        TEST(without_a_head_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
