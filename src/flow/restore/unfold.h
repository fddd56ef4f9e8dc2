/* The tree unfolds: entry after entry becomes folders, names and pieces of files, as fast as there
 * is room for what is under way. */
#ifndef FLOW_RESTORE_UNFOLD_H
#define FLOW_RESTORE_UNFOLD_H

#include "flow/restore/restore_out.h"
#include "flow/restore/share_reader.h"

enum unfold_event {
    UNFOLD_WAITS, /* step again when woken */
    UNFOLD_ENDED, /* everything asked for has been handed to the writers */
    UNFOLD_FAILED /* restore_ctx_fail() was called */
};

struct unfold;

struct tally;

/* Start below the target, which WRITE_BEGIN has opened. With `tally` it is a dry run: nothing is
 * written, what would be is counted there and in out->result; or what is there is compared, and
 * only out->result counts. `paths` are clean, none inside another; they must live as long. No
 * paths: the whole share. */
struct unfold_options {
    struct share_reader *reader;
    struct restore_out *out;
    struct tally *tally; /* NULL: for real */
    enum { UNFOLD_COUNT, UNFOLD_COMPARE } dry;
    const struct bytes *paths;
    size_t path_count;
    enum { UNFOLD_FRESH, UNFOLD_USED } target; /* is there anything in it? */
};
MUST_USE enum err unfold_new(const struct unfold_options *options, struct unfold **out);

/* Hold so much of segments from now on. */
void unfold_set_window(struct unfold *unfold, size_t bytes);

/* Errands must have been forgotten. NULL is allowed. */
void unfold_free(struct unfold *unfold);

enum unfold_event unfold_step(struct unfold *unfold);

#endif
