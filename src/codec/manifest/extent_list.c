/* Chunks of extents, lists of pointers to chunks, lists of those: each level is one open object. */
#include "codec/manifest/extent_list.h"

#include <stdlib.h>
#include <string.h>

enum { EXTENT_ENCODED_MAX = 64 }; /* more than one ever needs */

struct extent_list {
    manifest_emit_fn emit;
    void *arg;
    struct extent pending; /* may still grow; plain_len 0: none */
    struct extent_writer chunk;
    struct buf lists[EXTENT_DEPTH_MAX]; /* pointers to chunks, to lists of those ... */
    size_t counts[EXTENT_DEPTH_MAX];
};

enum err extent_list_new(manifest_emit_fn emit, void *arg, struct extent_list **out)
{
    struct extent_list *l = calloc(1, sizeof(*l));

    if (l == NULL) {
        return ERR_NO_MEMORY;
    }
    l->emit = emit;
    l->arg = arg;
    *out = l;
    return OK;
}

void extent_list_free(struct extent_list *l)
{
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < EXTENT_DEPTH_MAX; i++) {
        buf_clear(&l->lists[i]);
    }
    buf_clear(&l->chunk.out);
    free(l);
}

/* Hand out `object`, empty it, and set *at to where it lies. */
static enum err hand_out(struct extent_list *l, struct buf *object, struct pointer *at)
{
    enum err err;

    memset(at, 0, sizeof(*at));
    err = l->emit(l->arg, buf_view(object), at);
    object->len = 0;
    return err;
}

/* Put a pointer into the list of `level`; lists that are full go into the level above. */
static enum err put_pointer(struct extent_list *l, size_t level, struct pointer at)
{
    enum err err = OK;

    while (err == OK && level < EXTENT_DEPTH_MAX) {
        struct buf *list = &l->lists[level];

        err = pointer_put(list, &at);
        l->counts[level]++;
        if (err != OK || list->len + POINTER_ENCODED_MAX <= PAGE_MAX) {
            return err;
        }
        err = hand_out(l, list, &at);
        l->counts[level] = 0;
        level++;
    }
    return err == OK ? ERR_LIMIT : err;
}

static enum err close_chunk(struct extent_list *l)
{
    struct pointer at;
    enum err err = hand_out(l, &l->chunk.out, &at);

    l->chunk.volume = 0;
    l->chunk.index = 0;
    return err == OK ? put_pointer(l, 0, at) : err;
}

static enum err flush_pending(struct extent_list *l)
{
    enum err err = OK;

    if (l->pending.plain_len > 0) {
        err = extent_writer_put(&l->chunk, &l->pending);
        l->pending.plain_len = 0;
    }
    if (err == OK && l->chunk.out.len + EXTENT_ENCODED_MAX > PAGE_MAX) {
        err = close_chunk(l);
    }
    return err;
}

/* Make `e` part of the pending extent, if it goes on where that one ends. */
static bool joined(struct extent *pending, const struct extent *e)
{
    if (pending->plain_len == 0 || pending->plain_len % PAYLOAD_LEN != 0 ||
        pending->kind != e->kind || e->plain_len > COUNT_MAX - pending->plain_len) {
        return false;
    }
    if (e->kind == EXTENT_RAW && e->volume == pending->volume &&
        e->index == pending->index + pending->blocks) {
        pending->blocks += e->blocks;
        pending->plain_len += e->plain_len;
        return true;
    }
    if (e->kind == EXTENT_HOLE && e->plain_len % PAYLOAD_LEN == 0) {
        pending->plain_len += e->plain_len;
        return true;
    }
    return false;
}

enum err extent_list_add(struct extent_list *l, const struct extent *e)
{
    enum err err;

    if (e->plain_len == 0) {
        return ERR_LIMIT;
    }
    if (joined(&l->pending, e)) {
        return OK;
    }
    err = flush_pending(l);
    l->pending = *e;
    return err;
}

/* Close levels from below until what is left fits a record. */
static enum err climb(struct extent_list *l, uint8_t *depth, struct buf *run)
{
    enum err err = l->chunk.out.len > 0 ? close_chunk(l) : OK;
    size_t level = 0;

    while (err == OK && level < EXTENT_DEPTH_MAX) {
        bool above = level + 1 < EXTENT_DEPTH_MAX && l->lists[level + 1].len > 0;
        struct buf *list = &l->lists[level];
        struct pointer at;

        if (!above && list->len > 0 && l->counts[level] <= EXTENT_POINTERS_MAX) {
            *depth = (uint8_t)(level + 1);
            return buf_append(run, buf_view(list));
        }
        if (list->len > 0) {
            err = hand_out(l, list, &at);
            l->counts[level] = 0;
            err = err == OK ? put_pointer(l, level + 1, at) : err;
        }
        level++;
    }
    return err == OK ? ERR_LIMIT : err;
}

enum err extent_list_finish(struct extent_list *l, uint8_t *depth, struct buf *run)
{
    enum err err = flush_pending(l);

    *depth = 0;
    if (err == OK && l->lists[0].len == 0 && l->lists[1].len == 0 && l->lists[2].len == 0 &&
        l->chunk.out.len <= EXTENTS_INLINE_MAX) {
        err = buf_append(run, buf_view(&l->chunk.out));
    } else if (err == OK) {
        err = climb(l, depth, run);
    }
    l->chunk.out.len = 0;
    l->chunk.volume = 0;
    l->chunk.index = 0;
    l->pending.plain_len = 0;
    for (size_t i = 0; i < EXTENT_DEPTH_MAX; i++) {
        l->lists[i].len = 0;
        l->counts[i] = 0;
    }
    return err;
}
