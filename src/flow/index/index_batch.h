/* Collecting what is listed until it is handed over to be put. */
#ifndef FLOW_INDEX_INDEX_BATCH_H
#define FLOW_INDEX_INDEX_BATCH_H

#include "flow/index/index_job.h"

/* Is there no room for one more entry of any size? */
bool index_batch_full(const struct index_batch *batch);

/* Add one entry to the folder at hand, unless full; the name and target are copied. */
void index_batch_add(struct index_batch *batch, const struct store_entry *entry);

/* The folder at hand was listed whole: sort it; it waits with the others, or, where it does not fit
 * to them, all are handed over. */
MUST_USE enum err index_batch_whole(struct index_job *job, uint64_t folder);

/* Hand over the listings that wait. */
MUST_USE enum err index_batch_flush(struct index_job *job);

enum index_piece { INDEX_PIECE_MORE, INDEX_PIECE_LAST };

/* The folder at hand is too large to sort: hand over what there is of it, unsorted. */
MUST_USE enum err index_batch_loose(struct index_job *job, uint64_t folder, enum index_piece piece);

#endif
