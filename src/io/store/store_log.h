/* Merging SQLite's log into the file: on a thread and a connection of its own, while others write
 * on. What a merge waits for (two fsyncs and the disk) nobody else waits for. The room's own. */
#ifndef IO_STORE_STORE_LOG_H
#define IO_STORE_STORE_LOG_H

#include "io/store/store_local.h"

enum {
    STORE_LOG_MERGE = 4096, /* pages (of 4 KiB): 16 MiB more in the log start a merge */
    STORE_LOG_LONG = 16384, /* 64 MiB: it is to begin anew, for which all wait for a moment */
    STORE_LOG_MAX = 32768,  /* 128 MiB that are not merged: who writes waits for the disk */
};

/* Watch the log of store->db from now on; sets store->log. */
MUST_USE enum err store_log_start(struct store *store);

/* Wait while far too much is not merged, which only a disk that is slower than we are brings about.
 * Not inside a transaction. */
void store_log_wait(struct store_log *log);

/* Wait for a merge under way, end the thread. NULL is fine. */
void store_log_stop(struct store_log *log);

#endif
