/* What a share's volumes have on the server: k + m articles, each under its name, each right; and
 * the parity is the recovery slices of what the data articles carry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refuser.h"
#include "world.h"

#include "codec/manifest/volume_table.h"
#include "codec/par2/par2_encoder.h"
#include "codec/seal/seal_names.h"
#include "codec/seal/seal_segment.h"
#include "codec/yenc/yenc.h"
#include "flow/publish/out_volume.h"
#include "flow/publish/parity_count.h"
#include "io/store/store_volume.h"

enum { VOLUMES_MAX = 16, HEAD_COPIES = 6, BLOCK = PAYLOAD_LEN };

/* A row of the catalogue, kept. */
struct kept {
    struct store_volume row;
    struct buf states, cids, exceptions;
};

struct look {
    struct world *w;
    struct sealer *sealer;
    struct kept volumes[VOLUMES_MAX];
    size_t count;
    uint64_t articles; /* of all volumes */
    uint32_t attempts; /* places that are not under attempt 0 */
    /* the volume looked at */
    struct volume_entry entry;
    struct volume_keys keys;
    uint8_t **segments; /* raw bytes of its k + m articles, no mask */
    /* the article being fetched */
    struct buf body;
    enum err err;
};

static enum err keep(void *arg, const struct store_volume *volume)
{
    struct look *l = arg;
    struct kept *kept = &l->volumes[l->count++];

    assert_true(l->count <= VOLUMES_MAX);
    kept->row = *volume;
    assert_int_equal(buf_append(&kept->states, volume->states), OK);
    assert_int_equal(buf_append(&kept->cids, volume->cids), OK);
    return buf_append(&kept->exceptions, volume->exceptions);
}

static void look_open(struct look *l, struct world *w)
{
    *l = (struct look){.w = w};
    assert_int_equal(sealer_new(&l->sealer), OK);
    assert_int_equal(store_volume_after(w->store, w->share, 0, VOLUMES_MAX, keep, l), OK);
}

static void look_close(struct look *l)
{
    for (size_t i = 0; i < l->count; i++) {
        buf_clear(&l->volumes[i].states);
        buf_clear(&l->volumes[i].cids);
        buf_clear(&l->volumes[i].exceptions);
    }
    buf_clear(&l->body);
    sealer_free(l->sealer);
}

static void on_body(void *arg, const struct news_result *result, struct buf *body)
{
    struct look *l = arg;

    l->err = result->err;
    buf_clear(&l->body);
    l->body = *body;
    *body = (struct buf){0};
    loop_stop(l->w->home);
}

static void fetch(struct look *l, const struct seal_place *place, uint8_t *raw)
{
    struct seal_names names;
    struct news_op *op;
    size_t len;

    assert_int_equal(seal_segment_names(l->sealer, &l->keys, place, &names), OK);
    assert_int_equal(news_fetch_start(l->w->news, &names.id, on_body, l, &op), OK);
    loop_run(l->w->home);
    assert_int_equal(l->err, OK);
    assert_int_equal(yenc_decode(buf_view(&l->body), raw, SEGMENT_LEN, &len), OK);
    assert_int_equal(len, SEGMENT_LEN);
}

static void check_article(struct look *l, const struct kept *v, uint32_t index)
{
    enum seal_kind kind = index < v->row.k ? SEAL_KIND_DATA : SEAL_KIND_PARITY;
    struct seal_place place = {
        volume_cid_at(buf_view(&v->cids), index), index, volume_attempt_of(&l->entry, index)};
    uint8_t *raw = l->segments[index];

    assert_int_not_equal(v->states.ptr[index / 4] >> 2 * (index % 4) & 3, STORE_PLANNED);
    l->attempts += place.attempt > 0;
    fetch(l, &place, raw);
    if (seal_needs_mask(kind, place.attempt)) {
        assert_int_equal(seal_mask(l->sealer, &l->keys, &place, raw), OK);
    }
    if (kind == SEAL_KIND_PARITY) {
        assert_int_equal(seal_check_parity(l->sealer, &l->keys, &place, raw), OK);
    } else {
        uint8_t *payload = malloc(SEGMENT_LEN);

        assert_non_null(payload);
        assert_int_equal(seal_open(l->sealer, &l->keys, &place, raw, payload), OK);
        free(payload);
    }
}

