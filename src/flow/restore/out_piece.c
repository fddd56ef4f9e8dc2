/* Pieces: wait for their segments, are rebuilt on a worker, go to the disk. */
#include "flow/restore/out_piece.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/rebuild.h"

static void unpin(struct piece *p)
{
    for (size_t i = 0; i < 2; i++) {
        arrival_unpin(p->from[i]);
        p->from[i] = NULL;
    }
}

void piece_free(struct piece *p)
{
    list_remove(&p->node);
    list_remove(&p->turn);
    for (size_t i = 0; i < 2; i++) {
        list_remove(&p->waiters[i].node);
    }
    unpin(p);
    held_drop(p->data);
    p->file->out->plain_bytes -= p->plain_counted;
    free(p);
}

static void rebuild_more(struct restore_out *out);

void piece_end(struct piece *p)
{
    struct out_file *f = p->file;

    piece_free(p);
    rebuild_more(f->out);
    out_file_check(f);
}

static void piece_lost(struct piece *p, enum err err)
{
    if (p->file->lost == OK) {
        p->file->lost = err;
    }
    piece_end(p);
}

static void on_rebuilt(void *arg, enum err err, struct rebuilt *rebuilt)
{
    struct piece *p = arg;

    if (err != OK && err_kind(err) != KIND_CORRUPT) {
        restore_ctx_fail(p->file->out->ctx, err, NULL);
        return;
    }
    if (err != OK) {
        piece_lost(p, err);
        return;
    }
    p->data = rebuilt->data;
    p->data_from = rebuilt->from;
    p->len = rebuilt->len;
    if (rebuilt->own_bytes) {
        unpin(p);
    }
    out_file_write(p->file, p);
}

/* The bytes that the piece is rebuilt from, in order. */
static enum err collect(struct piece *p, struct rebuild *r)
{
    size_t left = p->extent.stored_len;
    size_t first = PAYLOAD_LEN - p->extent.offset;

    if (p->from[0] == NULL) {
        r->part[0].data = held_new(p->inlined.len);
        if (r->part[0].data == NULL) {
            return ERR_NO_MEMORY;
        }
        memcpy(r->part[0].data->bytes, p->inlined.ptr, p->inlined.len);
        r->part[0].len = p->inlined.len;
        return OK;
    }
    r->part[0].data = held_keep(arrival_payload(p->from[0]));
    r->part[0].from = p->extent.offset;
    r->part[0].len = left < first ? left : first;
    left -= r->part[0].len;
    if (left > 0 && p->from[1] != NULL) {
        r->part[1].data = held_keep(arrival_payload(p->from[1]));
        r->part[1].len = left;
    }
    return OK;
}

static enum err rebuild_piece(struct piece *p)
{
    struct restore_out *out = p->file->out;
    struct rebuild r = {.coding = p->extent.coding, .plain_len = p->extent.plain_len};
    enum err err;

    memcpy(r.item, p->extent.item, sizeof(r.item));
    memcpy(r.ck, out->ck, sizeof(r.ck));
    err = collect(p, &r);
    if (err == OK) {
        err = rebuild_start(out->ctx, &r, on_rebuilt, p);
    } else {
        held_drop(r.part[0].data);
        held_drop(r.part[1].data);
    }
    return err;
}

/* Give workers what is ready, as far as memory for the results goes. */
static void rebuild_more(struct restore_out *out)
{
    while (!list_empty(&out->ready) && out->ctx->err == OK) {
        struct piece *p = LIST_ITEM(out->ready.next, struct piece, turn);
        size_t len = (size_t)p->extent.plain_len;
        enum err err;

        if (out->plain_bytes > 0 && out->plain_bytes + len > OUT_PLAIN_BYTES_MAX) {
            return;
        }
        list_remove(&p->turn);
        p->plain_counted = len;
        out->plain_bytes += len;
        err = rebuild_piece(p);
        if (err != OK) {
            restore_ctx_fail(out->ctx, err, NULL);
        }
    }
}

/* All segments have come, or are known not to. */
static void piece_arrived(struct piece *p)
{
    for (size_t i = 0; i < 2; i++) {
        if (p->from[i] != NULL && arrival_state(p->from[i]) == ARRIVAL_LOST) {
            piece_lost(p, ERR_ARTICLES_LOST);
            return;
        }
    }
    if (p->extent.kind == EXTENT_RAW) { /* checked as a whole when it was opened */
        p->data = held_keep(arrival_payload(p->from[0]));
        p->len = (size_t)p->extent.plain_len;
        out_file_write(p->file, p);
        return;
    }
    list_push(&p->file->out->ready, &p->turn);
    rebuild_more(p->file->out);
}

static void on_arrival(void *arg)
{
    struct piece *p = arg;

    if (--p->missing == 0) {
        piece_arrived(p);
    }
}

static void wait_for(struct piece *p, size_t i)
{
    enum arrival_state state;

    if (p->from[i] == NULL) {
        return;
    }
    state = arrival_state(p->from[i]);
    if (state == ARRIVAL_HERE || state == ARRIVAL_LOST) {
        return;
    }
    p->waiters[i].fn = on_arrival;
    p->waiters[i].arg = p;
    p->missing++;
    arrival_wait(p->from[i], &p->waiters[i]);
}

enum err out_file_add(struct out_file *f, const struct out_piece *piece)
{
    struct piece *p = calloc(1, sizeof(*p));
    enum err err;

    if (p == NULL) {
        return ERR_NO_MEMORY;
    }
    p->file = f;
    p->extent = piece->extent;
    p->offset = piece->offset;
    p->inlined = piece->inlined;
    p->whole = piece->offset == 0 && piece->extent.plain_len == f->size;
    list_init(&p->turn);
    list_init(&p->waiters[0].node);
    list_init(&p->waiters[1].node);
    err = p->whole ? OK : out_file_reserve(f);
    if (err != OK) {
        free(p);
        return err;
    }
    p->from[0] = piece->from[0];
    p->from[1] = piece->from[1];
    list_push(&f->pieces, &p->node);
    wait_for(p, 0);
    wait_for(p, 1);
    if (p->missing == 0) {
        piece_arrived(p);
    }
    return OK;
}
