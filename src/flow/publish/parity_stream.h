/* The parity of volumes that are made in this run. Their sealed segments come here from the poster,
 * so that nothing is read twice; when the server has all data of one it is closed, and its parity
 * goes out. The slices of one volume exist at a time: those of the next one wait. */
#ifndef FLOW_PUBLISH_PARITY_STREAM_H
#define FLOW_PUBLISH_PARITY_STREAM_H

#include "flow/publish/poster.h"

struct parity_stream;

/* Neither runs inside a call of this file. `moved` and `failed` may free the stream. */
struct parity_stream_events {
    void (*moved)(void *arg); /* call parity_stream_pump(); there may be room */
    void (*failed)(void *arg, enum err err);
};

/* `ctx` and `poster` must outlive the stream; both are used on the loop only. */
MUST_USE enum err parity_stream_new(struct publish_ctx *ctx, struct poster *poster,
    const struct parity_stream_events *events, void *arg, struct parity_stream **stream);
void parity_stream_free(struct parity_stream *stream);

/* A new volume: nothing of it was sent. Borrowed until parity_stream_holds() says no. */
MUST_USE enum err parity_stream_begin(struct parity_stream *stream, struct out_volume *volume);

/* A data segment of `volume` was given to the poster. */
void parity_stream_sent(struct parity_stream *stream, const struct out_volume *volume);

/* The poster's event `sealed`. Volumes that did not begin here are left alone. */
MUST_USE enum err parity_stream_sealed(struct parity_stream *stream,
    const struct out_volume *volume, uint32_t index, struct buf *sealed);

/* The poster's event `masked`. */
void parity_stream_masked(struct parity_stream *stream, const struct out_volume *volume);

/* K is final: every index below it was or will be sent. */
MUST_USE enum err parity_stream_end(struct parity_stream *stream, const struct out_volume *volume);

/* Close volumes that are ready for it, and send their parity while the poster has room. After every
 * segment that was accepted. */
MUST_USE enum err parity_stream_pump(struct parity_stream *stream);

/* May one more data segment be sent, for what is in memory? While false, better wait for `moved`.
 */
bool parity_stream_has_room(const struct parity_stream *stream);

/* Does it work on `volume` still: not all of its data and parity accepted? And on any? */
bool parity_stream_holds(const struct parity_stream *stream, const struct out_volume *volume);
bool parity_stream_busy(const struct parity_stream *stream);

#endif
