/* What is done with a request to the disk: the far side of write_queue.h, in the helper's process.
 * Here alone io/disk is known (write_near.c, write_work.c, write_check.c, write_mark.c). */
#ifndef FLOW_RESTORE_WRITE_WORK_H
#define FLOW_RESTORE_WRITE_WORK_H

#include <pthread.h>

#include "flow/restore/write_queue.h"
#include "io/disk/disk_again.h"
#include "io/helper/helper.h"

enum {
    WRITE_FILES_MAX = 1024, /* that a helper has open for us */
    WRITE_TOGETHER = 64,    /* requests that may travel together */
};

struct write_target;

/* Its file is open here, or is one of the helper's. */
struct write_file {
    atomic_uint holders;
    struct disk_out *out;        /* NULL: not open, or committed */
    struct disk_in *in;          /* NULL: not being read */
    uint32_t far;                /* the helper's number for it, from 1 on; 0: it has none */
    struct write_target *target; /* then held: whose helper */
};

/* The target; errands hold it, since they may outlive the flow. */
struct write_target {
    atomic_uint holders;
    atomic_bool hurry; /* nobody waits for answers: what has not begun is not done any more */
    struct openers *openers;
    struct disk_root *root; /* NULL before WRITE_BEGIN, and where a dry run found nothing */
    const char *program;    /* of the helper; NULL: requests are done in this process */
    struct helper *helper;  /* since WRITE_BEGIN, where there is a program */
    pthread_mutex_t lock;   /* guards what follows */
    uint32_t forgotten[WRITE_FILES_MAX]; /* numbers of files that nobody holds any more: ... */
    size_t forgotten_count;              /* ... the next requests tell the helper */
    /* WANTED: made before the first thing that is written. LEFT: another run's, of the same share,
     * whose end we may be */
    enum { MARK_NONE, MARK_WANTED, MARK_HELD, MARK_LEFT } mark;
    struct disk_note *note;
    uint8_t share[16];
    uint64_t version;
};

MUST_USE enum err write_target_new(struct openers *openers, struct write_target **out);
void write_target_drop(struct write_target *target);

/* Do what `request` asks, with its parts joined in `stored`. WRITE_BEGIN: target->root is there. */
MUST_USE enum err write_work(struct write_target *target, const struct write_request *request,
    struct bytes stored, struct write_answer *answer);

/* The same for many requests together, in steps: PUT and COMMIT leave a file that is whole but has
 * not got its name, if out is not NULL after the first step. The second step makes all those
 * durable, the third gives each its name. */
struct write_later {
    struct disk_out *out;
    uint32_t mode;
    int64_t mtime_ns;
    bool over; /* what has the name is replaced */
    enum err err;
};
MUST_USE enum err write_work_begin(struct write_target *target, const struct write_request *request,
    struct bytes stored, struct write_answer *answer, struct write_later *later);
void write_work_durable(struct write_later *later, size_t count); /* at most WRITE_TOGETHER */
MUST_USE enum err write_work_name(struct write_later *later);

/* WRITE_CHECK. */
MUST_USE enum err write_check(struct write_target *target, const struct write_request *request);

/* WRITE_PEEK. */
MUST_USE enum err write_mark_peek(const struct write_request *request, struct write_answer *answer);

/* May the target be written into, says its marker or its emptiness? Sets target->mark and what
 * answer->target says. ERR_NOT_EMPTY. */
MUST_USE enum err write_mark_begin(
    struct write_target *target, const struct write_request *request, struct write_answer *answer);

/* Make the marker if it is wanted and not there yet: before anything is written. */
MUST_USE enum err write_mark_ensure(struct write_target *target);

/* WRITE_END: the marker goes, or says that the restore is not complete. */
MUST_USE enum err write_mark_end(struct write_target *target, const struct write_request *request);

#endif
