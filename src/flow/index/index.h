/* Scan: the paths of a share into the catalogue. The folders are listed by the workers, at most
 * INDEX_JOBS at a time, in short jobs; memory stays flat at any number of entries. A scan that was
 * interrupted goes on where it stopped. Symlinks are kept as they are and never followed. */
#ifndef FLOW_INDEX_INDEX_H
#define FLOW_INDEX_INDEX_H

#include "flow/progress/progress.h"
#include "io/loop/workers.h"
#include "io/store/store_entry.h"

struct index;

enum index_reach {
    INDEX_ALL_FILE_SYSTEMS,
    INDEX_ONE_FILE_SYSTEM, /* folders on another device than their path stay empty */
};

struct index_options {
    struct loop *loop; /* the workers' home loop; the flow lives on its thread */
    struct workers *workers;
    struct store *store;
    int64_t share;
    enum index_reach reach;
    struct bytes ignore; /* text of a rule file that holds for the whole share; may be empty */
    const char *exclude; /* absolute folder to leave out (our own state), NULL: none */
    struct progress_sink sink;
};

/* Rules are those of gitignore(5), in `ignore` and in files named .usenetsyncignore, which hold
 * from their folder down. The share's own paths are never left out. */

/* How a scan ended. ERR_LIMIT: `ignore` is too large. ERR_NOT_FOUND, ERR_PERMISSION ...: a path of
 * the share itself cannot be read, an event names it. `counts` are those of the whole scan, resumed
 * or not. */
typedef void (*index_done_fn)(void *arg, enum err err, const struct store_scan_counts *counts);

/* Start scanning; options are copied. `done` comes once, later, on the loop's thread; *index is
 * gone then. */
MUST_USE enum err index_start(
    const struct index_options *options, index_done_fn done, void *arg, struct index **index);

/* Stop; `done` never comes. What was put stays, the next index_start goes on from there. Jobs that
 * workers have in hand end by themselves and let go of the store when they have come home: free
 * loop, workers and store after that (workers_free waits for them). NULL is allowed. */
void index_cancel(struct index *index);

#endif
