/* The map of a volume in memory. A place once accepted keeps its contents, also when it is lost and
 * goes out again; only out_volume_give_up() and out_volume_reopen() take contents away. */
#include "flow/publish/out_volume.h"

#include <stdlib.h>
#include <string.h>

#include "base/crash_point.h"
#include "base/endian.h"
#include "base/random.h"
#include "base/secret.h"
#include "codec/manifest/volume_table.h"

static const struct cid no_cid;

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t usual_k(const struct publish_ctx *ctx, enum store_volume_kind kind)
{
    uint32_t usual = kind == STORE_VOLUME_META ? VOLUME_META_K : VOLUME_DATA_K;

    return ctx->o.volume_k != 0 && ctx->o.volume_k < usual ? ctx->o.volume_k : usual;
}

/* Make the map; `k` and `m` are those of its row, 0 when it is new. */
static enum err alloc(const struct publish_ctx *ctx, struct out_volume *v, uint32_t k, uint32_t m)
{
    enum err err;

    v->k_max = larger(k, usual_k(ctx, v->kind));
    v->places = v->k_max + larger(m, larger(v->k_max, VOLUME_PARITY_FLOOR));
    v->used = calloc(v->k_max, 1);
    v->attempts = calloc(v->places, sizeof(*v->attempts));
    err = buf_resize(&v->states, (v->places + 3) / 4);
    if (err == OK) {
        err = buf_resize(&v->cids, (size_t)v->places * sizeof(struct cid));
    }
    if (v->used == NULL || v->attempts == NULL || err != OK) {
        return ERR_NO_MEMORY;
    }
    memset(v->states.ptr, 0, v->states.len);
    memset(v->cids.ptr, 0, v->cids.len);
    return OK;
}

enum err out_volume_new(const struct publish_ctx *ctx, struct sealer *sealer,
    enum store_volume_kind kind, struct out_volume **volume)
{
    struct out_volume *v = secret_new(sizeof(*v));
    enum err err;

    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    v->kind = kind;
    v->state = STORE_VOLUME_OPEN;
    v->version = ctx->version;
    err = alloc(ctx, v, 0, 0);
    if (err == OK) {
        err = random_bytes(v->key, sizeof(v->key));
    }
    if (err == OK) {
        err = seal_volume_keys(sealer, v->key, ctx->keys.ck, &v->keys);
    }
    if (err == OK) {
        err = store_volume_add(ctx->o.store, ctx->share.id, kind, v->version, v->key, &v->number);
    }
    crash_point("volume made");
    if (err != OK) {
        out_volume_free(v);
        return err;
    }
    *volume = v;
    return OK;
}

enum err out_volume_split_exceptions(
    struct bytes exceptions, struct bytes *attempts, struct bytes *changed)
{
    uint64_t len = 0;
    enum err err;

    *attempts = bytes_at(NULL, 0);
    *changed = bytes_at(NULL, 0);
    if (exceptions.len == 0) {
        return OK;
    }
    err = varint_take(&exceptions, &len);
    if (err == OK) {
        err = take_bytes(&exceptions, len, attempts);
    }
    if (err == OK) {
        *changed = exceptions;
    }
    return err == OK ? OK : ERR_STORE_CORRUPT;
}

/* Could this be a row of ours? */
static bool row_fits(const struct store_volume *row)
{
    uint64_t count = (uint64_t)row->k + row->m;

    return row->k <= VOLUME_DATA_MAX && row->m <= larger(row->k, VOLUME_PARITY_FLOOR) &&
           row->cids.len >= count * sizeof(struct cid) && row->states.len >= (count + 3) / 4;
}

static enum err fill_from_row(struct out_volume *v, const struct store_volume *row)
{
    uint32_t count = row->k + row->m;
    struct volume_entry entry = {0};
    enum err err = out_volume_split_exceptions(row->exceptions, &entry.attempts, &entry.changed);

    if (err != OK || count == 0) {
        return err;
    }
    v->k = row->k;
    v->m = row->m;
    memcpy(v->states.ptr, row->states.ptr, (count + 3) / 4);
    memcpy(v->cids.ptr, row->cids.ptr, (size_t)count * sizeof(struct cid));
    for (uint32_t i = 0; i < count; i++) {
        v->attempts[i] = volume_attempt_of(&entry, i);
    }
    for (uint32_t i = 0; i < v->k; i++) {
        v->used[i] = out_volume_state_of(v, i) != STORE_PLANNED || out_volume_has_cid(v, i);
    }
    return buf_append(&v->changed, entry.changed);
}

