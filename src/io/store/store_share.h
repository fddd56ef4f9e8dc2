/* Shares: their keys, what paths they are made of, their versions and heads. */
#ifndef IO_STORE_STORE_SHARE_H
#define IO_STORE_STORE_SHARE_H

#include <stdbool.h>

#include "base/ids.h"
#include "io/store/store.h"

enum { STORE_LINK_SECRET_LEN = 24, STORE_TITLE_MAX = 255 };

struct store_share {
    int64_t id;
    char title[STORE_TITLE_MAX + 1];            /* UTF-8 */
    uint8_t write_seed[KEY_LEN];                /* W */
    uint8_t link_secret[STORE_LINK_SECRET_LEN]; /* L */
    int64_t created;                            /* unix seconds */
    uint64_t version;                           /* the newest published version, 0: none yet */
    int64_t published;                          /* when that was, unix seconds */
    uint8_t head_hash[KEY_LEN];                 /* of that version */
    uint64_t entries, bytes;                    /* of that version */
    uint64_t articles;                          /* posted for all versions */
    uint64_t scan;                              /* the number of the scan begun last */
    bool adopting; /* its published state is not all here yet: store_adopt.h */
};

/* A path of the share on this machine, and the name it has at the top of the share. A share of one
 * folder has one path with an empty name: the folder's contents are the top. */
struct store_path {
    struct bytes path; /* absolute */
    struct bytes name;
};

typedef enum err (*store_share_fn)(void *arg, const struct store_share *share);
typedef enum err (*store_path_fn)(void *arg, const struct store_path *path);

/* Insert a share (id and counters are ignored, `adopting` is not) with its paths. Durable on
 * return. */
MUST_USE enum err store_share_add(struct store *store, const struct store_share *share,
    const struct store_path *paths, size_t count, int64_t *id);

/* The share made of exactly these paths. ERR_NO_ROW: none. */
MUST_USE enum err store_share_find(
    struct store *store, const struct store_path *paths, size_t count, int64_t *id);

MUST_USE enum err store_share_get(struct store *store, int64_t id, struct store_share *share);
MUST_USE enum err store_share_each(struct store *store, store_share_fn each, void *arg);

/* The paths in the order they were given. */
MUST_USE enum err store_share_paths(struct store *store, int64_t id, store_path_fn each, void *arg);
MUST_USE enum err store_share_set_title(struct store *store, int64_t id, const char *title);

enum { STORE_REDUNDANCY_DEFAULT = 10 }; /* per cent */

/* What a share leaves out, and how much recovery data it gets; kept for its next versions. */
struct store_settings {
    bool one_file_system;
    unsigned redundancy;     /* per cent: 5, 10 or 15; 0 stands for the default */
    struct buf ignore_rules; /* text, as in an ignore file */
};
MUST_USE enum err store_share_settings(
    struct store *store, int64_t id, struct store_settings *settings);
MUST_USE enum err store_share_set_settings(
    struct store *store, int64_t id, const struct store_settings *settings);

/* Forget a share and all that hangs on it: its entries, volumes, versions. */
MUST_USE enum err store_share_forget(struct store *store, int64_t id);

/* A version being published: the exact payload of its head, durable before the first copy is
 * posted. */
struct store_version {
    uint64_t n;
    int64_t created;
    uint8_t head_hash[KEY_LEN];
    struct bytes payload; /* as given to the sealing of heads; views die with the call */
    int published;        /* 0: may not have been seen by anybody; 1: read back, told to the user */
    uint64_t entries, bytes;
};

typedef enum err (*store_version_fn)(void *arg, const struct store_version *version);

/* Keep the head of version n. Durable on return. ERR_EXISTS: another payload is kept for this n. */
MUST_USE enum err store_version_add(
    struct store *store, int64_t share, const struct store_version *version);

/* Version n was read back: it is the share's newest now. Drops its payload's predecessors' bytes.
 * Durable. */
MUST_USE enum err store_version_published(struct store *store, int64_t share, uint64_t n);

/* Version n (with its payload). ERR_NO_ROW: none. */
MUST_USE enum err store_version_get(
    struct store *store, int64_t share, uint64_t n, store_version_fn each, void *arg);

/* All versions, oldest first, without payloads. */
MUST_USE enum err store_version_each(
    struct store *store, int64_t share, store_version_fn each, void *arg);

#endif
