/* Blocks read ahead: each is judged as it would be alone and comes in its turn; the reader keeps to
 * its bounds, does not ask for crumbs, and can be stopped at any moment. */
#include "flow/publish/reader.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec/seal/sealer.h"

enum { AHEAD_MAX = 64, AHEAD_BYTES_MAX = 25 << 20, TAIL_LEN = 1000, HOLES = 150 };

/* What is in a block, and what must become of it. */
static const struct row {
    enum content { NOISE, HOLE, ZEROS, WORDS, FRONT } content;
    enum block_kind kind;
    enum extent_coding coding;
} rows[] = {
    {NOISE, BLOCK_RAW, CODING_RAW}, {HOLE, BLOCK_HOLE, CODING_RAW},
    {WORDS, BLOCK_ITEM, CODING_ZSTD}, {ZEROS, BLOCK_HOLE, CODING_RAW},
    {NOISE, BLOCK_RAW, CODING_RAW},
    {FRONT, BLOCK_RAW, CODING_RAW}, /* only its front shrinks, and that is not enough */
    {NOISE, BLOCK_RAW, CODING_RAW}, {NOISE, BLOCK_RAW, CODING_RAW},
    {WORDS, BLOCK_ITEM, CODING_ZSTD}, {NOISE, BLOCK_RAW, CODING_RAW},
    {NOISE, BLOCK_RAW, CODING_RAW}, {NOISE, BLOCK_ITEM, CODING_RAW}, /* the tail */
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

struct rig {
    struct loop *loop;
    struct workers *workers;
    struct publish_ctx ctx;
    struct poster *poster;
    struct reader *reader;
    struct source *source;
    char path[64];
    uint8_t contents[ROWS][PAYLOAD_LEN];
    struct loop_task task;
    uint64_t blocks, taken; /* of the source, in turn */
    size_t most_ahead, asked;
    unsigned turns; /* until it is stopped */
    int stopped;
    void (*check)(struct rig *r, const struct block *b);
};

static void on_back(void *arg);

/* Read the file at r->path, which is `len` long. */
static void open_rig(struct rig *r, uint64_t len)
{
    static const struct poster_events none = {0};
    struct store_entry entry = {.name = bytes_str("file")};
    struct stat st;

    assert_int_equal(stat(r->path, &st), 0);
    assert_int_equal(st.st_size, len);
    assert_int_equal(loop_new(&r->loop), OK);
    assert_int_equal(workers_new(r->loop, 2, &r->workers), OK);
    r->ctx.o.workers = r->workers;
    r->ctx.o.window_bytes = 1;
    assert_int_equal(poster_new(&r->ctx, &none, r, &r->poster), OK);
    assert_int_equal(reader_new(&r->ctx, r->poster, on_back, r, &r->reader), OK);
    assert_int_equal(source_new(&entry, &r->source), OK);
    r->source->blocks = r->blocks = (len + PAYLOAD_LEN - 1) / PAYLOAD_LEN;
    r->source->open = calloc(1, sizeof(*r->source->open));
    assert_non_null(r->source->open);
    pthread_mutex_init(&r->source->open->lock, NULL);
    r->source->open->left = r->blocks;
    assert_int_equal(buf_append_str(&r->source->open->root, "/tmp"), OK);
    assert_int_equal(buf_append_str(&r->source->open->path, r->path + strlen("/tmp/")), OK);
    assert_int_equal(disk_stat_path(bytes_str(r->path), &r->source->stat), OK);
}

static void close_rig(struct rig *r)
{
    assert_false(reader_busy(r->reader));
    reader_free(r->reader);
    poster_cancel(r->poster);
    source_free(r->source);
    workers_free(r->workers);
    loop_free(r->loop);
    (void)unlink(r->path);
}

static void make_file(struct rig *r)
{
    int fd;

    (void)snprintf(r->path, sizeof(r->path), "/tmp/test_reader.XXXXXX");
    fd = mkstemp(r->path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

static void ask(struct rig *r)
{
    if (!reader_wants(r->reader)) {
        return;
    }
    while (r->asked < r->blocks && reader_has_room(r->reader)) {
        assert_int_equal(reader_add(r->reader, r->source, r->asked++), OK);
    }
    reader_go(r->reader);
    if (r->asked - r->taken > r->most_ahead) {
        r->most_ahead = r->asked - r->taken;
    }
}

static void on_back(void *arg)
{
    struct rig *r = arg;
    const struct block *b;

    if (r->stopped) {
        if (!reader_busy(r->reader)) {
            loop_stop(r->loop);
        }
        return;
    }
    while ((b = reader_next(r->reader)) != NULL) {
        assert_int_equal(b->number, r->taken);
        assert_int_equal(b->err, OK);
        r->check(r, b);
        reader_drop(r->reader);
        r->taken++;
    }
    ask(r);
    if (r->taken == r->blocks) {
        assert_true(reader_empty(r->reader));
        loop_stop(r->loop);
    }
}

/* --- what becomes of a block ------------------------------------------------------------------ */

static void fill(uint8_t *out, size_t row)
{
    uint64_t x = row * 0x9e3779b97f4a7c15ULL + 1;

    for (size_t i = 0; i < PAYLOAD_LEN; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        out[i] = rows[row].content == WORDS ? (uint8_t)("usenet\n"[x % 7]) : (uint8_t)x;
    }
    if (rows[row].content == FRONT) {
        memset(out, 'f', 20000);
    }
    if (rows[row].content == HOLE || rows[row].content == ZEROS) {
        memset(out, 0, PAYLOAD_LEN);
    }
}

static size_t len_of(size_t row)
{
    return row == ROWS - 1 ? TAIL_LEN : PAYLOAD_LEN;
}

static void check_row(struct rig *r, const struct block *b)
{
    const struct row *row = &rows[b->number];
    struct sealer *sealer;
    struct cid cid;

    assert_int_equal(b->kind, row->kind);
    if (b->kind == BLOCK_HOLE) {
        return;
    }
    assert_int_equal(b->coding, row->coding);
    assert_int_equal(b->plain.len, len_of(b->number));
    assert_memory_equal(b->plain.ptr, r->contents[b->number], b->plain.len);
    assert_int_equal(sealer_new(&sealer), OK);
    assert_int_equal(seal_cid(sealer, r->ctx.keys.ck, buf_view(&b->plain), &cid), OK);
    assert_true(cid_equal(&cid, &b->cid));
    sealer_free(sealer);
    assert_true(block_stored(b).len <= b->plain.len);
    assert_true(b->small.cap < PAYLOAD_LEN); /* while it waits it holds what it needs */
}

static void test_judged(void **state)
{
    struct rig *r = *state;
    int fd;

    make_file(r);
    fd = open(r->path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < ROWS; i++) {
        fill(r->contents[i], i);
        if (rows[i].content != HOLE) {
            assert_int_equal(
                pwrite(fd, r->contents[i], len_of(i), (off_t)(i * PAYLOAD_LEN)), len_of(i));
        }
    }
    assert_int_equal(close(fd), 0);
    memset(r->ctx.keys.ck, 9, KEY_LEN);
    r->check = check_row;
    open_rig(r, (uint64_t)(ROWS - 1) * PAYLOAD_LEN + TAIL_LEN);
    ask(r);
    loop_run(r->loop);
    assert_int_equal(r->taken, ROWS);
    assert_int_equal(r->ctx.progress.bytes_read, r->source->stat.size);
    close_rig(r);
}

/* --- bounds ----------------------------------------------------------------------------------- */

static void check_hole(struct rig *r, const struct block *b)
{
    size_t ahead = r->asked - r->taken;

    assert_int_equal(b->kind, BLOCK_HOLE);
    /* while it is nearly full it wants none: only whole batches are worth it */
    assert_true(reader_wants(r->reader) ==
                (ahead + BLOCK_BATCH <= AHEAD_MAX &&
                    ahead * PAYLOAD_LEN + BLOCK_BATCH_BYTES <= (size_t)4 * BLOCK_BATCH_BYTES));
}

static void make_holes(struct rig *r, uint64_t len)
{
    make_file(r);
    assert_int_equal(truncate(r->path, (off_t)len), 0);
}

static void test_bounds(void **state)
{
    struct rig *r = *state;

    make_holes(r, (uint64_t)HOLES * PAYLOAD_LEN);
    r->check = check_hole;
    open_rig(r, (uint64_t)HOLES * PAYLOAD_LEN);
    ask(r);
    loop_run(r->loop);
    assert_int_equal(r->taken, HOLES);
    assert_in_range(
        r->most_ahead, AHEAD_BYTES_MAX / PAYLOAD_LEN - 2, AHEAD_BYTES_MAX / PAYLOAD_LEN);
    close_rig(r);
}

/* The file is not the one that was planned: that is an error of its blocks, and nothing else. */
static void test_changed(void **state)
{
    struct rig *r = *state;

    make_holes(r, 3 * (uint64_t)PAYLOAD_LEN);
    open_rig(r, 3 * (uint64_t)PAYLOAD_LEN);
    r->source->stat.mtime_ns++;
    for (; r->asked < r->blocks; r->asked++) {
        assert_int_equal(reader_add(r->reader, r->source, r->asked), OK);
    }
    reader_go(r->reader);
    r->stopped = 1; /* on_back() only waits */
    loop_run(r->loop);
    for (; r->taken < r->blocks; r->taken++) {
        const struct block *b = reader_next(r->reader);

        assert_non_null(b);
        assert_int_equal(b->err, ERR_CHANGED);
        reader_drop(r->reader);
    }
    assert_null(reader_next(r->reader));
    close_rig(r);
}

static void count_down(void *arg)
{
    struct rig *r = arg;

    if (r->turns-- > 0 && r->taken < r->blocks) {
        loop_post(r->loop, &r->task, count_down, r);
        return;
    }
    r->stopped = 1;
    reader_stop(r->reader);
    if (!reader_busy(r->reader)) {
        loop_stop(r->loop);
    }
}

static void test_stop(void **state)
{
    struct rig *r = *state;
    uint64_t taken = 0;

    for (unsigned turns = 0; taken < 40; turns += 1 + turns / 4) {
        memset(r, 0, sizeof(*r));
        make_holes(r, 40 * (uint64_t)PAYLOAD_LEN);
        r->check = check_hole;
        r->turns = turns;
        open_rig(r, 40 * (uint64_t)PAYLOAD_LEN);
        ask(r);
        loop_post(r->loop, &r->task, count_down, r);
        loop_run(r->loop);
        loop_unpost(r->loop, &r->task);
        taken = r->taken;
        close_rig(r);
    }
}

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct rig));
    return *state == NULL;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_judged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
