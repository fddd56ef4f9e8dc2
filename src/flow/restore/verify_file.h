/* Is a file in the target what the share says? Read on workers and compared: blocks by their cid,
 * items by their id, holes by their zeros. Nothing but lists and tables is fetched. */
#ifndef FLOW_RESTORE_VERIFY_FILE_H
#define FLOW_RESTORE_VERIFY_FILE_H

#include "codec/manifest/record.h"
#include "flow/restore/share_reader.h"
#include "flow/restore/write_queue.h"

enum { VERIFY_CHECKS_MAX = 16 }; /* under way: each holds a block in memory */

struct verify_file;

/* `path` (copied) lies in the target of `queue`; the bytes that `record` borrows must live as long.
 * FIX_MODE: a right file gets the record's mode. */
struct verify_options {
    struct restore_ctx *ctx;
    struct share_reader *reader;
    struct write_queue *queue;
    struct bytes path;
    const struct record *record; /* copied */
    enum { VERIFY_LEAVE_MODE, VERIFY_FIX_MODE } mode;
};
MUST_USE enum err verify_file_new(const struct verify_options *options, struct verify_file **out);

/* Errands must have been forgotten, or the last answer was not ANSWER_WAIT. NULL is allowed. */
void verify_file_free(struct verify_file *v);

/* ANSWER_READY: *verdict says it: OK, ERR_BAD_SEAL (other bytes), ERR_CHANGED (another size or no
 * regular file), or why it could not be told. ANSWER_WAIT: step again when woken. */
enum answer verify_file_step(struct verify_file *v, enum err *verdict);

#endif
