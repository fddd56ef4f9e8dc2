/* The files of a share that are to be sent, in pieces. */
#ifndef IO_STORE_STORE_UNSENT_H
#define IO_STORE_STORE_UNSENT_H

#include "io/store/store_entry.h"

/* How far a listing of files to send has come: behind the key (folder, name). Zeroed but for
 * `limit`: nowhere. */
struct store_unsent {
    size_t limit; /* files of one call at most */
    uint64_t folder;
    uint8_t name[STORE_NAME_MAX];
    size_t name_len;
    bool clean; /* the folder was looked at from its beginning, and nothing found so far */
    bool done;  /* there is nothing behind it */
};

/* Files to send behind *at, up to at->limit, in the order of store_entry_after(); *at moves on. Of
 * a file's several names that is the first: others are links. Only so much is looked at in one
 * call: it may find none, and there are more. */
MUST_USE enum err store_entry_unsent(
    struct store *store, int64_t share, struct store_unsent *at, store_entry_fn each, void *arg);

#endif
