/* What workers do with a volume's file (export_file.h), as errands. */
#ifndef FLOW_CHECK_EXPORT_TASK_H
#define FLOW_CHECK_EXPORT_TASK_H

#include "flow/check/export_file.h"
#include "flow/restore/restore_ctx.h"

enum { EXPORT_TASK_SLICES = 16 };

enum export_verb {
    EXPORT_OPEN,  /* found */
    EXPORT_CHECK, /* indexes, count; slices */
    EXPORT_REOPEN,
    EXPORT_COMPLETE,
    EXPORT_LEAVE,
};

struct export_task {
    struct errand errand;
    enum export_verb verb;
    struct export_file *file; /* held */
    struct openers *openers;
    uint32_t indexes[EXPORT_TASK_SLICES];
    size_t count;
    enum export_slice slices[EXPORT_TASK_SLICES]; /* out */
    enum export_found found;                      /* out */
    enum err err;                                 /* out */
    void (*done)(void *arg, const struct export_task *task);
    void *arg;
};

/* Do it. Of `task` verb, file, indexes, count, done and arg are copied; done runs later, once, with
 * what came out, unless the flow's errands are forgotten. */
MUST_USE enum err export_task_start(struct restore_ctx *ctx, const struct export_task *task);

/* How much room there is in `folder` (absolute; it is made, and temporary files of runs that were
 * killed go): bytes that can still be written, and
 * bytes that complete files of an export take there already. */
struct export_room {
    uint64_t free, taken;
};
typedef void (*export_room_fn)(void *arg, enum err err, const struct export_room *room);
MUST_USE enum err export_room_start(
    struct restore_ctx *ctx, struct bytes folder, export_room_fn done, void *arg);

#endif
