/* Objects follow each other in the payloads of a meta volume; one may be cut where a payload ends,
 * none where a volume ends. */
#include "flow/publish/meta.h"

#include <stdlib.h>
#include <string.h>

#include "codec/manifest/object.h"
#include "codec/manifest/volume_table.h"

enum err meta_init(struct meta *m, const struct publish_ctx *ctx, enum meta_mode mode, size_t room)
{
    *m = (struct meta){.ctx = ctx, .mode = mode, .room = room};
    list_init(&m->filled);
    return sealer_new(&m->sealer);
}

struct meta_segment *meta_take(struct meta *m)
{
    struct list *node = list_take(&m->filled);

    if (node == NULL) {
        return NULL;
    }
    m->filled_count--;
    return LIST_ITEM(node, struct meta_segment, node);
}

void meta_clear(struct meta *m)
{
    if (m->ctx == NULL) {
        return;
    }
    LIST_EACH(node, after, &m->filled)
    {
        struct meta_segment *segment = LIST_ITEM(node, struct meta_segment, node);

        list_remove(node);
        buf_clear(&segment->payload);
        free(segment);
    }
    for (size_t i = 0; i < m->volume_count; i++) {
        out_volume_free(m->volumes[i]);
    }
    free(m->volumes);
    free(m->older);
    free(m->made);
    buf_clear(&m->inlined);
    buf_clear(&m->payload);
    buf_clear(&m->stored);
    sealer_free(m->sealer);
    *m = (struct meta){0};
}

enum err meta_inline(struct meta *m, struct bytes data, uint32_t *offset)
{
    if (m->mode != META_INLINE || data.len > m->room - m->inlined.len) {
        return ERR_TOO_BIG;
    }
    *offset = (uint32_t)m->inlined.len;
    return buf_append(&m->inlined, data);
}

/* --- volumes ---------------------------------------------------------------------------------- */

static struct out_volume *last_volume(const struct meta *m)
{
    return m->volume_count > 0 ? m->volumes[m->volume_count - 1] : NULL;
}

static enum err new_volume(struct meta *m)
{
    struct out_volume **grown =
        realloc(m->volumes, (m->volume_count + 1) * sizeof(struct out_volume *));
    enum err err;

    if (grown == NULL) {
        return ERR_NO_MEMORY;
    }
    m->volumes = grown;
    if (m->volume_count == HEAD_META_MAX) {
        return ERR_LIMIT;
    }
    err = out_volume_new(m->ctx, m->sealer, STORE_VOLUME_META, &grown[m->volume_count]);
    m->volume_count += err == OK;
    return err;
}

/* Begin a segment, in a new volume when the last one is full. */
static enum err open_segment(struct meta *m)
{
    enum err err = OK;

    if (last_volume(m) == NULL || !out_volume_has_room(last_volume(m))) {
        err = new_volume(m);
    }
    if (err == OK) {
        err = out_volume_take_index(last_volume(m), &m->index);
    }
    if (err == OK) {
        err = buf_reserve(&m->payload, SEGMENT_LEN);
    }
    m->open = err == OK;
    return err;
}

static enum err close_segment(struct meta *m)
{
    struct meta_segment *segment = calloc(1, sizeof(*segment));
    size_t used = m->payload.len;
    enum err err = segment == NULL ? ERR_NO_MEMORY : buf_resize(&m->payload, PAYLOAD_LEN);

    if (err != OK) {
        free(segment);
        return err;
    }
    memset(m->payload.ptr + used, 0, PAYLOAD_LEN - used);
    segment->volume = last_volume(m);
    segment->index = m->index;
    segment->payload = m->payload;
    m->payload = (struct buf){0};
    m->open = 0;
    list_push(&m->filled, &segment->node);
    m->filled_count++;
    return OK;
}

/* Room for `len` more bytes without a cut at the end of a volume. */
static enum err make_room(struct meta *m, size_t len)
{
    enum err err = OK;

    if (m->open && (m->payload.len == PAYLOAD_LEN || (len > PAYLOAD_LEN - m->payload.len &&
                                                         !out_volume_has_room(last_volume(m))))) {
        err = close_segment(m);
    }
    if (err == OK && !m->open) {
        err = open_segment(m);
    }
    return err;
}

static enum err put(struct meta *m, struct bytes stored, struct pointer *at)
{
    enum err err = make_room(m, stored.len);

    if (err != OK) {
        return err;
    }
    at->volume = last_volume(m)->number;
    at->segment = m->index;
    at->offset = (uint32_t)m->payload.len;
    while (err == OK && stored.len > 0) {
        size_t part = PAYLOAD_LEN - m->payload.len;

        if (part > stored.len) {
            part = stored.len;
        }
        err = buf_append(&m->payload, bytes_at(stored.ptr, part));
        bytes_skip(&stored, part);
        if (err == OK && stored.len > 0) {
            err = close_segment(m);
            if (err == OK) {
                err = open_segment(m);
            }
        }
    }
    return err;
}

