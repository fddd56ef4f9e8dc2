/* A row of the catalogue is written back with its losses. */
#include "flow/publish/heal.h"

#include "base/crash_point.h"
#include "base/endian.h"
#include "io/store/store_care.h"
#include "io/store/store_health.h"
#include "io/store/store_known.h"
#include "io/store/store_volume.h"

/* A row, held while the store is free for other calls. */
struct held {
    struct store_volume row;
    struct buf states, cids, exceptions;
};

static void held_clear(struct held *h)
{
    buf_clear(&h->states);
    buf_clear(&h->cids);
    buf_clear(&h->exceptions);
    bytes_wipe(&h->row, sizeof(h->row));
}

static enum err hold(void *arg, const struct store_volume *row)
{
    struct held *h = arg;
    bool published = row->state == STORE_VOLUME_LIVE || row->state == STORE_VOLUME_HEALING;
    enum err err = published && row->kind == STORE_VOLUME_DATA ? OK : ERR_NO_ROW;

    h->row = *row;
    if (err == OK) {
        err = buf_append(&h->states, row->states);
    }
    if (err == OK) {
        err = buf_append(&h->cids, row->cids);
    }
    return err == OK ? buf_append(&h->exceptions, row->exceptions) : err;
}

static enum err mark(struct held *h, const struct heal_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        uint32_t index = places->indices[i];

        if (index >= h->row.k + h->row.m || index / 4 >= h->states.len) {
            return ERR_BAD_REQUEST;
        }
        h->states.ptr[index / 4] |= (uint8_t)(STORE_LOST << (2 * (index % 4)));
    }
    return OK;
}

enum err heal_volume(struct store *store, int64_t share, const struct heal_places *places)
{
    struct held h = {.row = {0}};
    struct store_flush flush = {.volumes = &h.row, .volume_count = 1};
    enum err err = store_volume_get(store, share, places->number, hold, &h);

    if (err == OK) {
        err = mark(&h, places);
    }
    if (err == OK) {
        h.row.state = STORE_VOLUME_HEALING;
        h.row.version = 0; /* nobody has begun with it */
        h.row.states = buf_view(&h.states);
        h.row.cids = buf_view(&h.cids);
        h.row.exceptions = buf_view(&h.exceptions);
        err = store_flush(store, share, &flush);
    }
    crash_point("losses noted");
    if (err == OK) {
        err = store_care_renew(store, share);
    }
    held_clear(&h);
    return err;
}

enum err heal_listing(struct store *store, int64_t share, uint32_t number)
{
    struct buf encoded = {0};
    enum err err = varint_put(&encoded, number);

    if (err == OK) {
        err = store_object_forget(store, share, buf_view(&encoded));
    }
    if (err == OK) {
        err = store_care_renew(store, share);
    }
    buf_clear(&encoded);
    return err;
}

/* --- afterwards ------------------------------------------------------------------------------- */

enum { HEAL_BATCH = 64 };

struct healed {
    uint64_t version;
    uint32_t last; /* number of the last row */
    struct left {
        uint32_t number, data, parity;
    } rows[HEAL_BATCH];
    size_t count;
};

static enum err count_left(void *arg, const struct store_volume *row)
{
    struct healed *h = arg;
    struct left left = {.number = row->number};

    h->last = row->number;
    if (row->state != STORE_VOLUME_HEALING || row->version != h->version) {
        return OK;
    }
    for (uint32_t i = 0; i < row->k + row->m && i / 4 < row->states.len; i++) {
        bool lost = (row->states.ptr[i / 4] >> (2 * (i % 4)) & 3) == STORE_LOST;

        left.data += lost && i < row->k;
        left.parity += lost && i >= row->k;
    }
    h->rows[h->count++] = left;
    return OK;
}

enum err heal_done(struct store *store, int64_t share, uint64_t version)
{
    struct healed h = {.version = version};
    uint32_t after;
    enum err err;

    do {
        after = h.last;
        h.count = 0;
        err = store_volume_pending(store, share, after, HEAL_BATCH, count_left, &h);
        for (size_t i = 0; i < h.count && err == OK; i++) {
            err =
                store_health_mend(store, share, h.rows[i].number, h.rows[i].data, h.rows[i].parity);
        }
    } while (err == OK && h.last != after);
    return err;
}
