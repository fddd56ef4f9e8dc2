/* What is being written: the folders that are not finished yet, the files under way, and their
 * pieces. Everything here is bounded by limits below, never by the size of the share. */
#ifndef FLOW_RESTORE_RESTORE_OUT_H
#define FLOW_RESTORE_RESTORE_OUT_H

#include "codec/manifest/extents.h"
#include "codec/manifest/record.h"
#include "flow/restore/arrivals.h"
#include "flow/restore/places.h"
#include "flow/restore/write_queue.h"

enum {
    OUT_FILES_MAX = 4096, /* under way: what waits for segments to come */
    OUT_OPEN_MAX = 200,   /* of them, with a temporary file of their own */
    OUT_NOTES_MAX = 1000, /* events about entries that were kept, renamed, blocked */
};

struct restore_out {
    struct restore_ctx *ctx;
    struct write_queue *queue;
    uint8_t ck[KEY_LEN];
    enum restore_conflict conflict;
    unsigned notes; /* events said about single entries; at most OUT_NOTES_MAX */
    struct restore_result result;
    struct list dirs;                       /* every struct out_dir */
    struct list files;                      /* every struct out_file */
    struct list names;                      /* symlinks under way */
    size_t file_count;                      /* of them; at most OUT_FILES_MAX */
    size_t open_count;                      /* files of more than one piece */
    enum { OUT_NO_LINKS, OUT_LINKS } links; /* has the share hard links? */
    struct places places;                   /* if so: where they may lead to */
};

MUST_USE enum err restore_out_init(struct restore_out *out, struct restore_ctx *ctx);
/* Errands must have been forgotten. Zeroed is allowed. */
void restore_out_clear(struct restore_out *out);

/* Is nothing under way? Then everything that was asked for is written or was reported. */
bool restore_out_idle(const struct restore_out *out);

/* Say something about an entry, unless enough was said. */
void restore_out_note(
    struct restore_out *out, enum log_level level, struct bytes path, const char *what);

/* --- folders (out_dir.c) --- */

/* A folder that things are written into. When the last holder lets go, it gets its mode and mtime:
 * children hold their parent, so they are finished first. */
struct out_dir {
    struct list node;
    struct restore_out *out;
    struct out_dir *parent; /* held; NULL at the top */
    unsigned holders;
    enum { DIR_LEAVE_AS_IS, DIR_FINISH } end;
    enum {
        DIR_FRESH,  /* just made: nothing is in it but what we put there */
        DIR_USED,   /* was there */
        DIR_BLOCKED /* not there: what is in it is gone through, and not written */
    } state;
    uint32_t mode;
    int64_t mtime_ns;
    uint64_t folder; /* its id in the tree */
    size_t path_len;
    uint8_t path[];
};

/* One holder: the caller. `record` is the folder's. The folder itself is not made here. */
MUST_USE enum err out_dir_new(struct restore_out *out, struct out_dir *parent, struct bytes path,
    const struct record *record, struct out_dir **dir);
struct bytes out_dir_path(const struct out_dir *dir);
void out_dir_drop(struct out_dir *dir);

/* --- files (out_file.c) --- */

struct out_file;

/* A regular file that is to come; holds `dir`. */
struct out_file_options {
    struct out_dir *dir;
    struct bytes path;                           /* in the target; copied */
    const struct record *record;                 /* the file's; looked at once */
    enum { OUT_TAKE_FREE, OUT_TAKE_OVER } taken; /* OVER: replace a file or symlink there */
    /* EXTRA: a copy in place of a hard link; its bytes are not in anybody's totals */
    enum { OUT_FILE_IN_TOTALS, OUT_FILE_EXTRA } totals;
};
MUST_USE enum err out_file_new(
    struct restore_out *out, const struct out_file_options *options, struct out_file **file);

/* A piece of it: the extent (of at most one block) whose plain bytes stand at `offset`. `from` are
 * the one or two pinned segments it lies in; the pins go over to the piece. With `inlined` set it
 * lies there instead. */
struct out_piece {
    struct extent extent;
    uint64_t offset;
    struct arrival *from[2];
    struct bytes inlined;
};
MUST_USE enum err out_file_add(struct out_file *file, const struct out_piece *piece);

/* `len` bytes of it are a hole. */
void out_file_hole(struct out_file *file, uint64_t len);

/* No more pieces will come: OK, or why the file cannot be rebuilt. It is yours no more. */
void out_file_planned(struct out_file *file, enum err lost);

/* Up to `limit` files under way. */
void out_files_each(const struct restore_out *out, size_t limit, progress_file_fn each, void *arg);

/* May another piece of this file be added now, that is not the whole file? */
bool out_file_may_open(const struct out_file *file);

/* A symlink: submit `request`, count it, hold `dir` until then. */
MUST_USE enum err out_symlink(
    struct restore_out *out, struct out_dir *dir, const struct write_request *request);

#endif