/* What was fetched as parity must be what an encoder makes of what was fetched as data. */
static void check_slices(const struct look *l, uint32_t k, uint32_t m)
{
    struct par2_shape shape = {.input_count = k, .exponent_count = m};
    uint8_t **want = calloc(m, sizeof(*want));
    struct par2_columns columns = {
        .in = (const uint8_t *const *)l->segments, .out = want, .to = SEGMENT_LEN};
    struct par2_encoder *encoder;

    assert_non_null(want);
    for (uint32_t j = 0; j < m; j++) {
        want[j] = calloc(1, SEGMENT_LEN);
        assert_non_null(want[j]);
    }
    assert_int_equal(par2_encoder_new(&shape, &encoder), OK);
    columns.work = malloc(par2_encoder_work(encoder));
    assert_non_null(columns.work);
    par2_encoder_add(encoder, &columns);
    for (uint32_t j = 0; j < m; j++) {
        assert_memory_equal(want[j], l->segments[k + j], SEGMENT_LEN);
        free(want[j]);
    }
    free(columns.work);
    par2_encoder_free(encoder);
    free(want);
}

static void check_volume(struct look *l, const struct kept *v)
{
    uint32_t count = v->row.k + v->row.m;
    struct share_keys keys;
    struct store_share share;

    assert_int_equal(v->row.state, STORE_VOLUME_LIVE);
    assert_int_equal(v->row.m, parity_count(v->row.kind, v->row.k, l->w->redundancy));
    l->articles += count;
    l->entry = (struct volume_entry){0};
    assert_int_equal(out_volume_split_exceptions(
                         buf_view(&v->exceptions), &l->entry.attempts, &l->entry.changed),
        OK);
    assert_int_equal(store_share_get(l->w->store, l->w->share, &share), OK);
    assert_int_equal(seal_share_keys(l->sealer, share.write_seed, &keys), OK);
    assert_int_equal(seal_volume_keys(l->sealer, v->row.key, keys.ck, &l->keys), OK);
    l->segments = calloc(count, sizeof(*l->segments));
    assert_non_null(l->segments);
    for (uint32_t i = 0; i < count; i++) {
        l->segments[i] = malloc(SEGMENT_LEN);
        assert_non_null(l->segments[i]);
        check_article(l, v, i);
    }
    check_slices(l, v->row.k, v->row.m);
    for (uint32_t i = 0; i < count; i++) {
        free(l->segments[i]);
    }
    free(l->segments);
}

static void check_restored(struct world *w)
{
    if (world_restore(w, "target", NULL) != OK) {
        fail_msg("restore: %s: %s; %s", err_name(w->err), w->text, w->last_event);
    }
    assert_true(world_same(w, "source", "target"));
}

/* Everything on the server is what it should be; *l stays open. */
static void check_server(struct look *l, struct world *w)
{
    look_open(l, w);
    for (size_t i = 0; i < l->count; i++) {
        check_volume(l, &l->volumes[i]);
    }
    check_restored(w);
}

/* Names that do not shrink, so that the listing does not fit the head. */
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
        world_file(w, name, 0, 1);
    }
}

static void data_and_listing_have_their_parity(void **state)
{
    struct world *w = *state;
    struct look l;

    world_file(w, "random", 11 * (uint64_t)BLOCK + 5, 1);
    world_file(w, "text", 3 * (uint64_t)BLOCK, 0);
    make_long_names(w, 4600);
    world_share(w);
    check_server(&l, w);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.volumes[0].row.kind, STORE_VOLUME_DATA);
    assert_int_equal(l.volumes[1].row.kind, STORE_VOLUME_META);
    assert_int_equal(world_articles(w, NULL, NULL), l.articles + HEAD_COPIES);
    assert_int_equal(w->published.articles, l.articles + HEAD_COPIES);
    look_close(&l);
}

