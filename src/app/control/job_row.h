/* A job as the catalogue keeps it, with its texts as JSON. */
#ifndef APP_CONTROL_JOB_ROW_H
#define APP_CONTROL_JOB_ROW_H

#include <jansson.h>
#include <stdbool.h>

#include "io/store/store_job.h"

struct job_row {
    int64_t id;
    enum store_job_kind kind;
    enum store_job_state state;
    int priority;
    uint32_t attempts;
    int64_t share;
    int64_t created, started, finished;
    int64_t resume_at; /* PAUSED: goes on by itself then; 0: never */
    json_t *args;      /* owned objects; NULL: none */
    json_t *progress;
    json_t *result;
};

/* Fill *row from a row of the catalogue. Call job_row_clear() whatever it returns. */
MUST_USE enum err job_row_init(struct job_row *row, const struct store_job *job);

/* Load job `id`. ERR_NO_JOB: there is none. Call job_row_clear() whatever it returns. */
MUST_USE enum err job_row_load(struct store *store, int64_t id, struct job_row *row);

/* Insert, setting row->id; and write everything that may change. */
MUST_USE enum err job_row_add(struct store *store, struct job_row *row);
MUST_USE enum err job_row_save(struct store *store, const struct job_row *row);

void job_row_clear(struct job_row *row);

/* What the user sees of it (never its link): new, NULL without memory. */
json_t *job_row_json(const struct job_row *row);

/* Does a job of this kind change its share? Only one such job of a share may be unfinished. */
bool job_row_changes_share(enum store_job_kind kind);

/* "queued", "running" ...; live for ever. */
const char *job_row_state_name(enum store_job_state state);

#endif
