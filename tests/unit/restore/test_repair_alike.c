/* Two lost segments that the first recovery slices at hand cannot tell apart: one more is fetched.
 * It takes a volume of more than 642 segments, so this one is made up as it is asked for: zeros,
 * sealed. */
#include "flow/restore/repairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/manifest/extents.h"
#include "codec/par2/par2_encoder.h"
#include "codec/seal/seal_names.h"
#include "codec/yenc/yenc.h"
#include "plot.h"

#define must(call) assert_int_equal((call), OK)

/* Exponents 0 and 51 see no difference between 0 and 642 (test_repair_math.c). */
enum { K = 644, M = 53, FIRST = 0, SECOND = 642, LOW = 0, HIGH = 51, SPARE = 52, BATCH = 28 };

struct ghost {
    struct plot *plot;
    struct sealer *sealer; /* the server's threads take turns */
    uint8_t *zeros, *sealed;
    uint8_t *slices[3];
    struct buf cids;
    struct seal_names names[K + M];
    uint32_t asked[K + M];
};

static const uint32_t exponents[] = {LOW, HIGH, SPARE};

static struct seal_place place_of(struct ghost *g, uint32_t index)
{
    return (struct seal_place){.cid = volume_cid_at(buf_view(&g->cids), index), .index = index};
}

static void seal(struct ghost *g, uint32_t index, uint8_t *out)
{
    struct seal_place place = {.index = index};

    must(seal_segment(g->sealer, &g->plot->rig.maker->data.keys, &place, g->zeros, out));
}

/* Add segments [from, from + BATCH) to the slices. */
static void add_batch(struct ghost *g, uint32_t from)
{
    uint32_t inputs[BATCH];
    const uint8_t *in[BATCH];
    struct par2_shape shape = {
        .inputs = inputs, .input_count = BATCH, .exponents = exponents, .exponent_count = 3};
    struct par2_columns columns = {.in = in, .out = g->slices, .to = SEGMENT_LEN};
    struct par2_encoder *encoder;

    for (uint32_t i = 0; i < BATCH; i++) {
        inputs[i] = from + i;
        in[i] = g->sealed + (size_t)i * SEGMENT_LEN;
        seal(g, from + i, g->sealed + (size_t)i * SEGMENT_LEN);
    }
    must(par2_encoder_new(&shape, &encoder));
    columns.work = malloc(par2_encoder_work(encoder) + 1);
    assert_non_null(columns.work);
    par2_encoder_add(encoder, &columns);
    free(columns.work);
    par2_encoder_free(encoder);
}

/* The cids of all: zeros are zeros, and recovery slices that do not exist have any. */
static void make_cids(struct ghost *g)
{
    struct maker *m = g->plot->rig.maker;
    struct cid cid;

    must(seal_cid(m->sealer, m->keys.ck, bytes_at(g->zeros, PAYLOAD_LEN), &cid));
    for (uint32_t i = 0; i < K; i++) {
        must(buf_append(&g->cids, bytes_at(cid.b, sizeof(cid.b))));
    }
    for (uint32_t j = 0; j < M; j++) {
        for (size_t e = 0; e < 3; e++) {
            if (exponents[e] == j) {
                must(seal_cid(m->sealer, m->keys.ck, bytes_at(g->slices[e], SEGMENT_LEN), &cid));
            }
        }
        must(buf_append(&g->cids, bytes_at(cid.b, sizeof(cid.b))));
    }
    for (uint32_t i = 0; i < K + M; i++) {
        struct seal_place place = place_of(g, i);

        must(seal_segment_names(m->sealer, &m->data.keys, &place, &g->names[i]));
    }
}

/* The table's entry says what the volume really is. */
static void on_volume(struct maker *m, const struct volume_entry *entry, struct buf *value)
{
    const struct ghost *g = m->spoil_arg;
    struct volume_entry e = *entry;

    e.k = K;
    e.m = M;
    e.cids = (struct bytes){0};
    maker_object(m, buf_view(&g->cids), &e.list);
    value->len = 0;
    must(volume_entry_encode(&e, value));
}

