/* While a share goes out: each article is asked for by STAT so long after it was accepted as
 * publish_options.early_ms says, and again later while it is not there, so that at the end hardly
 * any are left to wait for. Questions go out in batches, one at a time and only as articles are
 * accepted, over the connections that post: so many articles for so many questions, at least. The
 * step that confirms still fetches its sample, and asks for all that was not seen here. */
#ifndef FLOW_PUBLISH_EARLY_H
#define FLOW_PUBLISH_EARLY_H

#include "flow/publish/out_volume.h"

/* The volume with this number while somebody has it in memory, else NULL: then its row is changed.
 */
typedef struct out_volume *(*early_volume_fn)(void *arg, uint32_t number);

struct early;
MUST_USE enum err early_new(
    struct publish_ctx *ctx, early_volume_fn find, void *arg, struct early **early);

/* The segment was accepted, just now. What there is no memory for is asked at the end. */
void early_add(struct early *early, const struct out_volume *volume, uint32_t index);

/* All volumes are in the catalogue, and nobody has them in memory any more: what was seen is noted
 * there as confirmed, what was missing twice is planned again. Frees it; NULL is allowed. */
MUST_USE enum err early_end(struct early *early);

/* What was seen is noted as far as nobody has the volumes in memory. Frees it; NULL is allowed. */
void early_cancel(struct early *early);

#endif
