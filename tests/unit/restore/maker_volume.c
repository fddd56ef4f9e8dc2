/* Sealing, encoding and posting what a volume holds. */
#include "maker_volume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "codec/par2/par2_encoder.h"
#include "codec/yenc/yenc.h"

#define must(call) assert_int_equal((call), OK)

void maker_volume_init(struct maker *m, struct maker_volume *v, uint32_t number, int kind)
{
    v->number = number;
    v->kind = (enum volume_kind)kind;
    must(random_bytes(v->vk, sizeof(v->vk)));
    must(seal_volume_keys(m->sealer, v->vk, m->keys.ck, &v->keys));
}

uint32_t maker_segment_new(struct maker_volume *v)
{
    assert_true(v->count < MAKER_VOLUME_MAX);
    must(buf_resize(&v->payloads, ((size_t)v->count + 1) * PAYLOAD_LEN));
    memset(v->payloads.ptr + (size_t)v->count * PAYLOAD_LEN, 0, PAYLOAD_LEN);
    return v->count++;
}

void maker_post_body(struct maker *m, const char *id, const uint8_t *raw)
{
    struct yenc_options options = {.name = bytes_str("abcdefghij")};
    struct buf body = {0};

    must(yenc_encode(bytes_at(raw, SEGMENT_LEN), &options, &body));
    server_add(m->server, id, body.ptr, body.len);
    buf_clear(&body);
}

static void post_segment(
    struct maker *m, struct maker_volume *v, uint32_t index, struct buf *sealed)
{
    bool odd = v->kind == VOLUME_DATA && index == m->second_try;
    struct seal_place place = {.index = index, .attempt = odd ? 1 : 0};
    struct seal_names names;
    uint8_t *raw = malloc(SEGMENT_LEN);

    assert_non_null(raw);
    must(seal_segment(
        m->sealer, &v->keys, &place, v->payloads.ptr + (size_t)index * PAYLOAD_LEN, raw));
    must(buf_append(sealed, bytes_at(raw, SEGMENT_LEN)));
    if (place.attempt > 0) {
        must(seal_mask(m->sealer, &v->keys, &place, raw));
    }
    must(seal_segment_names(m->sealer, &v->keys, &place, &names));
    must(buf_append(&v->cids, bytes_at(place.cid.b, sizeof(place.cid.b))));
    (void)snprintf(
        v->ids[index], sizeof(v->ids[index]), "%s", odd ? "<renamed@by.server>" : names.id.text);
    maker_post_body(m, v->ids[index], raw);
    free(raw);
}

/* A recovery slice under its mask. */
static void post_parity(struct maker *m, struct maker_volume *v, uint32_t index, uint8_t *raw)
{
    struct seal_place place = {.index = index};
    struct seal_names names;

    must(seal_cid(m->sealer, m->keys.ck, bytes_at(raw, SEGMENT_LEN), &place.cid));
    must(buf_append(&v->cids, bytes_at(place.cid.b, sizeof(place.cid.b))));
    must(seal_mask(m->sealer, &v->keys, &place, raw));
    must(seal_segment_names(m->sealer, &v->keys, &place, &names));
    (void)snprintf(v->ids[index], sizeof(v->ids[index]), "%s", names.id.text);
    maker_post_body(m, v->ids[index], raw);
}

static void make_parity(struct maker *m, struct maker_volume *v, const struct buf *sealed)
{
    struct par2_shape shape = {.input_count = v->count, .exponent_count = v->parity};
    const uint8_t *in[MAKER_VOLUME_MAX];
    uint8_t *out[MAKER_VOLUME_MAX];
    struct par2_columns columns = {.in = in, .out = out, .to = SEGMENT_LEN};
    struct par2_encoder *encoder;

    for (uint32_t i = 0; i < v->count; i++) {
        in[i] = sealed->ptr + (size_t)i * SEGMENT_LEN;
    }
    for (uint32_t j = 0; j < v->parity; j++) {
        out[j] = calloc(1, SEGMENT_LEN);
        assert_non_null(out[j]);
    }
    must(par2_encoder_new(&shape, &encoder));
    columns.work = malloc(par2_encoder_work(encoder) + 1);
    assert_non_null(columns.work);
    par2_encoder_add(encoder, &columns);
    par2_encoder_free(encoder);
    free(columns.work);
    for (uint32_t j = 0; j < v->parity; j++) {
        if (m->spoil_parity != NULL) {
            m->spoil_parity(m, j, out[j]);
        }
        post_parity(m, v, v->count + j, out[j]);
        free(out[j]);
    }
}

/* What the tables say of a volume. */
void maker_volume_describe(struct maker *m, struct maker_volume *v, struct volume_entry *e,
    struct buf *attempts, struct buf *changed)
{
    uint8_t never[32] = {7};
    struct buf sealed = {0};

    for (uint32_t i = 0; i < v->count; i++) {
        post_segment(m, v, i, &sealed);
    }
    *e = (struct volume_entry){.number = v->number, .kind = v->kind, .k = v->count, .m = 1};
    if (v->parity > 0) {
        assert_true(v->parity <= MAKER_VOLUME_MAX);
        make_parity(m, v, &sealed);
        e->m = v->parity;
    } else {
        must(buf_append(&v->cids, bytes_at(never, sizeof(never))));
    }
    buf_clear(&sealed);
    memcpy(e->vk, v->vk, sizeof(e->vk));
    if (v->kind == VOLUME_DATA && m->second_try < v->count) {
        must(volume_attempt_put(attempts, m->second_try, 1));
        must(volume_changed_put(changed, m->second_try, bytes_str("<renamed@by.server>")));
    }
    e->attempts = buf_view(attempts);
    e->changed = buf_view(changed);
}