/* Small volumes, one after the other, packs and blocks mixed: every one is full but the last. */
static void volumes_follow_each_other(void **state)
{
    struct world *w = *state;
    struct look l;
    char name[64];

    w->volume_k = 7;
    for (unsigned i = 0; i < 9; i++) {
        (void)snprintf(name, sizeof(name), "%u/random", i);
        world_file(w, name, (i % 4) * (uint64_t)BLOCK + 200000, i + 1);
        (void)snprintf(name, sizeof(name), "%u/text", i);
        world_file(w, name, 2 * (uint64_t)BLOCK + i, 0);
        (void)snprintf(name, sizeof(name), "%u/more", i);
        world_file(w, name, 600000, i + 100);
    }
    world_share(w);
    check_server(&l, w);
    assert_true(l.count >= 4);
    for (size_t i = 0; i + 1 < l.count; i++) {
        assert_int_equal(l.volumes[i].row.k, 7);
    }
    assert_int_equal(world_articles(w, NULL, NULL), l.articles + HEAD_COPIES);
    look_close(&l);
}

/* The next version's volumes get theirs, the older ones keep what they have. */
static void the_next_version_adds_a_volume(void **state)
{
    struct world *w = *state;
    struct look l;

    world_file(w, "a", 3 * (uint64_t)BLOCK, 1);
    world_share(w);
    world_file(w, "b", 2 * (uint64_t)BLOCK, 2);
    world_share(w);
    assert_int_equal(
        w->published.articles, 2 + parity_count(STORE_VOLUME_DATA, 2, 0) + HEAD_COPIES - 3);
    check_server(&l, w); /* the day's places of the head were taken */
    assert_int_equal(l.count, 2);
    look_close(&l);
}

static void redundancy_says_how_many(void **state)
{
    struct world *w = *state;
    uint64_t articles[3];

    for (unsigned i = 0; i < 3; i++) {
        struct look l;

        w->redundancy = 5 + 5 * i;
        world_file(w, "random", 20 * (uint64_t)BLOCK, i + 1);
        world_share(w);
        look_open(&l, w);
        check_volume(&l, &l.volumes[l.count - 1]);
        articles[i] = l.articles;
        look_close(&l);
    }
    assert_true(articles[0] < articles[1] && articles[1] < articles[2]);
}

/* Cut off at many moments, it ends with the same: of each volume all parity, whoever made it. */
static void cut_off_anywhere_it_ends_with_parity(void **state)
{
    struct world *w = *state;
    struct publish *publish;
    struct look l;
    unsigned cut = 0;

    w->volume_k = 9;
    world_file(w, "a", 20 * (uint64_t)BLOCK + 1000, 1);
    world_file(w, "b", 3 * (uint64_t)BLOCK, 0);
    world_file(w, "c", 14 * (uint64_t)BLOCK, 2);
    assert_int_equal(world_scan(w), OK);
    w->err = ERR_COUNT;
    for (unsigned ms = 10; w->err == ERR_COUNT; ms += 15) {
        world_publish_begin(w, &publish);
        world_run(w, ms);
        if (w->err == ERR_COUNT) {
            publish_cancel(publish);
            world_restart(w);
            cut++;
        }
    }
    assert_int_equal(w->err, OK);
    assert_true(cut > 3);
    check_server(&l, w);
    assert_int_equal(l.attempts, 0); /* nothing was lost */
    look_close(&l);
}

/* The mask of a refused article comes off, and the next attempt's goes on. */
static void check_refused(struct world *w, unsigned passed)
{
    struct refuser *refuser = refuser_start(newsd_port(w->newsd), passed, 9);
    struct look l;

    world_use_port(w, refuser_port(refuser));
    world_file(w, "random", 12 * (uint64_t)BLOCK, 1);
    world_share(w);
    assert_int_equal(refuser_count(refuser), 9);
    world_use_port(w, newsd_port(w->newsd));
    check_server(&l, w);
    assert_true(l.attempts >= 3); /* 7 parity articles, 9 refusals, at most 3 of each */
    look_close(&l);
    refuser_stop(refuser);
}

static void refused_data_goes_out_under_other_ids(void **state)
{
    check_refused(*state, 0);
}

static void refused_parity_goes_out_under_other_ids(void **state)
{
    check_refused(*state, 12);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(data_and_listing_have_their_parity),
        TEST(volumes_follow_each_other),
        TEST(the_next_version_adds_a_volume),
        TEST(redundancy_says_how_many),
        TEST(cut_off_anywhere_it_ends_with_parity),
        TEST(refused_data_goes_out_under_other_ids),
        TEST(refused_parity_goes_out_under_other_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
