/* Segments on their way and just arrived: a bounded table. Each is fetched once while somebody has
 * use for it, opened on a worker, and kept until its place is needed. */
#ifndef FLOW_RESTORE_ARRIVALS_H
#define FLOW_RESTORE_ARRIVALS_H

#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"
#include "flow/restore/volume_info.h"

enum arrival_state {
    ARRIVAL_COMING, /* being fetched, or made again from the rest of its volume */
    ARRIVAL_HERE,   /* opened and right */
    ARRIVAL_LOST,   /* no server has it as it was published, and it cannot be made again */
};

struct arrivals;
struct arrival;

/* Somebody who waits; lies inside the waiter's structure. Called once, from the loop, when the
 * segment is here or lost. */
struct arrival_waiter {
    struct list node;
    void (*fn)(void *arg);
    void *arg;
};

/* A table of at most `slots` segments (at least 2). */
MUST_USE enum err arrivals_new(struct restore_ctx *ctx, size_t slots, struct arrivals **out);

/* So many from now on; those too many go as nobody has use for them any more. */
void arrivals_set_slots(struct arrivals *t, size_t slots);

/* Cancel what is under way and free. Errands must have been forgotten. NULL is allowed. */
void arrivals_free(struct arrivals *t);

/* Pin segment `index` of `volume`, and see that it comes. Set *out to NULL when the table is full
 * of pinned ones: ask again when woken. Errors mean that the segment cannot exist. */
MUST_USE enum err arrivals_pin(
    struct arrivals *arrivals, struct volume_info *volume, uint32_t index, struct arrival **out);

/* The same for two segments: both or none. */
MUST_USE enum err arrivals_pin_two(struct arrivals *arrivals, struct volume_info *volume,
    const uint32_t index[2], struct arrival *out[2]);

/* Give the pin back; NULL is allowed. Its place may then be used for another. */
void arrival_unpin(struct arrival *arrival);

enum arrival_state arrival_state(const struct arrival *arrival);

/* PAYLOAD_LEN bytes; only of one that is here. Keep it to use it longer than the pin. */
struct held *arrival_payload(const struct arrival *arrival);

/* Tell `waiter` when a pinned arrival, neither here nor lost yet, has become so. */
void arrival_wait(struct arrival *arrival, struct arrival_waiter *waiter);

#endif
