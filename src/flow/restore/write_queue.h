/* The way to the disk: the one narrow queue to what writes. Requests are plain values, answers are
 * an error each: behind it is another process, that can touch nothing but the target folder
 * (restore_helper.h). Requests may be done in any order and side by side: ask for what depends on
 * another only after its answer. */
#ifndef FLOW_RESTORE_WRITE_QUEUE_H
#define FLOW_RESTORE_WRITE_QUEUE_H

#include "flow/restore/held.h"
#include "flow/restore/rebuild.h"
#include "flow/restore/restore_ctx.h"

enum write_verb {
    WRITE_PEEK,       /* path: the target. What version does our marker there name, if any? */
    WRITE_BEGIN,      /* path: the target, absolute; target, share, version, run */
    WRITE_LOOK,       /* what has that name? text: a symlink's target, or another file to compare */
    WRITE_MKDIR,      /* for now 0700; a folder may be there. ERR_NOT_DIRECTORY */
    WRITE_FINISH_DIR, /* mode, mtime_ns */
    WRITE_SYMLINK,    /* text: its target; mtime_ns; taken */
    WRITE_LINK,       /* text: the finished file that `path` becomes another name of; taken */
    WRITE_OPEN,       /* file: gets a temporary file of `size` bytes that will be `path` */
    WRITE_RANGE,      /* file, offset; part, rebuild: what is written there */
    WRITE_COMMIT,     /* file; mode, mtime_ns, taken; then it has its name */
    WRITE_ABANDON,    /* file: remove it */
    WRITE_PUT,        /* open, one range from offset 0 (or none), commit: a small file at once. Of
                         both: ERR_BAD_SEAL, ERR_BAD_FORMAT: the parts are not what they should be */
    WRITE_READ,       /* file: opens what is at `path`, to be checked */
    WRITE_CHECK,      /* file: are `size` bytes at `offset` what `expect` says? ERR_BAD_SEAL */
    WRITE_CHMOD,      /* file that is being checked: mode */
    WRITE_END,        /* all is done: end; with mode not 0 the top gets mode and mtime_ns */
};

struct write_file; /* a temporary file being filled, or one being read; requests may hold it */

/* What some bytes must be. */
struct write_expect {
    enum { EXPECT_ZEROS, EXPECT_ITEM, EXPECT_BLOCK } kind;
    uint8_t id[KEY_LEN]; /* the item's (16 bytes), or the block's cid */
    uint8_t ck[KEY_LEN];
};

enum { WRITE_PARTS = 2 }; /* an item may be cut once */

enum write_target_rule {
    WRITE_ANY_TARGET,
    WRITE_EMPTY_TARGET, /* or with our marker */
    WRITE_OUR_TARGET,   /* marker or not */
};

/* Stored bytes: data[from .. from + len); kept by the request. */
struct write_part {
    struct held *data; /* NULL: no such part */
    size_t from, len;
};

struct write_request {
    enum write_verb verb;
    struct bytes path; /* below the target; copied */
    struct bytes text; /* copied */
    uint32_t mode;
    int64_t mtime_ns;
    uint64_t size;
    enum { WRITE_NEW_NAME, WRITE_OVER } taken; /* OVER: replace a file or symlink */
    enum write_target_rule target;
    enum { WRITE_FOR_REAL, WRITE_LOOK_ONLY } run;
    enum { WRITE_END_COMPLETE, WRITE_END_LOSSY, WRITE_END_BLOCKED } end;
    uint8_t share[16]; /* fingerprint */
    uint64_t version;
    struct write_expect expect;
    struct write_file *file;
    uint64_t offset;
    struct write_part part[WRITE_PARTS];
    struct rebuild rebuild;      /* what the parts, one behind the other, are */
    struct write_answer *answer; /* NULL or the caller's: filled right before done runs */
};

/* Of LOOK, MKDIR (what was there before) and READ: type, mode, size, mtime_ns. */
struct write_answer {
    enum { SEEN_NOTHING, SEEN_FILE, SEEN_FOLDER, SEEN_SYMLINK, SEEN_OTHER } type;
    uint32_t mode;
    uint64_t size;
    int64_t mtime_ns;
    enum { WRITE_DIFFERS, WRITE_SAME } text; /* LOOK: SAME: a symlink with that target */
    enum { WRITE_FRESH, WRITE_USED } target; /* BEGIN: was there anything in it? */
    uint64_t space;                          /* BEGIN: bytes that fit */
    uint64_t version;                        /* PEEK: 0: none, or any */
};

typedef void (*write_fn)(void *arg, enum err err);

struct write_queue;
MUST_USE enum err write_queue_new(struct restore_ctx *ctx, struct write_queue **out);

/* Errands must have been forgotten. NULL is allowed. */
void write_queue_free(struct write_queue *queue);

/* Ask; done runs later, once, unless the flow's errands are forgotten. ERR_NO_MEMORY. */
MUST_USE enum err write_submit(
    struct write_queue *queue, const struct write_request *request, write_fn done, void *arg);

/* Requests under way. */
size_t write_queue_length(const struct write_queue *queue);

/* A file to be opened by WRITE_OPEN or WRITE_READ. The last to drop it removes the temporary file,
 * unless it was committed. */
MUST_USE enum err write_file_new(struct write_file **out);
void write_file_drop(struct write_file *file);

#endif