enum err out_volume_from_row(const struct publish_ctx *ctx, struct sealer *sealer,
    const struct store_volume *row, struct out_volume **volume)
{
    struct out_volume *v = secret_new(sizeof(*v));
    enum err err = row_fits(row) ? OK : ERR_STORE_CORRUPT;

    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    v->number = row->number;
    v->kind = row->kind;
    v->state = row->state;
    v->version = row->version;
    memcpy(v->key, row->key, sizeof(v->key));
    if (err == OK) {
        err = alloc(ctx, v, row->k, row->m);
    }
    if (err == OK) {
        err = seal_volume_keys(sealer, v->key, ctx->keys.ck, &v->keys);
    }
    if (err == OK) {
        err = fill_from_row(v, row);
    }
    if (err != OK) {
        out_volume_free(v);
        return err;
    }
    *volume = v;
    return OK;
}

void out_volume_free(struct out_volume *v)
{
    if (v == NULL) {
        return;
    }
    bytes_wipe(v->key, sizeof(v->key));
    bytes_wipe(&v->keys, sizeof(v->keys));
    buf_clear(&v->states);
    buf_clear(&v->cids);
    buf_clear(&v->changed);
    free(v->used);
    free(v->attempts);
    secret_free(v);
}

static uint32_t lowest_free(const struct out_volume *v)
{
    uint32_t i = v->next;

    while (i < v->k_max && v->used[i]) {
        i++;
    }
    return i;
}

bool out_volume_has_room(const struct out_volume *v)
{
    return lowest_free(v) < v->k_max;
}

enum err out_volume_take_index(struct out_volume *v, uint32_t *index)
{
    uint32_t i = lowest_free(v);

    if (i == v->k_max) {
        return ERR_LIMIT;
    }
    v->used[i] = 1;
    v->next = i + 1;
    if (v->k <= i) {
        v->k = i + 1;
    }
    *index = i;
    return OK;
}

uint32_t out_volume_count(const struct out_volume *v)
{
    return v->k + v->m;
}

enum seal_kind out_volume_kind_of(const struct out_volume *v, uint32_t index)
{
    return index < v->k ? SEAL_KIND_DATA : SEAL_KIND_PARITY;
}

enum store_segment_state out_volume_state_of(const struct out_volume *v, uint32_t index)
{
    return (enum store_segment_state)((v->states.ptr[index / 4] >> (2 * (index % 4))) & 3);
}

void out_volume_set_state(struct out_volume *v, uint32_t index, enum store_segment_state state)
{
    uint8_t *byte = &v->states.ptr[index / 4];
    unsigned shift = 2 * (index % 4);

    *byte = (uint8_t)((*byte & ~(3U << shift)) | ((unsigned)state << shift));
    v->dirty = 1;
}

/* Put the changed id of `index` into its place in the rising list, replacing an older one. */
static enum err put_changed(struct out_volume *v, uint32_t index, const struct article_id *id)
{
    struct volume_entry entry = {.changed = buf_view(&v->changed)};
    struct buf out = {0};
    enum err err = OK;

    for (uint32_t i = 0; i < v->places && err == OK; i++) {
        struct bytes have;

        if (i == index) {
            if (id != NULL) {
                err = volume_changed_put(&out, i, bytes_str(id->text));
            }
        } else if (volume_changed_of(&entry, i, &have)) {
            err = volume_changed_put(&out, i, have);
        }
    }
    if (err == OK) {
        buf_clear(&v->changed);
        v->changed = out;
    } else {
        buf_clear(&out);
    }
    return err;
}

enum err out_volume_accept(
    struct out_volume *v, uint32_t index, const struct cid *cid, const struct article_id *changed)
{
    out_volume_set_cid(v, index, cid);
    out_volume_set_state(v, index, STORE_ACCEPTED);
    if (changed != NULL || v->changed.len > 0) {
        return put_changed(v, index, changed);
    }
    return OK;
}

struct cid out_volume_cid(const struct out_volume *v, uint32_t index)
{
    struct cid cid;

    memcpy(&cid, v->cids.ptr + (size_t)index * sizeof(cid), sizeof(cid));
    return cid;
}

void out_volume_set_cid(struct out_volume *v, uint32_t index, const struct cid *cid)
{
    memcpy(v->cids.ptr + (size_t)index * sizeof(*cid), cid, sizeof(*cid));
    v->dirty = 1;
}

bool out_volume_has_cid(const struct out_volume *v, uint32_t index)
{
    struct cid cid = out_volume_cid(v, index);

    return memcmp(&cid, &no_cid, sizeof(cid)) != 0;
}

static bool none_planned(const struct out_volume *v, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (out_volume_state_of(v, i) == STORE_PLANNED) {
            return false;
        }
    }
    return true;
}

bool out_volume_data_accepted(const struct out_volume *v)
{
    return v->k > 0 && none_planned(v, v->k);
}

