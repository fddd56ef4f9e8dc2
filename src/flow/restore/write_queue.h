/* The way to the disk: the one narrow queue between rebuild and write. Requests are plain values,
 * answers are an error each, so the far side may one day be another process that can touch nothing
 * but the target folder. Requests may be done in any order and side by side: ask for what depends
 * on another only after its answer. */
#ifndef FLOW_RESTORE_WRITE_QUEUE_H
#define FLOW_RESTORE_WRITE_QUEUE_H

#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"

enum write_verb {
    WRITE_BEGIN,      /* path: the target, absolute. `size` bytes will come (0: not known) */
    WRITE_LOOK,       /* OK: nothing has that name. ERR_EXISTS */
    WRITE_MKDIR,      /* for now 0700 */
    WRITE_FINISH_DIR, /* mode, mtime_ns */
    WRITE_SYMLINK,    /* text: its target; mtime_ns */
    WRITE_LINK,       /* text: the finished file that `path` becomes another name of */
    WRITE_OPEN,       /* file: gets a temporary file of `size` bytes that will be `path` */
    WRITE_RANGE,      /* file, offset, data[from .. from + len) */
    WRITE_COMMIT,     /* file; mode, mtime_ns; then it has its name */
    WRITE_ABANDON,    /* file: remove it */
    WRITE_PUT,        /* open, one range from offset 0 (or none), commit: a small file at once */
};

struct write_file; /* a temporary file being filled; several requests may hold it */

struct write_request {
    enum write_verb verb;
    struct bytes path; /* below the target; copied */
    struct bytes text; /* copied */
    uint32_t mode;
    int64_t mtime_ns;
    uint64_t size;
    enum { WRITE_ANY_TARGET, WRITE_EMPTY_TARGET } target; /* WRITE_BEGIN */
    struct write_file *file;
    uint64_t offset;
    struct held *data; /* kept by the request; NULL: none */
    size_t from, len;
};

typedef void (*write_fn)(void *arg, enum err err);

struct write_queue;
MUST_USE enum err write_queue_new(struct restore_ctx *ctx, struct write_queue **out);

/* Errands must have been forgotten. NULL is allowed. */
void write_queue_free(struct write_queue *queue);

/* Ask; done runs later, once, unless the flow's errands are forgotten. ERR_NO_MEMORY. */
MUST_USE enum err write_submit(
    struct write_queue *queue, const struct write_request *request, write_fn done, void *arg);

/* Requests under way. */
size_t write_queue_length(const struct write_queue *queue);

/* A file to be opened by WRITE_OPEN. The last to drop it removes the temporary file, unless it was
 * committed. */
MUST_USE enum err write_file_new(struct write_file **out);
void write_file_drop(struct write_file *file);

#endif
