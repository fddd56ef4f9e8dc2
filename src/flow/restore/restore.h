/* Getting a share back: locate (link -> head -> tree) -> fetch -> rebuild (decode, check, open) ->
 * write. */
#ifndef FLOW_RESTORE_RESTORE_H
#define FLOW_RESTORE_RESTORE_H

#include "base/ids.h"
#include "flow/progress/progress.h"
#include "io/loop/workers.h"
#include "io/news/news.h"

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
    size_t window_bytes; /* memory for segments under way; 0: the default */
};

enum { RESTORE_WINDOW_DEFAULT = 96 << 20 };

struct restore_options {
    struct restore_env env;
    struct restore_key key;
    uint64_t version;    /* 0: the newest */
    struct bytes target; /* absolute path; must be missing or empty with RESTORE_INTO_EMPTY */
    enum { RESTORE_INTO_EMPTY, RESTORE_KEEP_EXISTING } conflict;
    const struct bytes *only; /* paths inside the share, names joined by '/'; none: everything */
    size_t only_count;
};

struct restore_result {
    uint64_t version;
    uint64_t files, directories, symlinks, bytes; /* written */
    uint64_t articles, bytes_fetched;
    uint64_t lost_files; /* could not be rebuilt; an event names each */
    uint64_t kept_files; /* were there already and were left alone */
    const char *text;    /* on failure: what the server or system said; may be "" */
};

typedef void (*restore_done_fn)(void *arg, enum err err, const struct restore_result *result);

/* Begin; options are copied. OK: everything asked for is there, each byte checked.
 * ERR_ARTICLES_LOST: all but lost_files is there. ERR_SHARE_NOT_FOUND, ERR_PATH_NOT_IN_SHARE,
 * ERR_NOT_EMPTY, ERR_DISK_FULL ...: see err.h. Nothing half-written ever carries its final name. */
struct restore;
MUST_USE enum err restore_start(const struct restore_options *options, restore_done_fn done,
    void *arg, struct restore **restore);

/* Stop and remove temporary files; done never runs after this. */
void restore_cancel(struct restore *restore);

#endif
