/* Which versions of a share can still be found on the news servers: the newest, then downwards,
 * each asked for at its own addresses. */
#ifndef FLOW_RESTORE_VERSIONS_H
#define FLOW_RESTORE_VERSIONS_H

#include "flow/restore/restore.h"

enum { VERSIONS_MISSING_MAX = 8 }; /* so many missing in a row: the older ones are not asked for */

struct versions_row {
    uint64_t n;
    enum versions_state {
        VERSIONS_NEWEST,
        VERSIONS_FOUND,
        VERSIONS_MISSING, /* the servers do not have it; only n is set */
        VERSIONS_FORKED,  /* it is there, but it is not the one that the next version follows */
    } state;
    int64_t created; /* unix seconds */
    uint64_t files, directories, symlinks, bytes;
};

/* Rows come newest first. */
typedef void (*versions_row_fn)(void *arg, const struct versions_row *row);

/* With OK every version down to 1 was asked for, or those below some missing ones were not. `text`:
 * what the server said, may be "". */
typedef void (*versions_done_fn)(void *arg, enum err err, const char *text);

struct versions_options {
    struct restore_env env;
    struct restore_key key;
};

/* Begin; options are copied. */
struct versions;
MUST_USE enum err versions_start(const struct versions_options *options, versions_row_fn row,
    versions_done_fn done, void *arg, struct versions **out);
void versions_cancel(struct versions *versions);

#endif