/* --- objects of earlier versions -------------------------------------------------------------- */

/* Note that the listing points into this older meta volume. */
static enum err note_older(struct meta *m, uint32_t number)
{
    size_t at = m->older_count;

    while (at > 0 && m->older[at - 1] > number) {
        at--;
    }
    if (at > 0 && m->older[at - 1] == number) {
        return OK;
    }
    if (m->older_count == m->older_cap) {
        size_t cap = m->older_cap == 0 ? 16 : m->older_cap * 2;
        uint32_t *grown = realloc(m->older, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        m->older = grown;
        m->older_cap = cap;
    }
    memmove(&m->older[at + 1], &m->older[at], (m->older_count - at) * sizeof(*m->older));
    m->older[at] = number;
    m->older_count++;
    return OK;
}

/* Where a published version has this object. ERR_NO_ROW: nowhere. */
static enum err find_older(struct meta *m, const struct cid *id, struct pointer *at)
{
    struct store_object object;
    struct bytes encoded;
    enum err err = ERR_NO_ROW;

    if (m->policy == META_REUSE && m->ctx->share.version > 0) {
        err = store_object_find(m->ctx->o.store, m->ctx->share.id, id->b, &object);
    }
    if (err != OK) {
        return err;
    }
    encoded = bytes_at(object.pointer, object.pointer_len);
    if (pointer_take(&encoded, at) != OK || encoded.len > 0) {
        return ERR_STORE_CORRUPT;
    }
    return note_older(m, at->volume);
}

static enum err grow_made(struct meta *m)
{
    size_t cap = m->made_cap == 0 ? 64 : m->made_cap * 2;
    struct store_object *grown = realloc(m->made, cap * sizeof(*grown));

    if (grown == NULL) {
        return ERR_NO_MEMORY;
    }
    m->made = grown;
    m->made_cap = cap;
    return OK;
}

/* Remember an object of this version, for the next ones. */
static enum err note_made(struct meta *m, const struct cid *id, const struct pointer *at)
{
    struct buf encoded = {0};
    struct store_object *object;
    enum err err = pointer_put(&encoded, at);

    if (err == OK && m->made_count == m->made_cap) {
        err = grow_made(m);
    }
    if (err == OK && encoded.len <= sizeof(object->pointer)) {
        object = &m->made[m->made_count++];
        memcpy(object->id, id->b, sizeof(object->id));
        memcpy(object->pointer, encoded.ptr, encoded.len);
        object->pointer_len = (uint8_t)encoded.len;
    }
    buf_clear(&encoded);
    return err;
}

static enum err write_object(struct meta *m, struct bytes plain, struct pointer *at)
{
    enum err err;

    m->stored.len = 0;
    err = object_pack(plain, &m->stored);
    if (err == OK) {
        err = seal_cid(m->sealer, m->ctx->keys.ck, buf_view(&m->stored), &at->hash);
    }
    if (err != OK) {
        return err;
    }
    at->length = (uint32_t)m->stored.len;
    if (m->mode == META_VOLUMES) {
        return put(m, buf_view(&m->stored), at);
    }
    at->volume = 0;
    at->segment = 0;
    return meta_inline(m, buf_view(&m->stored), &at->offset);
}

enum err meta_emit(void *arg, struct bytes plain, struct pointer *at)
{
    struct meta *m = arg;
    struct cid id;
    enum err err = seal_cid(m->sealer, m->ctx->keys.ck, plain, &id);

    if (err == OK) {
        err = find_older(m, &id, at);
    }
    if (err != ERR_NO_ROW) {
        return err;
    }
    err = write_object(m, plain, at);
    return err == OK && m->mode == META_VOLUMES ? note_made(m, &id, at) : err;
}

enum err meta_finish(struct meta *m)
{
    return m->open ? close_segment(m) : OK;
}

static enum err list_volume(const struct out_volume *v, struct buf *out)
{
    struct buf attempts = {0};
    struct volume_entry entry = {
        .number = v->number,
        .kind = VOLUME_META,
        .k = v->k,
        .m = v->m,
        .cids = bytes_at(v->cids.ptr, (size_t)out_volume_count(v) * sizeof(struct cid)),
        .changed = buf_view(&v->changed),
    };
    enum err err = out_volume_attempts(v, &attempts);

    memcpy(entry.vk, v->key, sizeof(entry.vk));
    entry.attempts = buf_view(&attempts);
    if (err == OK) {
        err = volume_entry_put(out, &entry);
    }
    buf_clear(&attempts);
    bytes_wipe(entry.vk, sizeof(entry.vk));
    return err;
}

enum err meta_list(const struct meta *m, struct buf *out)
{
    enum err err = OK;

    for (size_t i = 0; i < m->volume_count && err == OK; i++) {
        err = list_volume(m->volumes[i], out);
    }
    return err;
}
