/* Getting a share back: locate (link -> head -> tree) -> fetch -> rebuild (decode, check, open) ->
 * write. */
#ifndef FLOW_RESTORE_RESTORE_H
#define FLOW_RESTORE_RESTORE_H

#include "base/ids.h"
#include "flow/progress/progress.h"
#include "io/loop/workers.h"
#include "io/news/news.h"
#include "io/store/store.h"

/* What a reader knows from a link: the read secret R and the fingerprint of the share's key. */
struct restore_key {
    uint8_t read_secret[KEY_LEN];
    uint8_t fingerprint[16];
};

struct restore_env {
    struct loop *loop;
    struct workers *workers;
    struct news *news;
    struct progress_sink sink;
    struct store *store; /* remembers the newest head that was seen of each share, so that nobody is
                            led back to an older one; NULL: nobody does */
    size_t window_bytes; /* memory for segments under way; 0: the default */
    struct bytes scratch; /* a folder (absolute; copied) where repairing volumes may take room for a
                             while, 0.8 GB each, at most two at once; none: /tmp. A restore takes
                             it where its target is, if it fits there. */
    const char *helper;   /* the program that writes into the target, confined to it
                             (restore_helper.h): "/proc/self/exe"; NULL: this process writes, with all
                             its rights. Of restores; outlives them. */
};

enum { RESTORE_WINDOW_DEFAULT = 96 << 20 };

/* What happens where the target already has something of an entry's name. In every rule but
 * KEEP_EXISTING a file of the same size and mtime is read and compared first: one that is right is
 * left alone and not fetched again. A folder is never removed to make place for a file. */
enum restore_conflict {
    RESTORE_INTO_EMPTY,    /* the target must be missing, empty, or what a broken-off restore of the
                              same share began (its marker says so): that one is gone on with */
    RESTORE_KEEP_EXISTING, /* what is there stays */
    RESTORE_REPLACE,       /* files and symlinks there are replaced */
    RESTORE_NEWER,         /* the same, but only where the share's mtime is newer */
    RESTORE_RENAME,        /* what is there stays, the new one becomes "name~1", "name~2" ... */
    RESTORE_RESUME,        /* like INTO_EMPTY with a marker: the caller knows that this very restore
                              was begun here before, and perhaps just ended */
};

/* A dry run fetches only the listing, writes nothing, and says what would be done; files of the
 * same size and mtime are taken for right. Comparing writes nothing either, but reads what is in
 * the target, every byte of it; modes and times do not matter to it, nor does the rule for
 * conflicts. */
enum restore_run { RESTORE_REAL_RUN, RESTORE_DRY_RUN, RESTORE_COMPARE };

struct restore_options {
    struct restore_env env;
    struct restore_key key;
    uint64_t version;    /* 0: the newest; what is gone on with keeps its own */
    struct bytes target; /* absolute path */
    enum restore_conflict conflict;
    enum restore_run dry_run;
    const struct bytes *only; /* paths inside the share, names joined by '/'; none: everything */
    size_t only_count;
};

/* Of a dry run: what would be. */
struct restore_result {
    uint64_t version;
    uint64_t files, directories, symlinks, bytes; /* written; folders also when they were there */
    uint64_t articles, bytes_fetched;
    uint64_t lost_segments,
        repaired_segments;    /* on no server as published; made again from parity */
    uint64_t lost_files;      /* could not be rebuilt; an event names each */
    uint64_t verified_files;  /* files and symlinks that were there already, and right */
    uint64_t kept_files;      /* others that were there and were left alone */
    uint64_t replaced_files;  /* of files and symlinks: took the place of something else */
    uint64_t renamed_files;   /* of files, directories and symlinks: got another name */
    uint64_t blocked_entries; /* could not be put there, or not be compared */
    uint64_t differing_files; /* compared: what is something else there, folders included ... */
    uint64_t missing_files;   /* ... and what is not there; an event names each */
    uint64_t needed_articles; /* dry run: articles with contents to be fetched ... */
    uint64_t needed_bytes;    /* ... and bytes to be written, without holes */
    const char *text;         /* on failure: what the server or system said; may be "" */
};

typedef void (*restore_done_fn)(void *arg, enum err err, const struct restore_result *result);

/* Begin; options are copied. OK: everything asked for is there, each byte checked.
 * ERR_ARTICLES_LOST: all but lost_files is there. ERR_IN_THE_WAY: all but blocked_entries is.
 * ERR_SHARE_NOT_FOUND, ERR_PATH_NOT_IN_SHARE, ERR_NOT_EMPTY, ERR_DISK_FULL ...: see err.h. Nothing
 * half-written ever carries its final name. Whatever ends it early, kill -9 included, the same call
 * again goes on. The first 1,000 entries that were kept, renamed or blocked have
 * an event each. */
struct restore;
MUST_USE enum err restore_start(const struct restore_options *options, restore_done_fn done,
    void *arg, struct restore **restore);

/* Another window from now on, as in the options. What is held beyond it goes when it was used. */
void restore_set_window(struct restore *restore, size_t bytes);

/* Up to `limit` of the files that are being written now. */
void restore_files(const struct restore *restore, size_t limit, progress_file_fn each, void *arg);

/* Stop and remove temporary files; done never runs after this. The marker stays. */
void restore_cancel(struct restore *restore);

#endif
