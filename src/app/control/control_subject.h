/* What a check or an export is about: a share of ours, or one that a link opens. A job remembers
 * ours by number, so that no link lies in its row. */
#ifndef APP_CONTROL_CONTROL_SUBJECT_H
#define APP_CONTROL_CONTROL_SUBJECT_H

#include "app/control/control_link.h"
#include "app/control/job_row.h"

/* Make *row a queued job of this kind about the share in the request's "share": a link (also one of
 * a share of ours), or a title or number of ours; with its "version" and "priority". False: the
 * call has been ended with the reason. job_row_clear() it in any case. */
MUST_USE bool control_subject_row(
    struct control_call *call, enum store_job_kind kind, struct job_row *row);

/* The key of the share and the version (0: the newest) that such a job is about. Wipe *key.
 * ERR_NO_ROW: the share has been forgotten. */
MUST_USE enum err control_subject_key(
    struct control *control, const struct job_row *row, struct restore_key *key, uint64_t *version);

#endif
