/* The memory between listing a folder and putting it. */
#ifndef FLOW_INDEX_INDEX_BATCH_H
#define FLOW_INDEX_INDEX_BATCH_H

#include "flow/index/index_job.h"

MUST_USE enum err index_batch_init(struct index_batch *batch);
void index_batch_clear(struct index_batch *batch);

/* Is there no room for one more entry of any size? */
bool index_batch_full(const struct index_batch *batch);

/* Add one entry to the folder at hand, unless full; the name and target are copied. */
void index_batch_add(struct index_batch *batch, const struct store_entry *entry);

/* The folder at hand was listed whole: sort it; it waits with the others, or, where it does not fit
 * to them, all are put. */
MUST_USE enum err index_batch_whole(struct index_job *job, uint64_t folder);

/* Put the listings that wait. */
MUST_USE enum err index_batch_flush(struct index_job *job);

enum index_piece { INDEX_PIECE_MORE, INDEX_PIECE_LAST };

/* The folder at hand is too large to sort: put what there is of it, unsorted. */
MUST_USE enum err index_batch_loose(struct index_job *job, uint64_t folder, enum index_piece piece);

#endif
