/* The worker's side of a scan: list some folders, put what they hold. */
#ifndef FLOW_INDEX_INDEX_JOB_H
#define FLOW_INDEX_INDEX_JOB_H

#include <stdatomic.h>

#include "flow/index/index_note.h"
#include "flow/index/index_put.h"
#include "flow/index/index_rules.h"
#include "flow/index/index_top.h"

enum {
    INDEX_JOB_FOLDERS = 16,
    INDEX_ENTRY_NAMES_MAX = 255 + 4095,
};

/* A folder that waits to be listed. */
struct index_folder {
    uint64_t id;
    struct buf path; /* below the share's top */
};

struct index_job {
    struct work_job work;
    void *owner; /* the conductor's */
    const struct index_options *options;
    const struct index_tops *tops;
    const atomic_bool *stop;
    uint64_t ticket;                                /* of the scan in the catalogue */
    struct index_folder folders[INDEX_JOB_FOLDERS]; /* in */
    size_t folder_count;
    size_t at;                /* the folder at hand */
    struct buf place;         /* where that lies on the disk */
    size_t depth;             /* its components below the share's top */
    struct index_rules rules; /* that hold in it */
    struct disk_dir *dir;     /* of a large folder between two runs */
    bool first;               /* no piece of the large folder was put yet */
    struct index_puts *puts;
    struct index_batch *batch; /* our own until it is handed over; never NULL in between */
    struct index_notes notes;  /* out */
    struct buf trouble;        /* out: the path `err` is about */
    uint64_t entries, bytes;   /* out: found by this run */
    enum err err;              /* out */
    bool more;                 /* out: run it again */
};

/* Make the job's memory; `ignore` are the share's own rules. job->tops and job->puts are set. */
MUST_USE enum err index_job_init(struct index_job *job, const struct ignore *ignore);
void index_job_clear(struct index_job *job);

/* On a worker: list and put the folders; or one stretch of a large one, then `more` is set. */
void index_job_run(void *arg);

#endif
