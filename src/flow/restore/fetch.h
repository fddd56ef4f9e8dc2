/* Segments on their way from the news servers: as many at once as keep the connections busy, each
 * asked for once more when it did not come, or not whole. One fetcher serves a whole flow. Loop
 * thread only. */
#ifndef FLOW_RESTORE_FETCH_H
#define FLOW_RESTORE_FETCH_H

#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"
#include "flow/restore/volume_info.h"
#include "io/disk/disk_scratch.h"

struct fetcher;
struct fetch;

/* What has come. Data segments have a payload (yours), parity segments none. */
struct fetched {
    enum err err; /* OK; ERR_ARTICLES_LOST: nobody has it, or not as it was published */
    struct held *payload;
    enum { FETCH_NOT_KEPT, FETCH_KEPT } kept; /* KEPT: its sealed bytes are in the scratch file */
};

/* Called once, later; the fetch is over. Never called when the flow as a whole has failed. */
typedef void (*fetch_fn)(void *arg, const struct fetched *got);

/* Nothing is begun that could fail; NULL: no memory. */
struct fetcher *fetcher_new(struct restore_ctx *ctx);

/* Cancel everything. Errands must have been forgotten. NULL is allowed. */
void fetcher_free(struct fetcher *t);

/* Fetch segment `index` of `volume`, data or parity. ERR_BAD_FORMAT: there is no such segment. */
struct fetch_want {
    struct volume_info *volume;
    uint32_t index;
    fetch_fn done;
    void *arg;
};
MUST_USE enum err fetch_start(struct fetcher *t, const struct fetch_want *want, struct fetch **out);

/* Let its sealed bytes, once they are known to be right, stand at `offset` of `scratch` as well. It
 * may be too late for that: done will tell. */
void fetch_keep(struct fetch *f, struct disk_scratch *scratch, uint64_t offset);

/* Tell somebody else. */
void fetch_hand_over(struct fetch *f, fetch_fn done, void *arg);

/* Ask for what waits for its turn: after some were cancelled. */
void fetcher_go(struct fetcher *t);

/* done never runs. NULL is allowed. */
void fetch_cancel(struct fetch *f);

#endif
