/* What a worker has to tell: sentences that the loop thread hands to the listener later. */
#ifndef FLOW_INDEX_INDEX_NOTE_H
#define FLOW_INDEX_INDEX_NOTE_H

#include "base/bytes.h"
#include "flow/progress/progress.h"

enum { INDEX_NOTES_MAX = 10000 }; /* told by name; beyond that only counted */

struct index_notes {
    struct buf text; /* sentences, each with a NUL behind it */
    size_t count;    /* of sentences in text */
    size_t skipped;  /* entries that were left out, told or not */
};

/* Note that `path`/`name` is left out, and why. `name` may be empty. A note that does not fit into
 * memory is only counted. */
void index_note_skip(
    struct index_notes *notes, struct bytes path, struct bytes name, const char *why);

/* Say them to the listener as long as *told < INDEX_NOTES_MAX; forget them. */
void index_notes_tell(struct index_notes *notes, const struct progress_sink *sink, uint64_t *told);

/* Append a path in a form that is safe to show: valid UTF-8, control characters as \xNN; of a very
 * long one the middle is left out. */
MUST_USE enum err index_note_path(struct buf *text, struct bytes path);

#endif
