/* One volume's entry: kind, K, M, key, where its cids are, and the exceptions to the derived names.
 */
#include "codec/manifest/volume_table.h"

#include <string.h>

#include "codec/manifest/take.h"

enum { FORM_INLINE = 0, FORM_POINTER = 1, CID_LEN = 32, ID_MIN = 3 };

static uint32_t total(const struct volume_entry *e)
{
    return e->k + e->m;
}

enum err volume_attempt_put(struct buf *attempts, uint32_t index, uint32_t attempt)
{
    enum err err = varint_put(attempts, index);

    return err == OK ? append_le32(attempts, attempt) : err;
}

enum err volume_changed_put(struct buf *changed, uint32_t index, struct bytes id)
{
    enum err err = varint_put(changed, index);

    return err == OK ? put_sized(changed, id) : err;
}

static enum err take_attempt(struct bytes *in, uint32_t *index, uint32_t *attempt)
{
    enum err err = take_u32(in, VOLUME_DATA_MAX + VOLUME_PARITY_MAX - 1, index);

    return err == OK ? take_le32(in, attempt) : err;
}

static enum err take_changed(struct bytes *in, uint32_t *index, struct bytes *id)
{
    enum err err = take_u32(in, VOLUME_DATA_MAX + VOLUME_PARITY_MAX - 1, index);

    return err == OK ? take_sized(in, ARTICLE_ID_MAX, id) : err;
}

uint32_t volume_attempt_of(const struct volume_entry *e, uint32_t index)
{
    struct bytes in = e->attempts;
    uint32_t at = 0;
    uint32_t attempt = 0;

    while (in.len > 0 && take_attempt(&in, &at, &attempt) == OK && at <= index) {
        if (at == index) {
            return attempt;
        }
    }
    return 0;
}

bool volume_changed_of(const struct volume_entry *e, uint32_t index, struct bytes *id)
{
    struct bytes in = e->changed;
    struct bytes text;
    uint32_t at = 0;

    while (in.len > 0 && take_changed(&in, &at, &text) == OK && at <= index) {
        if (at == index) {
            *id = text;
            return true;
        }
    }
    return false;
}

/* Attempts: rising indices of the volume, none of them 0. */
static enum err check_attempts(const struct volume_entry *e)
{
    struct bytes in = e->attempts;
    uint32_t next = 0;

    while (in.len > 0) {
        uint32_t index = 0;
        uint32_t attempt = 0;
        enum err err = take_attempt(&in, &index, &attempt);

        if (err == OK && (index < next || index >= total(e) || attempt == 0)) {
            err = ERR_LIMIT;
        }
        if (err != OK) {
            return err;
        }
        next = index + 1;
    }
    return OK;
}

/* "<...>" of printable ASCII without spaces or further brackets. */
static bool id_valid(struct bytes id)
{
    if (id.len < ID_MIN || id.len > ARTICLE_ID_MAX || id.ptr[0] != '<' ||
        id.ptr[id.len - 1] != '>') {
        return false;
    }
    for (size_t i = 1; i + 1 < id.len; i++) {
        if (id.ptr[i] <= ' ' || id.ptr[i] > '~' || id.ptr[i] == '<' || id.ptr[i] == '>') {
            return false;
        }
    }
    return true;
}

static enum err check_changed(const struct volume_entry *e)
{
    struct bytes in = e->changed;
    uint32_t next = 0;

    while (in.len > 0) {
        uint32_t index = 0;
        struct bytes id = {0};
        enum err err = take_changed(&in, &index, &id);

        if (err == OK && (index < next || index >= total(e) || !id_valid(id))) {
            err = ERR_LIMIT;
        }
        if (err != OK) {
            return err;
        }
        next = index + 1;
    }
    return OK;
}

static bool sizes_valid(const struct volume_entry *e)
{
    uint32_t k_max = e->kind == VOLUME_META ? META_DATA_MAX : VOLUME_DATA_MAX;
    uint32_t m_max = e->k > VOLUME_PARITY_FLOOR ? e->k : VOLUME_PARITY_FLOOR;

    return e->number >= 1 && e->number <= VOLUME_NUMBER_MAX && e->k >= 1 && e->k <= k_max &&
           e->m <= m_max;
}

static bool list_valid(const struct volume_entry *e)
{
    size_t len = (size_t)total(e) * CID_LEN;

    if (e->cids.len > 0) {
        return e->list.length == 0 && e->cids.len == len;
    }
    return pointer_valid(&e->list) && e->list.length <= OBJECT_HEADER_LEN + len;
}

static enum err check(const struct volume_entry *e)
{
    enum err err = sizes_valid(e) && list_valid(e) ? OK : ERR_LIMIT;

