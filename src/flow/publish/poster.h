/* The way out of one segment: seal (or mask) and yEnc on a worker, post, mark it in its volume's
 * map. Many at once, never more than the window, which may change; callers ask poster_has_room().
 */
#ifndef FLOW_PUBLISH_POSTER_H
#define FLOW_PUBLISH_POSTER_H

#include "flow/publish/out_volume.h"

struct poster;

struct poster_events {
    /* A data segment was sealed: *sealed holds its SEGMENT_LEN bytes without a mask and may be
     * taken; what is left of it goes to the spare buffers. Once a segment, before `accepted`. What
     * it returns fails the poster. It must not cancel the poster. May be NULL. */
    enum err (*sealed)(void *arg, struct out_volume *volume, uint32_t index, struct buf *sealed);
    /* A parity segment is in its article now: the memory of its bytes is free again. Once a
     * segment, before `accepted`. Changes nothing in the poster. May be NULL. */
    void (*masked)(void *arg, const struct out_volume *volume);
    /* The server took the segment: it stands as accepted in volume's map, and there is room for
     * another one. `tag` is the caller's again. The poster may be cancelled in here. */
    void (*accepted)(void *arg, struct out_volume *volume, uint32_t index, void *tag);
    /* A segment cannot be posted; ctx->text says why. Called once; cancel the poster. Tags of
     * everything that is under way go back through `dropped` when it is cancelled. */
    void (*failed)(void *arg, enum err err);
    void (*dropped)(void *arg, void *tag);
};

/* `ctx` must outlive the poster. */
MUST_USE enum err poster_new(
    struct publish_ctx *ctx, const struct poster_events *events, void *arg, struct poster **poster);

/* Stop: no event but `dropped` runs any more; memory goes when the workers have let go. */
void poster_cancel(struct poster *poster);

bool poster_has_room(const struct poster *poster);

/* How many segments are under way. */
size_t poster_busy(const struct poster *poster);

/* One segment to send. */
struct poster_segment {
    struct out_volume *volume; /* says the attempt */
    uint32_t index;
    struct buf *payload;   /* PAYLOAD_LEN bytes, or SEGMENT_LEN of parity; taken, left empty */
    const struct cid *cid; /* of the payload where it is known, as that of parity is; else NULL */
    void *tag;
    enum seal_kind kind;
};

/* Send it. Only while there is room. */
MUST_USE enum err poster_send(struct poster *poster, const struct poster_segment *segment);

/* An earlier run may have sent some of what comes now, without keeping the answers: ask for the
 * next `count` segments by STAT before they are sent. */
void poster_ask_first(struct poster *poster, size_t count);

/* How many segments can be under way at most, as the window is now. */
size_t poster_window(const struct poster *poster);

/* Get an empty buffer that may have had its memory before: for payloads. And give one back: fresh
 * memory costs more than what most steps do with it. */
void poster_take_buffer(struct poster *poster, struct buf *buffer);
void poster_give_buffer(struct poster *poster, struct buf *buffer);

#endif
