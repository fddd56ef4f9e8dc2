/* Pieces: wait for their segments, then go to the disk, where they are rebuilt. */
#include "flow/restore/out_piece.h"

#include <stdlib.h>
#include <string.h>

void piece_free(struct piece *p)
{
    list_remove(&p->node);
    list_remove(&p->turn);
    for (size_t i = 0; i < 2; i++) {
        list_remove(&p->waiters[i].node);
    }
    for (size_t i = 0; i < 2; i++) {
        arrival_unpin(p->from[i]);
    }
    held_drop(p->copy);
    free(p);
}

void piece_end(struct piece *p)
{
    struct out_file *f = p->file;

    piece_free(p);
    out_file_check(f);
}

void piece_lost(struct piece *p, enum err err)
{
    if (p->file->lost == OK) {
        p->file->lost = err;
    }
    piece_end(p);
}

/* An item lies in one segment, or goes on at the front of a second; the head's stream is its own.
 */
static enum err fill_item(struct piece *p, struct write_request *r)
{
    size_t left = p->extent.stored_len;
    size_t first = PAYLOAD_LEN - p->extent.offset;

    r->rebuild = (struct rebuild){
        .kind = REBUILD_ITEM, .coding = p->extent.coding, .plain_len = p->extent.plain_len};
    memcpy(r->rebuild.item, p->extent.item, sizeof(r->rebuild.item));
    memcpy(r->rebuild.ck, p->file->out->ck, sizeof(r->rebuild.ck));
    if (p->from[0] == NULL) {
        p->copy = held_new(p->inlined.len);
        if (p->copy == NULL) {
            return ERR_NO_MEMORY;
        }
        memcpy(p->copy->bytes, p->inlined.ptr, p->inlined.len);
        r->part[0] = (struct write_part){.data = p->copy, .len = p->inlined.len};
        return OK;
    }
    r->part[0] = (struct write_part){.data = arrival_payload(p->from[0]),
        .from = p->extent.offset,
        .len = left < first ? left : first};
    left -= r->part[0].len;
    if (left > 0 && p->from[1] != NULL) {
        r->part[1] = (struct write_part){.data = arrival_payload(p->from[1]), .len = left};
    }
    return OK;
}

enum err piece_fill(struct piece *p, struct write_request *r)
{
    r->offset = p->offset;
    if (p->extent.kind != EXTENT_RAW) {
        return fill_item(p, r);
    }
    r->part[0] = (struct write_part){
        .data = arrival_payload(p->from[0]), .len = (size_t)p->extent.plain_len};
    return OK;
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
    out_file_write(p->file, p);
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
