/* The steps of a job: one a phase, for job.c alone. Each _start begins the phase's flow, which ends
 * in job_phase_done(); each _cancel ends it before that. */
#ifndef APP_CONTROL_JOB_STEPS_H
#define APP_CONTROL_JOB_STEPS_H

#include "base/err.h"

struct job;

MUST_USE enum err job_index_start(struct job *job);
MUST_USE enum err job_publish_start(struct job *job);
MUST_USE enum err job_restore_start(struct job *job);
MUST_USE enum err job_adopt_start(struct job *job);
MUST_USE enum err job_check_start(struct job *job);
MUST_USE enum err job_export_start(struct job *job);
MUST_USE enum err job_keep_start(struct job *job);
void job_index_cancel(struct job *job);
void job_publish_cancel(struct job *job);
void job_restore_cancel(struct job *job);
void job_adopt_cancel(struct job *job);
void job_check_cancel(struct job *job);
void job_export_cancel(struct job *job);
void job_keep_cancel(struct job *job);

#endif
