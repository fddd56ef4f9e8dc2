/* The recovery slices of a volume, reckoned from its sealed segments as they come: in any order and
 * from anywhere. A batch of them at a time is added to the slices, in columns, on the workers, so
 * that no more of the volume has to be in memory.
 *
 *     parity_new(); parity_add() for each of the K segments; parity_finish(); `ready`. */
#ifndef FLOW_PUBLISH_PARITY_H
#define FLOW_PUBLISH_PARITY_H

#include "base/bytes.h"
#include "base/ids.h"
#include "io/loop/workers.h"

struct parity;

/* Each runs on the loop, none inside a call of this file but for the buffers'. `room` and `ready`
 * may cancel the parity they come from. */
struct parity_events {
    void (*room)(void *arg);  /* a batch was added: parity_held() is less. May be NULL */
    void (*ready)(void *arg); /* after parity_finish(): slices and cids stand */
    void (*failed)(void *arg, enum err err); /* once, and nothing after it; cancel the parity */
    /* Where buffers come from and go to, since fresh memory costs more than the arithmetic. Both
     * or neither. */
    void (*take_buffer)(void *arg, struct buf *buffer);
    void (*give_buffer)(void *arg, struct buf *buffer);
};

enum parity_begin {
    PARITY_AT_ONCE,
    PARITY_WAIT, /* only hold the segments, until parity_go() */
};

struct parity_options {
    struct workers *workers;
    const uint8_t *ck; /* KEY_LEN bytes, for the cids; copied */
    uint32_t m_max;    /* slices to reckon */
    enum parity_begin begin;
};

MUST_USE enum err parity_new(const struct parity_options *options,
    const struct parity_events *events, void *arg, struct parity **parity);

/* Stop, or let go of one that is ready: no event runs any more, not even the buffers'. Memory goes
 * when the workers have let go. */
void parity_cancel(struct parity *parity);

/* Reckon from now on. Until then there is no memory for slices. */
void parity_go(struct parity *parity);

/* Take the SEGMENT_LEN sealed bytes (no mask) of data segment `index`, each once; *sealed is left
 * empty. It is never refused for want of room: see parity_has_room(). */
MUST_USE enum err parity_add(struct parity *parity, uint32_t index, struct buf *sealed);

/* How many segments are in memory here. A full batch begins to be added by itself. */
size_t parity_held(const struct parity *parity);

/* How many are reasonable: a batch, and what may come while it is added. */
size_t parity_most(const struct parity *parity);

/* Is it less than that? Else better wait for `room`. */
bool parity_has_room(const struct parity *parity);

/* All segments were given: `m` slices are wanted, at most m_max. `ready` follows. */
MUST_USE enum err parity_finish(struct parity *parity, uint32_t m);

/* When ready: recovery slice `j`, raw, SEGMENT_LEN bytes, which may be taken out of its buffer; and
 * its cid. */
struct buf *parity_slice(struct parity *parity, uint32_t j);
const struct cid *parity_cids(const struct parity *parity);

#endif
