/* Recovery slices from segments that come one by one are those of the whole set, however they come;
 * and a parity can be dropped at any moment. */
#include "flow/publish/parity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/par2/par2_encoder.h"
#include "codec/seal/sealer.h"

enum {
    WINDOW = 32, /* bytes looked at in one place */
    WINDOWS = 5,
    STRIDE = 389, /* prime: i * STRIDE % K takes every index below K once */
};

/* The ends, and where one worker's columns meet another's. */
static const size_t places[WINDOWS] = {0, 32768 - 16, 65536 - 16, 393216 + 64, SEGMENT_LEN - 32};

static const uint8_t ck[KEY_LEN] = {7};

enum order { RISING, FALLING, MIXED };

struct rig {
    struct loop *loop;
    struct workers *workers;
    struct parity *parity;
    struct loop_task task;
    uint32_t k, m, given;
    enum order order;
    unsigned taken, returned, rooms;
    size_t most_held;
    unsigned turns; /* until the parity is cancelled */
    int ready;
};

/* Word `w` of segment `i`. */
static uint64_t word_at(uint32_t i, size_t w)
{
    uint64_t x = (i + 1) * 0x9e3779b97f4a7c15ULL + w * 0xbf58476d1ce4e5b9ULL;

    x ^= x >> 29;
    return x * 0x94d049bb133111ebULL;
}

static void make_segment(uint32_t index, struct buf *b)
{
    assert_int_equal(buf_resize(b, SEGMENT_LEN), OK);
    for (size_t w = 0; w < SEGMENT_LEN / 8; w++) {
        uint64_t word = word_at(index, w);

        memcpy(b->ptr + 8 * w, &word, 8);
    }
}

static uint32_t index_of(const struct rig *r, uint32_t i)
{
    switch (r->order) {
    case RISING:
        return i;
    case FALLING:
        return r->k - 1 - i;
    case MIXED:
        break;
    }
    return (uint32_t)((uint64_t)i * STRIDE % r->k);
}

/* Give what there is room for; behind the last one say how many slices. */
static void feed(void *arg)
{
    struct rig *r = arg;

    if (r->given == r->k) {
        return;
    }
    while (r->given < r->k && parity_has_room(r->parity)) {
        struct buf b = {0};

        make_segment(index_of(r, r->given++), &b);
        assert_int_equal(parity_add(r->parity, index_of(r, r->given - 1), &b), OK);
        assert_null(b.ptr);
        if (parity_held(r->parity) > r->most_held) {
            r->most_held = parity_held(r->parity);
        }
    }
    if (r->given == r->k) {
        assert_int_equal(parity_finish(r->parity, r->m), OK);
    }
}

static void on_room(void *arg)
{
    struct rig *r = arg;

    r->rooms++;
    feed(r);
}

static void on_ready(void *arg)
{
    struct rig *r = arg;

    r->ready = 1;
    loop_stop(r->loop);
}

static void on_failed(void *arg, enum err err)
{
    (void)arg;
    fail_msg("failed: %s", err_name(err));
}

static void take(void *arg, struct buf *b)
{
    struct rig *r = arg;

    *b = (struct buf){0};
    r->taken++;
}

static void give(void *arg, struct buf *b)
{
    struct rig *r = arg;

    buf_clear(b);
    r->returned++;
}

static void open_rig(struct rig *r, uint32_t k, uint32_t m_max, enum parity_begin begin)
{
    static const struct parity_events events = {on_room, on_ready, on_failed, take, give};
    struct parity_options options = {.ck = ck, .m_max = m_max, .begin = begin};

    *r = (struct rig){.k = k, .m = m_max};
    assert_int_equal(loop_new(&r->loop), OK);
    assert_int_equal(workers_new(r->loop, 2, &r->workers), OK);
    options.workers = r->workers;
    assert_int_equal(parity_new(&options, &events, r, &r->parity), OK);
}

static void stop(void *arg)
{
    loop_stop(((struct rig *)arg)->loop);
}

static void close_rig(struct rig *r)
{
    loop_unpost(r->loop, &r->task);
    parity_cancel(r->parity);
    workers_settle(r->workers);
    loop_post(r->loop, &r->task, stop, r);
    loop_run(r->loop); /* what workers had comes home and is freed */
    workers_free(r->workers);
    loop_free(r->loop);
}

/* The windows of every slice, from an encoder over the whole set that multiplies every factor out.
 */
static void whole_set(uint32_t k, uint32_t m, uint8_t *want)
{
    struct par2_shape shape = {.input_count = k, .exponent_count = m, .method = PAR2_ROWS};
    const size_t len = WINDOWS * WINDOW;
    uint8_t *in = calloc(k, len);
    const uint8_t **ins = calloc(k, sizeof(*ins));
    uint8_t **outs = calloc(m, sizeof(*outs));
    struct par2_columns columns = {.in = ins, .out = outs, .from = 0, .to = len};
    struct par2_encoder *encoder;

    assert_true(in != NULL && ins != NULL && outs != NULL);
    for (uint32_t i = 0; i < k; i++) {
        ins[i] = in + i * len;
        for (size_t b = 0; b < len; b++) {
            size_t at = places[b / WINDOW] + b % WINDOW;
            uint64_t word = word_at(i, at / 8);

            in[i * len + b] = ((uint8_t *)&word)[at % 8];
        }
    }
    for (uint32_t j = 0; j < m; j++) {
        outs[j] = want + j * len;
    }
    assert_int_equal(par2_encoder_new(&shape, &encoder), OK);
    columns.work = malloc(par2_encoder_work(encoder));
    assert_non_null(columns.work);
    par2_encoder_add(encoder, &columns);
    free(columns.work);
    par2_encoder_free(encoder);
    free(outs);
    free(ins);
    free(in);
}