static bool fill(struct ghost *g, uint32_t index, uint8_t *raw)
{
    struct seal_place place = place_of(g, index);

    if (index == FIRST || index == SECOND) {
        return false;
    }
    if (index < K) {
        seal(g, index, raw);
        return true;
    }
    for (size_t e = 0; e < 3; e++) {
        if (index == K + exponents[e]) {
            memcpy(raw, g->slices[e], SEGMENT_LEN);
            must(seal_mask(g->sealer, &g->plot->rig.maker->data.keys, &place, raw));
            return true;
        }
    }
    return false;
}

static void conjure(void *arg, const char *id, uint8_t **body, size_t *len)
{
    struct ghost *g = arg;
    struct yenc_options options = {.name = bytes_str("abcdefghij")};
    struct buf out = {0};
    uint32_t i = 0;

    while (i < K + M && strcmp(g->names[i].id.text, id) != 0) {
        i++;
    }
    if (i < K + M && fill(g, i, g->sealed)) {
        g->asked[i]++;
        must(yenc_encode(bytes_at(g->sealed, SEGMENT_LEN), &options, &out));
        *body = out.ptr;
        *len = out.len;
    }
}

static void add_file(struct ghost *g)
{
    struct maker *m = g->plot->rig.maker;
    struct extent_writer run = {0};
    struct record record = {.type = RECORD_FILE,
        .mode = 0640,
        .mtime_ns = MAKER_MTIME_NS,
        .size = 2 * (uint64_t)PAYLOAD_LEN};
    struct extent e = {.kind = EXTENT_RAW, .plain_len = PAYLOAD_LEN, .volume = 1, .blocks = 1};

    e.index = FIRST;
    must(extent_writer_put(&run, &e));
    e.index = SECOND;
    must(extent_writer_put(&run, &e));
    record.extents = buf_view(&run.out);
    maker_record(m, MAKER_TOP, "f", &record);
    m->head.files++;
    m->head.bytes += record.size;
    buf_clear(&run.out);
}

static int setup(void **state)
{
    struct ghost *g = calloc(1, sizeof(*g));
    struct maker *m;

    assert_non_null(g);
    g->plot = plot_new();
    m = g->plot->rig.maker;
    must(sealer_new(&g->sealer));
    g->zeros = calloc(1, SEGMENT_LEN);
    g->sealed = malloc((size_t)BATCH * SEGMENT_LEN);
    assert_true(g->zeros != NULL && g->sealed != NULL);
    for (size_t e = 0; e < 3; e++) {
        g->slices[e] = calloc(1, SEGMENT_LEN);
        assert_non_null(g->slices[e]);
    }
    for (uint32_t from = 0; from < K; from += BATCH) {
        add_batch(g, from);
    }
    make_cids(g);
    add_file(g);
    m->spoil_volume = on_volume;
    m->spoil_arg = g;
    m->data.count = 1; /* there is a volume; nothing of it is posted here */
    must(buf_append(&m->data.payloads, bytes_at(g->zeros, PAYLOAD_LEN)));
    maker_publish(m);
    assert_true(server_remove(&g->plot->rig.server, m->data.ids[0]));
    g->plot->rig.server.conjure = conjure;
    g->plot->rig.server.conjure_arg = g;
    *state = g;
    return 0;
}

static int teardown(void **state)
{
    struct ghost *g = *state;
    void *plot = g->plot;

    (void)plot_teardown(&plot);
    for (size_t e = 0; e < 3; e++) {
        free(g->slices[e]);
    }
    free(g->zeros);
    free(g->sealed);
    sealer_free(g->sealer);
    buf_clear(&g->cids);
    free(g);
    return 0;
}

static void one_more_slice(void **state)
{
    struct ghost *g = *state;
    struct bytes zeros = {0};
    struct buf file = {0};

    must(rig_restore(&g->plot->rig, NULL));
    must(buf_resize(&file, 2 * (size_t)PAYLOAD_LEN));
    memset(file.ptr, 0, file.len);
    zeros = buf_view(&file);
    rig_assert_file(&g->plot->rig, "f", zeros, 0640);
    plot_assert_counters(g->plot, 2, 2);
    for (uint32_t i = 0; i < K; i++) {
        assert_int_equal(g->asked[i], i != FIRST && i != SECOND);
    }
    for (size_t e = 0; e < 3; e++) {
        assert_int_equal(g->asked[K + exponents[e]], 1);
    }
    buf_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_more_slice, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
