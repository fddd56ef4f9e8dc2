/* Dedupe by content. A block's row holds eight bytes of its content id; the rest is compared in its
 * volume's row, which also says whether the segment is confirmed: a row that has gone stale finds
 * nothing. */
#include "io/store/store_known.h"

#include <string.h>

#include "base/endian.h"
#include "io/store/query.h"
#include "io/store/store_volume.h"

/* The integer a content id is looked up by. */
static int64_t prefix_of(const uint8_t *cid)
{
    return (int64_t)get_le64(cid);
}

static enum store_segment_state state_in(struct bytes states, uint32_t index)
{
    if (index / 4 >= states.len) {
        return STORE_PLANNED;
    }
    return (enum store_segment_state)((states.ptr[index / 4] >> (2 * (index % 4))) & 3);
}

static bool confirmed(int64_t volume_state, struct bytes states, uint32_t index)
{
    enum store_segment_state state = state_in(states, index);

    return volume_state == STORE_VOLUME_LIVE ? state != STORE_LOST : state == STORE_CONFIRMED;
}

/* --- blocks ----------------------------------------------------------------------------------- */

struct noting {
    struct store *store;
    int64_t share;
};

static enum err note_one(const struct noting *n, int64_t prefix, uint32_t volume, uint32_t index)
{
    static const char sql[] = "INSERT INTO blocks (share, prefix, volume, segment)"
                              " VALUES (?, ?, ?, ?)"
                              " ON CONFLICT (share, prefix, volume, segment) DO NOTHING";
    struct query q;

    query_init(&q, n->store, sql);
    query_int(&q, n->share);
    query_int(&q, prefix);
    query_int(&q, volume);
    query_int(&q, index);
    return query_run(&q, NULL);
}

static enum err note_volume(void *arg, struct query *q)
{
    const struct noting *n = arg;
    uint32_t number = (uint32_t)query_get_int(q);
    uint32_t k = (uint32_t)query_get_int(q);
    int64_t state = query_get_int(q);
    struct bytes states = query_get_bytes(q);
    struct bytes cids = query_get_bytes(q);
    enum err err = OK;

    for (uint32_t i = 0; err == OK && i < k && (i + 1) * sizeof(struct cid) <= cids.len; i++) {
        if (confirmed(state, states, i)) {
            err = note_one(n, prefix_of(cids.ptr + i * sizeof(struct cid)), number, i);
        }
    }
    return err;
}

enum err store_block_note(struct store *store, int64_t share, uint32_t number)
{
    static const char sql[] =
        "SELECT number, k, state, states, cids FROM volumes WHERE share = ? AND number = ?";
    struct noting noting = {store, share};
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, number);
    return store_end(store, query_each(&q, note_volume, &noting));
}

struct looking {
    const struct cid *cid;
    uint32_t volume, index;
    bool found;
};

static enum err look_block(void *arg, struct query *q)
{
    struct looking *l = arg;
    uint32_t volume = (uint32_t)query_get_int(q);
    uint32_t index = (uint32_t)query_get_int(q);
    int64_t state = query_get_int(q);
    struct bytes states = query_get_bytes(q);
    struct bytes cid = query_get_bytes(q);

    if (!l->found && confirmed(state, states, index) &&
        bytes_equal(cid, bytes_at(l->cid->b, sizeof(l->cid->b)))) {
        l->found = true;
        l->volume = volume;
        l->index = index;
    }
    return OK;
}

enum err store_block_find(
    struct store *store, int64_t share, const struct cid *cid, uint32_t *volume, uint32_t *index)
{
    static const char sql[] =
        "SELECT b.volume, b.segment, v.state, v.states, substr(v.cids, b.segment * 32 + 1, 32)"
        " FROM blocks b JOIN volumes v ON v.share = b.share AND v.number = b.volume"
        " WHERE b.share = ? AND b.prefix = ?";
    struct looking looking = {.cid = cid};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, prefix_of(cid->b));
    err = store_end(store, query_each(&q, look_block, &looking));
    if (err == OK && !looking.found) {
        return ERR_NO_ROW;
    }
    *volume = looking.volume;
    *index = looking.index;
    return err;
}

/* --- items ------------------------------------------------------------------------------------ */

enum err store_item_find(
    struct store *store, int64_t share, const uint8_t id[ITEM_ID_LEN], struct buf *extent)
{
    static const char sql[] =
        "SELECT i.extent, i.segment, i.next_segment, v.state, v.states"
        " FROM items i JOIN volumes v ON v.share = i.share AND v.number = i.volume"
        " WHERE i.share = ? AND i.id = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_bytes(&q, bytes_at(id, ITEM_ID_LEN));
    err = query_one(&q);
    if (err == OK) {
        struct bytes found = query_get_bytes(&q);
        uint32_t segment = (uint32_t)query_get_int(&q);
        uint32_t next = (uint32_t)query_get_int(&q);
        int64_t state = query_get_int(&q);
        struct bytes states = query_get_bytes(&q);

        err = confirmed(state, states, segment) && confirmed(state, states, next)
                  ? buf_append(extent, found)
                  : ERR_NO_ROW;
        query_end(&q);
    }
    return store_end(store, err);
}

enum err store_item_forget(struct store *store, int64_t share, uint32_t number)
{
    static const char sql[] = "DELETE FROM items WHERE share = ? AND volume = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, number);
    return store_end(store, query_run(&q, NULL));
}

/* --- objects ---------------------------------------------------------------------------------- */

static enum err note_object(
    struct store *store, int64_t share, uint64_t version, const struct store_object *object)
{
    static const char sql[] = "INSERT INTO objects (share, id, version, pointer)"
                              " VALUES (?, ?, ?, ?) ON CONFLICT (share, id) DO UPDATE SET"
                              " version = excluded.version, pointer = excluded.pointer";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_bytes(&q, bytes_at(object->id, sizeof(object->id)));
    query_int(&q, (int64_t)version);
    query_bytes(&q, bytes_at(object->pointer, object->pointer_len));
    return query_run(&q, NULL);
}

enum err store_object_note(struct store *store, int64_t share, uint64_t version,
    const struct store_object *objects, size_t count)
{
    enum err err = OK;

    for (size_t at = 0; err == OK && at < count;) {
        size_t end = count - at < STORE_BATCH_MAX ? count : at + STORE_BATCH_MAX;

        err = store_begin(store, STORE_WRITE);
        if (err != OK) {
            return err;
        }
        for (; err == OK && at < end; at++) {
            err = note_object(store, share, version, &objects[at]);
        }
        err = store_end(store, err);
    }
    return err;
}

enum err store_object_forget(struct store *store, int64_t share, struct bytes volume)
{
    static const char sql[] = "DELETE FROM objects WHERE share = ? AND substr(pointer, 1, ?) = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)volume.len);
    query_bytes(&q, volume);
    return store_end(store, query_run(&q, NULL));
}

enum err store_object_find(
    struct store *store, int64_t share, const uint8_t id[ITEM_ID_LEN], struct store_object *object)
{
    static const char sql[] = "SELECT pointer FROM objects WHERE share = ? AND id = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_bytes(&q, bytes_at(id, ITEM_ID_LEN));
    err = query_one(&q);
    if (err == OK) {
        struct bytes pointer = query_get_bytes(&q);

        if (pointer.len > sizeof(object->pointer)) {
            err = ERR_STORE_CORRUPT;
        } else {
            object->pointer_len = (uint8_t)pointer.len;
            memcpy(object->id, id, sizeof(object->id));
            memcpy(object->pointer, pointer.ptr, pointer.len);
        }
        query_end(&q);
    }
    return store_end(store, err);
}