enum err out_volume_close(struct out_volume *v, uint32_t m, const struct cid *parity_cids)
{
    if (v->state != STORE_VOLUME_OPEN || !out_volume_data_accepted(v)) {
        return ERR_BUG;
    }
    if (m > larger(v->k, VOLUME_PARITY_FLOOR) || m > v->places - v->k) {
        return ERR_LIMIT;
    }
    v->state = STORE_VOLUME_CLOSED;
    v->m = m;
    v->dirty = 1;
    for (uint32_t j = 0; j < m && parity_cids != NULL; j++) {
        out_volume_set_cid(v, v->k + j, &parity_cids[j]);
    }
    return OK;
}

/* Drop the changed ids of parity places: they stand behind those of the data. */
static void forget_changed(struct out_volume *v)
{
    struct bytes left = buf_view(&v->changed);
    struct bytes id;
    uint64_t index, len;
    size_t kept = 0;

    while (varint_take(&left, &index) == OK && index < v->k && varint_take(&left, &len) == OK &&
           take_bytes(&left, len, &id) == OK) {
        kept = v->changed.len - left.len;
    }
    v->changed.len = kept;
}

void out_volume_reopen(struct out_volume *v)
{
    for (uint32_t i = v->k; i < out_volume_count(v); i++) {
        out_volume_set_state(v, i, STORE_PLANNED);
        out_volume_set_cid(v, i, &no_cid);
        v->attempts[i] = 0;
    }
    forget_changed(v);
    v->state = STORE_VOLUME_OPEN;
    v->m = 0;
    v->next = 0;
    v->dirty = 1;
}

bool out_volume_complete(const struct out_volume *v)
{
    return (v->state == STORE_VOLUME_CLOSED || v->state == STORE_VOLUME_HEALING) &&
           none_planned(v, out_volume_count(v));
}

enum err out_volume_article_id(
    const struct out_volume *v, struct sealer *sealer, uint32_t index, struct article_id *id)
{
    struct volume_entry entry = {.changed = buf_view(&v->changed)};
    struct seal_place place = {out_volume_cid(v, index), index, v->attempts[index]};
    struct seal_names names;
    struct bytes changed;
    enum err err;

    if (volume_changed_of(&entry, index, &changed)) {
        if (changed.len >= sizeof(id->text)) {
            return ERR_STORE_CORRUPT;
        }
        memcpy(id->text, changed.ptr, changed.len);
        id->text[changed.len] = '\0';
        return OK;
    }
    err = seal_segment_names(sealer, &v->keys, &place, &names);
    if (err == OK) {
        *id = names.id;
    }
    return err;
}

enum err out_volume_attempts(const struct out_volume *v, struct buf *out)
{
    enum err err = OK;

    for (uint32_t i = 0; i < out_volume_count(v) && err == OK; i++) {
        if (v->attempts[i] != 0) {
            err = volume_attempt_put(out, i, v->attempts[i]);
        }
    }
    return err;
}

enum err out_volume_exceptions(const struct out_volume *v, struct buf *out)
{
    struct buf attempts = {0};
    enum err err = out_volume_attempts(v, &attempts);

    if (err == OK && (attempts.len > 0 || v->changed.len > 0)) {
        err = varint_put(out, attempts.len);
        if (err == OK) {
            err = buf_append(out, buf_view(&attempts));
        }
        if (err == OK) {
            err = buf_append(out, buf_view(&v->changed));
        }
    }
    buf_clear(&attempts);
    return err;
}

enum err out_volume_row(
    const struct out_volume *v, struct buf *exceptions, struct store_volume *row)
{
    enum err err;

    *row = (struct store_volume){
        .number = v->number,
        .kind = v->kind,
        .state = v->state,
        .version = v->version,
        .k = v->k,
        .m = v->m,
        .states = bytes_at(v->states.ptr, (out_volume_count(v) + 3) / 4),
        .cids = bytes_at(v->cids.ptr, (size_t)out_volume_count(v) * sizeof(struct cid)),
    };
    memcpy(row->key, v->key, sizeof(row->key));
    exceptions->len = 0;
    err = out_volume_exceptions(v, exceptions);
    row->exceptions = buf_view(exceptions);
    return err;
}

enum err out_volume_store(const struct publish_ctx *ctx, struct out_volume *v)
{
    struct store_flush flush = {.volume_count = 1};
    struct store_volume row;
    struct buf exceptions = {0};
    enum err err = v->dirty ? out_volume_row(v, &exceptions, &row) : OK;

    flush.volumes = &row;
    if (err == OK && v->dirty) {
        err = store_flush(ctx->o.store, ctx->share.id, &flush);
    }
    if (err == OK) {
        v->dirty = 0;
    }
    buf_clear(&exceptions);
    return err;
}
