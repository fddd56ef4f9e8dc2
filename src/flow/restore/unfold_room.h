/* What the files of unfold know of one another: unfold.c goes through the entries, unfold_path.c
 * through the paths that were asked for, unfold_file.c through one file's extents. */
#ifndef FLOW_RESTORE_UNFOLD_ROOM_H
#define FLOW_RESTORE_UNFOLD_ROOM_H

#include "flow/restore/file_extents.h"
#include "flow/restore/restore_names.h"
#include "flow/restore/tree_walk.h"
#include "flow/restore/unfold.h"
#include "flow/restore/verify_file.h"

/* The file whose extents are being handed out. */
struct unfold_file {
    struct arrivals *arrivals;
    struct out_file *file; /* NULL: none */
    struct file_extents extents;
    struct extent extent; /* the current one ... */
    uint32_t blocks_done; /* ... of a raw one: handed out ... */
    enum { EXTENT_NONE, EXTENT_CURRENT } have;
    uint64_t offset; /* in the file: where the current extent begins */
};

/* Begin with `file`, whose record is `record`. */
MUST_USE enum err unfold_file_start(
    struct unfold_file *u, struct out_file *file, const struct record *record);

/* Hand out pieces while there is room. ANSWER_READY: the file is planned. ANSWER_FAILED: the flow
 * must stop. */
enum answer unfold_file_step(struct unfold_file *u, enum err *err);

void unfold_file_clear(struct unfold_file *u);

enum unfold_state {
    UNFOLD_PATH,    /* the next path that was asked for: its parents, then itself */
    UNFOLD_ENTRY,   /* an entry whose record and path are at hand */
    UNFOLD_MADE,    /* waits: a folder is being made, or in a dry run looked at */
    UNFOLD_FIRST,   /* the file that a hard link names is looked up */
    UNFOLD_LOOKED,  /* waits: what has that name already? */
    UNFOLD_VERIFY,  /* a file there that may be right is being read */
    UNFOLD_LINKED,  /* waits: a hard link is being made */
    UNFOLD_FILE,    /* a file's extents are being handed out */
    UNFOLD_COUNTED, /* a dry run counts a file's extents */
    UNFOLD_WALK,    /* the walk says what comes next */
    UNFOLD_OVER,
};

struct unfold {
    struct unfold_options o;
    enum unfold_state state;
    enum unfold_state then; /* after an entry: UNFOLD_WALK, or UNFOLD_PATH */
    struct unfold_file file;
    struct verify_file *verify; /* UNFOLD_VERIFY */
    struct tree_walk *walk;
    struct out_dir *dir;    /* what the current entry lies in; held unless it is a parent */
    struct out_dir *making; /* UNFOLD_MADE */
    enum { MAKE_TO_WALK, MAKE_TO_ENTER, MAKE_PARENT } made; /* what it is made for */
    struct out_dir **parents; /* of asked paths: the top first; held until the end */
    size_t parent_count;
    size_t next_path;
    struct bytes path;    /* in the share, of the current entry; lies in the walk or the options */
    struct buf place;     /* where it goes in the target */
    unsigned renames;     /* names that were tried and taken */
    struct record record; /* of it; borrows from the walk or from `value` */
    struct record link;   /* type: of the entry; the rest while it is a hard link */
    struct buf first;     /* of a hard link: where the other name is, if a link may be made */
    struct buf value;
    enum { ANSWER_NOT_YET, ANSWER_CAME } came; /* from the write queue */
    enum err answer;
    struct write_answer seen;
    uint64_t files, directories, symlinks, others, bytes; /* found */
};

/* --- unfold.c --- */

/* Ask the writers, and go on in `state` with their answer: u->answer, u->seen. */
MUST_USE enum err unfold_ask(
    struct unfold *u, const struct write_request *request, enum unfold_state state);

/* Make the folder whose record is u->record, in `parent`; go on in UNFOLD_MADE. */
MUST_USE enum err unfold_folder(struct unfold *u, struct out_dir *parent, struct bytes path);

/* --- unfold_path.c --- */

/* UNFOLD_PATH: make the next parent that is missing, or come to the entry asked for, or end. */
enum answer unfold_path_step(struct unfold *u, enum err *err);

/* Room for one more in u->parents. */
MUST_USE enum err unfold_parents_reserve(struct unfold *u);

/* --- unfold_entry.c --- */

/* Set u->place: the path's last name, in the folder u->dir. */
MUST_USE enum err unfold_place(struct unfold *u);

/* Try the next other name; ERR_EXISTS: none is left. */
MUST_USE enum err unfold_next_name(struct unfold *u);

/* UNFOLD_ENTRY, of anything but a folder. */
MUST_USE enum err unfold_entry(struct unfold *u);

/* The states that follow. */
enum answer unfold_entry_step(struct unfold *u, enum err *err);

/* The entry is not there, or cannot be compared: it is counted as blocked, and said why. */
void unfold_blocked(struct unfold *u, enum err why);

/* --- unfold_compare.c --- */

/* Is nothing done but look whether what is there is right? */
bool unfold_compares(const struct unfold *u);

/* What was compared is something else, or (u->seen) nothing: it is counted and named. */
void unfold_wrong(struct unfold *u);

/* Does this verdict of a comparison say nothing about the file, only that it could not be told?
 * What is neither that nor an answer ends the flow. */
bool unfold_is_untold(enum err verdict);

#endif
