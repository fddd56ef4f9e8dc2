/* Lost data segments of a volume out of its parity: for a worker, which has all of it in its hands.
 */
#ifndef FLOW_PUBLISH_MEND_SOLVE_H
#define FLOW_PUBLISH_MEND_SOLVE_H

#include "codec/seal/seal_segment.h"

struct mend_solve {
    struct volume_keys keys;
    /* What is lost, rising. Out: its payloads, PAYLOAD_LEN bytes with room for SEGMENT_LEN. */
    uint32_t *lost;
    struct cid *lost_cids;
    struct buf *payloads;
    size_t count;
    /* As many recovery slices of the volume as are lost, as they were fetched. */
    uint32_t *exponents;
    struct buf *fetched;
    /* All `m` slices reckoned from what is not lost. Out: reckoned from everything, and their cids.
     */
    struct buf *slices;
    struct cid *slice_cids;
    uint32_t m;
};

/* Memory for the arrays; their bufs are empty. */
MUST_USE enum err mend_solve_init(struct mend_solve *solve, size_t count, uint32_t m);
void mend_solve_clear(struct mend_solve *solve);

/* Do it. ERR_SINGULAR: not with these slices. ERR_BAD_SEAL: what came out is not what was posted;
 * the slices are of no use. */
MUST_USE enum err mend_solve_run(struct mend_solve *solve);

#endif
