/* Errands around a scratch file. */
#include "flow/restore/repair_disk.h"

#include <stdlib.h>
#include <string.h>

/* --- making it --- */

struct open_scratch {
    struct errand errand;
    struct buf folders[RESTORE_SCRATCH_FOLDERS];
    struct repair_room room;
    struct disk_scratch *scratch; /* out */
    enum err err;                 /* out */
    repair_open_fn done;
    void *arg;
};

/* The error is that of the first folder: the one that was meant. */
static void open_run(struct errand *errand)
{
    struct open_scratch *o = (struct open_scratch *)(void *)errand;
    struct disk_scratch_want want = {
        .size = o->room.size, .leave = o->room.leave, .beside = buf_view(&o->folders[0])};
    enum err first = OK;

    o->err = ERR_NOT_FOUND;
    for (size_t i = 0; i < RESTORE_SCRATCH_FOLDERS && o->err != OK; i++) {
        want.folder = buf_view(&o->folders[i]);
        if (want.folder.len > 0) {
            o->err = disk_scratch_new(&want, &o->scratch);
            first = first == OK ? o->err : first;
        }
    }
    o->err = o->err == OK ? OK : first;
}

static void open_clear(struct errand *errand)
{
    struct open_scratch *o = (struct open_scratch *)(void *)errand;

    for (size_t i = 0; i < RESTORE_SCRATCH_FOLDERS; i++) {
        buf_clear(&o->folders[i]);
    }
    disk_scratch_drop(o->scratch);
}

static void open_done(struct errand *errand)
{
    struct open_scratch *o = (struct open_scratch *)(void *)errand;
    repair_open_fn done = o->done;
    void *arg = o->arg;
    enum err err = o->err;
    struct disk_scratch *scratch = o->scratch;

    o->scratch = NULL;
    errand_free(errand);
    done(arg, err, scratch);
}

enum err repair_open_start(
    struct restore_ctx *ctx, const struct repair_room *room, repair_open_fn done, void *arg)
{
    struct open_scratch *o = calloc(1, sizeof(*o));
    enum err err = OK;

    if (o == NULL) {
        return ERR_NO_MEMORY;
    }
    o->errand = (struct errand){.run = open_run, .done = open_done, .clear = open_clear};
    for (size_t i = 0; i < RESTORE_SCRATCH_FOLDERS && err == OK; i++) {
        err = buf_append(&o->folders[i], buf_view(&ctx->scratch[i]));
    }
    if (err != OK) {
        open_clear(&o->errand);
        free(o);
        return err;
    }
    o->room = *room;
    o->done = done;
    o->arg = arg;
    errand_submit(&ctx->errands, &o->errand);
    return OK;
}

/* --- putting segments into it --- */

struct store_errand {
    struct errand errand;
    struct openers *openers;
    struct volume_keys keys; /* a copy, wiped */
    struct seal_place place;
    struct held *payload;
    struct disk_scratch *scratch;
    enum err err; /* out */
    repair_store_fn done;
    void *arg;
};

static void store_run(struct errand *errand)
{
    struct store_errand *e = (struct store_errand *)(void *)errand;
    struct sealer *s = NULL;
    uint8_t *sealed = malloc(SEGMENT_LEN);

    e->err = sealed == NULL ? ERR_NO_MEMORY : openers_borrow(e->openers, &s);
    if (e->err == OK) {
        e->err = seal_segment_known(s, &e->keys, &e->place, e->payload->bytes, sealed);
        openers_return(e->openers, s);
    }
    if (e->err == OK) {
        e->err = disk_scratch_write(
            e->scratch, (uint64_t)e->place.index * SEGMENT_LEN, bytes_at(sealed, SEGMENT_LEN));
    }
    free(sealed);
}

static void store_clear(struct errand *errand)
{
    struct store_errand *e = (struct store_errand *)(void *)errand;

    held_drop(e->payload);
    disk_scratch_drop(e->scratch);
    openers_drop(e->openers);
    bytes_wipe(&e->keys, sizeof(e->keys));
}

static void store_done(struct errand *errand)
{
    struct store_errand *e = (struct store_errand *)(void *)errand;
    repair_store_fn done = e->done;
    void *arg = e->arg;
    enum err err = e->err;

    errand_free(errand);
    done(arg, err);
}

enum err repair_store_start(
    struct restore_ctx *ctx, const struct repair_store *store, repair_store_fn done, void *arg)
{
    struct store_errand *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        return ERR_NO_MEMORY;
    }
    e->errand = (struct errand){.run = store_run, .done = store_done, .clear = store_clear};
    e->openers = openers_keep(ctx->openers);
    e->keys = *store->keys;
    e->place = *store->place;
    e->payload = held_keep(store->payload);
    e->scratch = disk_scratch_keep(store->scratch);
    e->done = done;
    e->arg = arg;
    errand_submit(&ctx->errands, &e->errand);
    return OK;
}

/* --- giving room back --- */

struct trim_errand {
    struct errand errand;
    struct disk_scratch *scratch;
    uint32_t count;
    uint32_t *but;
    size_t but_count;
    enum err err; /* out */
    repair_trim_fn done;
    void *arg;
};

static enum err forget(struct trim_errand *e, uint32_t from, uint32_t to)
{
    if (from == to) {
        return OK;
    }
    return disk_scratch_forget(
        e->scratch, (uint64_t)from * SEGMENT_LEN, (uint64_t)(to - from) * SEGMENT_LEN);
}

static void trim_run(struct errand *errand)
{
    struct trim_errand *e = (struct trim_errand *)(void *)errand;
    uint32_t from = 0;

    for (size_t i = 0; i < e->but_count && e->err == OK; i++) {
        e->err = forget(e, from, e->but[i]);
        from = e->but[i] + 1;
    }
    if (e->err == OK) {
        e->err = forget(e, from, e->count);
    }
}

static void trim_clear(struct errand *errand)
{
    struct trim_errand *e = (struct trim_errand *)(void *)errand;

    disk_scratch_drop(e->scratch);
    free(e->but);
}

static void trim_done(struct errand *errand)
{
    struct trim_errand *e = (struct trim_errand *)(void *)errand;
    repair_trim_fn done = e->done;
    void *arg = e->arg;
    enum err err = e->err;

    errand_free(errand);
    done(arg, err);
}

enum err repair_trim_start(
    struct restore_ctx *ctx, const struct repair_trim *trim, repair_trim_fn done, void *arg)
{
    struct trim_errand *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        return ERR_NO_MEMORY;
    }
    e->but = calloc(trim->but_count + 1, sizeof(*e->but));
    if (e->but == NULL) {
        free(e);
        return ERR_NO_MEMORY;
    }
    e->errand = (struct errand){.run = trim_run, .done = trim_done, .clear = trim_clear};
    e->scratch = disk_scratch_keep(trim->scratch);
    e->count = trim->count;
    e->but_count = trim->but_count;
    memcpy(e->but, trim->but, trim->but_count * sizeof(*e->but));
    e->done = done;
    e->arg = arg;
    errand_submit(&ctx->errands, &e->errand);
    return OK;
}
