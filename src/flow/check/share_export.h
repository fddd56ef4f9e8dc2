/* The volumes of a share as files that any PAR2 program can check and repair: each data and meta
 * volume becomes volume-NNNNNN.sealed, its K sealed segments one after another, with .par2 files
 * whose recovery slices are the volume's own parity segments. */
#ifndef FLOW_CHECK_SHARE_EXPORT_H
#define FLOW_CHECK_SHARE_EXPORT_H

#include "flow/restore/restore.h"

struct share_export_options {
    struct restore_env env;
    struct restore_key key;
    uint64_t version;    /* 0: the newest */
    struct bytes target; /* absolute path of a folder, made if missing */
};

struct share_export_result {
    uint64_t version;
    uint64_t volumes;    /* of the version */
    uint64_t complete;   /* files with their names and PAR2 files ... */
    uint64_t found;      /* ... of them, so many were there before */
    uint64_t incomplete; /* volumes with more lost than parity makes good */
    uint64_t articles;   /* fetched for them */
    uint64_t repaired;   /* data segments made again from parity */
    uint64_t lost;       /* data segments that are in no file */
    uint64_t bytes;      /* of complete files, without PAR2 */
    const char *text;    /* on failure: what the server or system said; may be "" */
};

typedef void (*share_export_fn)(void *arg, enum err err, const struct share_export_result *result);

/* Begin; options are copied. OK: every volume is complete. ERR_ARTICLES_LOST: all but `incomplete`
 * ones are, and those stay as NAME.incomplete without PAR2 files; events name them. ERR_DISK_FULL:
 * there is not enough room, which is asked before anything is fetched. ERR_EXISTS: a file of such a
 * name is there that is not of this share. Whatever ends it early, the same call again goes on:
 * what is in the files and right is not fetched again. */
struct share_export;
MUST_USE enum err share_export_start(const struct share_export_options *options,
    share_export_fn done, void *arg, struct share_export **out);

/* Stop; done never runs after this. What is there stays. */
void share_export_cancel(struct share_export *e);

#endif
