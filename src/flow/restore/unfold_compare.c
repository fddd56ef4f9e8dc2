/* Comparing instead of writing: an entry ends as right, as wrong or as untold. */
#include "flow/restore/unfold_room.h"

bool unfold_compares(const struct unfold *u)
{
    return u->o.tally != NULL && u->o.dry == UNFOLD_COMPARE;
}

void unfold_wrong(struct unfold *u)
{
    struct restore_out *out = u->o.out;
    bool missing = u->seen.type == SEEN_NOTHING;

    out->result.differing_files += !missing;
    out->result.missing_files += missing;
    restore_out_note(out, LOG_WARN, u->path, missing ? "is missing" : "differs");
}

bool unfold_is_untold(enum err verdict)
{
    enum err_kind kind = err_kind(verdict);

    return verdict != ERR_BAD_SEAL && verdict != ERR_NO_MEMORY &&
           (kind == KIND_LOCAL || kind == KIND_MISSING || kind == KIND_CORRUPT);
}
