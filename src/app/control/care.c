/* A timer for what is due next. What is due becomes a job, and its next time is put off a while, so
 * that a job that fails does not come back at once. */
#include "app/control/care.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "app/control/care_plan.h"
#include "app/control/job_row.h"
#include "app/control/jobs.h"
#include "base/log.h"
#include "io/store/store_care.h"
#include "io/store/store_share.h"

enum {
    LOOK_MAX_MS = 60000, /* a clock that was put forward or back is noticed */
    SECOND_MS = 1000,
    PUT_OFF = 3600, /* seconds */
};

struct care {
    struct loop_timer *timer;
};

/* --- jobs ------------------------------------------------------------------------------------- */

struct look {
    enum store_job_kind kind;
    int64_t id;
};

static enum err on_job(void *arg, const struct store_job *job)
{
    struct look *look = arg;

    look->id = job->kind == look->kind ? job->id : look->id;
    return OK;
}

/* Add a job of this kind, unless one is unfinished: then that is the one. */
static enum err have_job(
    struct control *control, enum store_job_kind kind, const struct store_share *share, int64_t *id)
{
    struct look look = {.kind = kind};
    struct job_row row = {
        .kind = kind, .state = STORE_JOB_QUEUED, .share = share->id, .created = time(NULL)};
    enum err err = store_job_unfinished(control->store, share->id, on_job, &look);

    *id = look.id;
    if (err != OK || look.id != 0) {
        return err;
    }
    row.args = json_pack("{s:s, s:b, s:b}", "title", share->title, "scheduled", true, "heal",
        kind == STORE_JOB_CHECK);
    err = row.args == NULL ? ERR_NO_MEMORY : job_row_add(control->store, &row);
    *id = row.id;
    job_row_clear(&row);
    if (err == OK) {
        jobs_pump(control);
    }
    return err;
}

static enum err begin(struct control *control, enum store_job_kind kind, int64_t share, int64_t *id)
{
    struct store_share row;
    enum err err = store_share_get(control->store, share, &row);

    if (err == OK) {
        err = have_job(control, kind, &row, id);
    }
    bytes_wipe(&row, sizeof(row));
    return err;
}

enum err care_heal(struct control *control, int64_t share, int64_t *job)
{
    return begin(control, STORE_JOB_HEAL, share, job);
}

/* --- what is due ------------------------------------------------------------------------------ */

/* The shares, held while the catalogue is free for other calls. */
struct shares {
    struct store_care *rows;
    size_t count, cap;
};

static enum err keep(void *arg, const struct store_care *care)
{
    struct shares *shares = arg;

    if (shares->count == shares->cap) {
        size_t cap = shares->cap == 0 ? 16 : shares->cap * 2;
        struct store_care *grown = realloc(shares->rows, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        shares->rows = grown;
        shares->cap = cap;
    }
    shares->rows[shares->count++] = *care;
    return OK;
}

/* Begin what is due of one share. *next: the sooner of it and what comes next of this one. */
static enum err look_at(struct control *control, struct store_care *care, int64_t *next)
{
    int64_t now = time(NULL), check = care_plan_check(&control->waits, care);
    int64_t alive = care_plan_alive(&control->waits, care->alive_at), id;
    enum err err = OK;
    bool is_due;

    if (check <= now && jobs_healing(control, care->share, &id)) {
        check = now + 1; /* behind that */
    }
    is_due = check <= now || alive <= now;
    if (check <= now) {
        err = begin(control, STORE_JOB_CHECK, care->share, &id);
        care->check_after = check = now + PUT_OFF;
    }
    if (err == OK && alive <= now) {
        err = care_heal(control, care->share, &id);
        care->alive_at += now + PUT_OFF - alive;
        alive = now + PUT_OFF;
    }
    if (err == OK && is_due) {
        err = store_care_plan(control->store, care);
    }
    *next = check < *next ? check : *next;
    *next = alive < *next ? alive : *next;
    return err;
}

static void on_timer(void *arg)
{
    struct control *control = arg;
    struct shares shares = {NULL, 0, 0};
    int64_t now = time(NULL), next = INT64_MAX;
    enum err err = OK;

    if (!control->damaged && news_provider_count(control->news) > 0) {
        err = store_care_each(control->store, keep, &shares);
    }
    for (size_t i = 0; i < shares.count && err == OK; i++) {
        err = look_at(control, &shares.rows[i], &next);
    }
    if (err != OK) {
        log_error("control", "shares cannot be looked after err=%s", err_name(err));
    }
    free(shares.rows);
    next = next > now ? next - now : 1;
    loop_timer_set(control->care->timer,
        next < LOOK_MAX_MS / SECOND_MS ? (uint64_t)next * SECOND_MS : LOOK_MAX_MS);
}

void care_checked(struct control *control, int64_t share)
{
    struct store_care care;
    enum err err = store_care_get(control->store, share, &care);

    if (err == OK) {
        care.checked_at = time(NULL);
        care.check_after = 0;
        err = store_care_plan(control->store, &care);
    }
    if (err != OK && err != ERR_NO_ROW) {
        log_warn("control", "a check is not noted share=%" PRId64 " err=%s", share, err_name(err));
    }
    care_look(control);
}

void care_look(struct control *control)
{
    if (control->care != NULL) {
        loop_timer_set(control->care->timer, 0);
    }
}

enum err care_new(struct control *control)
{
    enum err err = ERR_NO_MEMORY;

    control->care = calloc(1, sizeof(*control->care));
    if (control->care != NULL) {
        err = loop_timer_new(control->loop, on_timer, control, &control->care->timer);
    }
    if (err == OK) {
        care_look(control);
    }
    return err;
}

void care_free(struct control *control)
{
    if (control->care != NULL) {
        loop_timer_free(control->care->timer);
        free(control->care);
        control->care = NULL;
    }
}