static void check_slices(struct rig *r)
{
    const size_t len = WINDOWS * WINDOW;
    uint8_t *want = calloc(r->m, len);
    struct sealer *sealer;

    assert_non_null(want);
    whole_set(r->k, r->m, want);
    assert_int_equal(sealer_new(&sealer), OK);
    for (uint32_t j = 0; j < r->m; j++) {
        const struct buf *slice = parity_slice(r->parity, j);
        struct cid cid;

        assert_int_equal(slice->len, SEGMENT_LEN);
        for (size_t w = 0; w < WINDOWS; w++) {
            assert_memory_equal(slice->ptr + places[w], want + j * len + w * WINDOW, WINDOW);
        }
        assert_int_equal(seal_cid(sealer, ck, buf_view(slice), &cid), OK);
        assert_memory_equal(&cid, &parity_cids(r->parity)[j], sizeof(cid));
    }
    sealer_free(sealer);
    free(want);
}

static const struct row {
    uint32_t k, m_max, m;
    enum order order;
} rows[] = {
    {1, 103, 4, RISING}, {2, 103, 5, FALLING}, {255, 20, 20, MIXED},
    {256, 20, 7, RISING}, /* a batch to the full: nothing is left when the end is told */
    {257, 20, 20, MIXED}, {1023, 6, 6, FALLING}, {1024, 103, 103, MIXED},
    {300, 154, 40, RISING}, /* more slices: smaller batches */
    {70, 400, 9, RISING},   /* more than the room for both: the smallest batches */
};

static void test_slices(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct rig r;

        open_rig(&r, row->k, row->m_max, PARITY_AT_ONCE);
        r.m = row->m;
        r.order = row->order;
        feed(&r);
        loop_run(r.loop);
        assert_true(r.ready);
        check_slices(&r);
        assert_true(r.most_held <= PAR2_BATCH + 16);
        assert_int_equal(parity_held(r.parity), 0);
        /* every segment's buffer, and the slices that nobody wants */
        assert_int_equal(r.returned, row->k + r.taken - row->m);
        close_rig(&r);
    }
}

/* Segments that come before it may reckon are only held; none is refused. */
static void test_waiting(void **state)
{
    enum { K = 400 };
    struct rig r;

    (void)state;
    open_rig(&r, K, 5, PARITY_WAIT);
    for (uint32_t i = 0; i < K; i++) {
        struct buf b = {0};

        make_segment(i, &b);
        assert_int_equal(parity_add(r.parity, i, &b), OK);
    }
    assert_int_equal(parity_held(r.parity), K);
    assert_false(parity_has_room(r.parity));
    assert_int_equal(parity_finish(r.parity, r.m), OK);
    workers_settle(r.workers);
    assert_int_equal(r.taken, 0); /* no memory for slices yet */
    r.given = K;
    parity_go(r.parity);
    loop_run(r.loop);
    assert_true(r.ready);
    assert_int_equal(r.rooms, 2);
    check_slices(&r);
    close_rig(&r);
}

static void test_misuse(void **state)
{
    struct buf b = {0};
    struct rig r;

    (void)state;
    open_rig(&r, 1, 5, PARITY_AT_ONCE);
    assert_int_equal(parity_finish(r.parity, 5), ERR_BUG); /* of nothing */
    assert_int_equal(buf_resize(&b, PAYLOAD_LEN), OK);
    assert_int_equal(parity_add(r.parity, 0, &b), ERR_BUG); /* not sealed */
    make_segment(0, &b);
    assert_int_equal(parity_add(r.parity, 0, &b), OK);
    assert_int_equal(parity_finish(r.parity, 6), ERR_BUG); /* more than were reckoned */
    assert_int_equal(parity_finish(r.parity, 5), OK);
    make_segment(1, &b);
    assert_int_equal(parity_add(r.parity, 1, &b), ERR_BUG); /* after the end */
    buf_clear(&b);
    close_rig(&r); /* cancelled with a job out */
}

static void count_down(void *arg)
{
    struct rig *r = arg;

    if (r->turns-- == 0 || r->ready) {
        loop_stop(r->loop);
    } else {
        loop_post(r->loop, &r->task, count_down, r);
    }
}

/* Cancel after more and more turns of the loop, until one of them is too late; then a run that
 * ends. */
static void test_cancel(void **state)
{
    unsigned turns = 0;
    int ready = 0;

    (void)state;
    for (unsigned begun = 0; begun < 2; begun++) { /* cancelled with nothing under way */
        struct rig r;

        open_rig(&r, 300, 20, begun ? PARITY_AT_ONCE : PARITY_WAIT);
        r.k = 10;
        feed(&r);
        close_rig(&r);
        assert_int_equal(r.returned, 0);
    }
    while (!ready) {
        struct rig r;

        open_rig(&r, 2, 60, PARITY_AT_ONCE);
        feed(&r);
        r.turns = turns;
        loop_post(r.loop, &r.task, count_down, &r);
        loop_run(r.loop);
        ready = r.ready;
        close_rig(&r);
        turns = turns * 5 / 4 + 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_cancel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