    if (err == OK) {
        err = check_attempts(e);
    }
    return err == OK ? check_changed(e) : err;
}

static enum err put_front(struct buf *out, const struct volume_entry *e)
{
    enum err err = buf_append_byte(out, (uint8_t)e->kind);

    if (err == OK) {
        err = varint_put(out, e->k);
    }
    if (err == OK) {
        err = varint_put(out, e->m);
    }
    return err == OK ? buf_append(out, bytes_at(e->vk, KEY_LEN)) : err;
}

static enum err put_list(struct buf *out, const struct volume_entry *e)
{
    bool pointed = e->cids.len == 0;
    enum err err = buf_append_byte(out, pointed ? FORM_POINTER : FORM_INLINE);

    if (err != OK) {
        return err;
    }
    return pointed ? pointer_put(out, &e->list) : buf_append(out, e->cids);
}

enum err volume_entry_encode(const struct volume_entry *e, struct buf *out)
{
    size_t start = out->len;
    enum err err = e->kind == VOLUME_DATA || e->kind == VOLUME_META ? check(e) : ERR_LIMIT;

    if (err == OK) {
        err = put_front(out, e);
    }
    if (err == OK) {
        err = put_list(out, e);
    }
    if (err == OK) {
        err = put_sized(out, e->attempts);
    }
    if (err == OK) {
        err = put_sized(out, e->changed);
    }
    if (err != OK) {
        out->len = start;
    }
    return err;
}

static enum err take_front(struct bytes *in, struct volume_entry *e)
{
    uint8_t kind = 0;
    enum err err = take_u8(in, &kind);

    if (err == OK && kind != VOLUME_DATA && kind != VOLUME_META) {
        err = ERR_TOO_NEW;
    }
    e->kind = (enum volume_kind)kind;
    if (err == OK) {
        err = take_u32(in, VOLUME_DATA_MAX, &e->k);
    }
    if (err == OK) {
        err = take_u32(in, VOLUME_PARITY_MAX, &e->m);
    }
    return err == OK ? take_copy(in, e->vk, KEY_LEN) : err;
}

static enum err take_list(struct bytes *in, struct volume_entry *e)
{
    uint8_t form = 0;
    enum err err = take_u8(in, &form);

    if (err != OK) {
        return err;
    }
    switch (form) {
    case FORM_INLINE:
        return take_bytes(in, (size_t)total(e) * CID_LEN, &e->cids);
    case FORM_POINTER:
        return pointer_take(in, &e->list);
    default:
        return ERR_TOO_NEW;
    }
}

/* Take an entry whose number is already set. */
static enum err take_entry(struct bytes *in, struct volume_entry *e)
{
    enum err err = take_front(in, e);

    if (err == OK) {
        err = take_list(in, e);
    }
    if (err == OK) {
        err = take_sized(in, SEGMENT_LEN, &e->attempts);
    }
    if (err == OK) {
        err = take_sized(in, SEGMENT_LEN, &e->changed);
    }
    return err == OK ? check(e) : err;
}

enum err volume_entry_decode(uint32_t number, struct bytes value, struct volume_entry *e)
{
    enum err err;

    memset(e, 0, sizeof(*e));
    e->number = number;
    err = take_entry(&value, e);
    return err == OK && value.len > 0 ? ERR_BAD_FORMAT : err;
}

enum err volume_entry_put(struct buf *list, const struct volume_entry *e)
{
    size_t start = list->len;
    enum err err = varint_put(list, e->number);

    if (err == OK) {
        err = volume_entry_encode(e, list);
    }
    if (err != OK) {
        list->len = start;
    }
    return err;
}

enum err volume_entry_take(struct bytes *list, struct volume_entry *e)
{
    enum err err;

    memset(e, 0, sizeof(*e));
    err = take_u32(list, VOLUME_NUMBER_MAX, &e->number);
    return err == OK ? take_entry(list, e) : err;
}

void volume_key(uint32_t number, uint8_t key[VOLUME_KEY_LEN])
{
    for (int i = 0; i < VOLUME_KEY_LEN; i++) {
        key[i] = (uint8_t)(number >> (24 - 8 * i));
    }
}

enum err volume_key_decode(struct bytes key, uint32_t *number)
{
    uint32_t v = 0;

    for (size_t i = 0; i < key.len && i < VOLUME_KEY_LEN; i++) {
        v = v << 8 | key.ptr[i];
    }
    *number = v;
    return key.len == VOLUME_KEY_LEN && v >= 1 && v <= VOLUME_NUMBER_MAX ? OK : ERR_LIMIT;
}

struct cid volume_cid_at(struct bytes cids, uint32_t index)
{
    struct cid cid;

    memcpy(cid.b, cids.ptr + (size_t)index * CID_LEN, CID_LEN);
    return cid;
}
