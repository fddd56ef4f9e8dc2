/* A job under way: the conductor of its flows. A share is INDEXING, then PUBLISHING; a get is
 * RESTORING, an adopt ADOPTING, a check CHECKING, an export EXPORTING. Everything a flow has done
 * is in the catalogue, so that stopping and starting again goes on where it was. */
#ifndef APP_CONTROL_JOB_H
#define APP_CONTROL_JOB_H

#include "app/control/control_own.h"
#include "app/control/job_phases.h"
#include "app/control/job_rate.h"
#include "app/control/job_row.h"
#include "app/control/job_steps.h"
#include "app/control/job_totals.h"
#include "flow/check/share_export.h"
#include "flow/index/index.h"
#include "flow/progress/progress.h"
#include "flow/publish/alive.h"
#include "flow/publish/publish.h"
#include "flow/restore/adopt.h"
#include "flow/restore/restore.h"

/* What the job waits for. It moves on only. */
enum job_phase {
    JOB_STARTING,   /* nothing is under way yet */
    JOB_INDEXING,   /* the scan */
    JOB_PUBLISHING, /* plan, send, confirm, head */
    JOB_RESTORING,  /* locate, fetch, write */
    JOB_ADOPTING,   /* a lost catalogue is filled again */
    JOB_CHECKING,   /* every article is asked for */
    JOB_EXPORTING,  /* volumes become files */
    JOB_HEALING,    /* PUBLISHING without a scan: what was lost is posted again */
    JOB_KEEPING,    /* the head is posted where readers look today */
    JOB_ENDED,      /* over; only its row may still have to be written */
    JOB_PHASES,
};

struct job {
    struct list node; /* in control->jobs */
    struct control *control;
    struct job_row row; /* RUNNING until the end */
    enum job_phase phase;
    struct index *index;               /* INDEXING */
    struct publish *publish;           /* PUBLISHING */
    struct restore *restore;           /* RESTORING */
    struct adopt *adopt;               /* ADOPTING */
    struct job_check *check;           /* CHECKING */
    struct share_export *share_export; /* EXPORTING */
    struct alive *alive;               /* KEEPING */
    json_t *before;                    /* the result of the phase before; NULL: none */
    struct loop_timer *timer;
    struct loop_task begin;
    struct progress progress; /* a copy of the flow's, as last told */
    struct job_rate rate;
    struct job_phases phases;
    struct job_totals totals;
    struct job_note *note;        /* its progress on the way into the catalogue, or NULL */
    bool turned;                  /* a phase began that the row does not know yet */
    uint64_t send_ms, send_bytes; /* when sending began, and what was posted by then */
    bool wrote;     /* a get: some attempt got past the check that its target is empty */
    json_t *events; /* not in the catalogue yet */
};

/* Take over *row (it becomes empty), mark it as running and begin it soon. */
MUST_USE enum err job_start(struct control *control, struct job_row *row);

/* Stop the flows, put the row into `state` (QUEUED, PAUSED or CANCELLED), forget the job. */
MUST_USE enum err job_stop(struct job *job, enum store_job_state state);

/* Write its progress soon, and what servers have carried: on a clerk's thread, since whoever writes
 * much into the catalogue (the flush of a send) keeps others waiting. Nothing happens while the
 * last one is still under way. */
void job_note_send(struct job *job);

/* The job goes: what is under way finds its own end. */
void job_note_leave(struct job *job);

/* Jobs that are over, but whose rows could not be written (the disk was full): write them now. The
 * error of one that still cannot be. */
MUST_USE enum err job_settle_ended(struct control *control);

/* The job with this id if it is under way, else NULL. */
struct job *job_find(struct control *control, int64_t id);

/* What the user sees of it right now: new, NULL without memory. */
json_t *job_json(struct job *job);

/* Write down events that are still in memory. */
void job_flush_events(struct job *job);

/* Tell the job's log. */
void job_event(struct job *job, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For the files that run one kind of flow: the phase is over, with its result (taken over). */
void job_phase_done(struct job *job, enum err err, json_t *result, const char *text);

/* What a get's arguments say about what is in the target already; "empty" when they say nothing.
 * ERR_BAD_REQUEST: an unknown word. */
MUST_USE enum err job_get_conflict(const json_t *args, enum restore_conflict *conflict);

/* How this job publishes, but for what the share's own settings say. */
void job_publish_options(struct job *job, struct publish_options *options);

/* The listener that every flow of this job gets. */
struct progress_sink job_sink(struct job *job);

/* What it has in work: a list, new; NULL without memory. */
json_t *job_files_json(const struct job *job);

/* Its flow is over: what it counted goes into the totals. */
void job_flow_over(struct job *job);

/* The job's progress in JSON: new, NULL without memory. */
json_t *job_progress_json(struct job *job);

#endif
