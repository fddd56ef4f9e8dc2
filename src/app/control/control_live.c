/* What moves, gathered. Rows of the catalogue are read again only when something changed them. */
#include "app/control/control_live.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/control/attention.h"
#include "app/control/control_own.h"
#include "app/control/job.h"
#include "app/control/jobs.h"
#include "app/control/limits.h"
#include "app/control/live.h"
#include "app/control/rates.h"
#include "app/control/server_row.h"
#include "app/control/settings.h"
#include "base/text.h"
#include "io/disk/disk_browse.h"

enum {
    QUEUED_SHOWN = 100,
    PAUSED_SHOWN = 100,
    ENDED_SHOWN = 50,
    ENDED_S = 60,  /* a job that ended is shown so long */
    DISK_S = 10,   /* the disk is asked so often */
    SHARES_S = 60, /* checks of shares may have said something new */
};

/* What was read last. */
struct live {
    uint64_t jobs_seen, shares_seen; /* control->changed when it was */
    bool fresh;                      /* nothing was read yet */
    json_t *rows;                    /* waiting jobs by number */
    json_t *counts;
    json_t *job_trouble, *share_trouble;
    int64_t shares_at, disk_at, disk_free;
    struct {
        int64_t id, at;
        json_t *row;
    } ended[ENDED_SHOWN]; /* a ring */
    size_t ended_next;
};

enum err live_new(struct control *control)
{
    control->live = calloc(1, sizeof(*control->live));
    if (control->live == NULL) {
        return ERR_NO_MEMORY;
    }
    control->live->fresh = true;
    return OK;
}

void live_free(struct control *control)
{
    struct live *live = control->live;

    if (live == NULL) {
        return;
    }
    for (size_t i = 0; i < ENDED_SHOWN; i++) {
        json_decref(live->ended[i].row);
    }
    json_decref(live->rows);
    json_decref(live->counts);
    json_decref(live->job_trouble);
    json_decref(live->share_trouble);
    free(live);
    control->live = NULL;
}

void live_job_ended(struct control *control, int64_t id, json_t *row)
{
    struct live *live = control->live;
    size_t i = live->ended_next++ % ENDED_SHOWN;

    json_decref(live->ended[i].row);
    live->ended[i].id = id;
    live->ended[i].at = time(NULL);
    live->ended[i].row = row;
}

const char *control_catalogue_word(const struct control *control)
{
    return control->damaged ? "damaged" : control->check != NULL ? "being checked" : "sound";
}

enum err control_counts_json(struct control *control, json_t **out)
{
    struct store_job_counts counts;
    enum err err = store_job_count(control->store, &counts);

    if (err != OK) {
        return err;
    }
    *out = json_object();
    for (enum store_job_state state = STORE_JOB_QUEUED; state <= STORE_JOB_CANCELLED; state++) {
        (void)json_object_set_new(
            *out, job_row_state_name(state), json_integer((json_int_t)counts.in[state]));
    }
    return *out == NULL ? ERR_NO_MEMORY : OK;
}

static json_t *counters_json(const char *name, const struct news_counters *c)
{
    struct buf text = {0};
    json_t *out = NULL;

    if (text_escape(bytes_str(c->last_text), &text) == OK && buf_append_byte(&text, '\0') == OK) {
        out =
            json_pack("{s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                "name", name, "connections_open", (int)c->connections_open, "connections_busy",
                (int)c->connections_busy, "connections_allowed", (int)c->connections_allowed,
                "posted", (json_int_t)c->posted, "duplicates", (json_int_t)c->duplicates,
                "rejected", (json_int_t)c->rejected, "missing", (json_int_t)c->missing, "fetched",
                (json_int_t)c->fetched, "stats", (json_int_t)c->stats, "retries",
                (json_int_t)c->retries, "reconnects", (json_int_t)c->reconnects, "bytes_out",
                (json_int_t)c->bytes_out, "bytes_in", (json_int_t)c->bytes_in, "spent",
                (json_int_t)c->spent);
    }
    if (out != NULL && c->last_error != OK) {
        (void)json_object_set_new(out, "last_error", json_string(err_text(c->last_error)));
        (void)json_object_set_new(out, "last_text", json_string((const char *)text.ptr));
    }
    buf_clear(&text);
    return out;
}

json_t *control_counters_json(struct control *control, size_t i)
{
    struct news_counters counters = {0};

    news_counters_get(control->news, i, &counters);
    return counters_json(control->servers[i], &counters);
}

/* --- jobs --------------------------------------------------------------------------------------
 */

static void put_job(json_t *jobs, int64_t id, json_t *job)
{
    char key[24];

    (void)snprintf(key, sizeof(key), "%" PRId64, id);
    (void)json_object_set_new(jobs, key, job);
}

/* Waiting jobs in their order. */
struct waiting {
    json_t *rows;
    json_int_t place; /* in the queue; 0: not counted */
};

static enum err on_waiting(void *arg, const struct store_job *job)
{
    struct waiting *waiting = arg;
    struct job_row row = {0};
    enum err err = job_row_init(&row, job);
    json_t *json = job_row_json(&row);

    if (json != NULL && job->state == STORE_JOB_QUEUED) {
        (void)json_object_set_new(json, "position", json_integer(++waiting->place));
    }
    put_job(waiting->rows, job->id, json);
    job_row_clear(&row);
    (void)err; /* a damaged job is shown with what can be read of it */
    return OK;
}

static void read_rows(struct control *control)
{
    struct live *live = control->live;
    struct waiting waiting = {json_object(), 0};
    json_t *counts = NULL;

    if (store_job_waiting(control->store, STORE_JOB_QUEUED, QUEUED_SHOWN, on_waiting, &waiting) !=
            OK ||
        store_job_waiting(control->store, STORE_JOB_PAUSED, PAUSED_SHOWN, on_waiting, &waiting) !=
            OK ||
        control_counts_json(control, &counts) != OK) {
        json_decref(waiting.rows);
        return;
    }
    json_decref(live->rows);
    json_decref(live->counts);
    json_decref(live->job_trouble);
    live->rows = waiting.rows;
    live->counts = counts;
    live->job_trouble = json_object();
    attention_put_jobs(control, live->job_trouble);
    live->jobs_seen = control->changed.jobs;
}

static json_t *jobs_json(struct control *control)
{
    struct live *live = control->live;
    json_t *jobs = json_copy(live->rows);
    int64_t now = time(NULL);

    for (size_t i = 0; i < ENDED_SHOWN; i++) {
        if (live->ended[i].row != NULL && now >= live->ended[i].at + ENDED_S) {
            json_decref(live->ended[i].row);
            live->ended[i].row = NULL;
        }
        if (live->ended[i].row != NULL) {
            char key[24];

            (void)snprintf(key, sizeof(key), "%" PRId64, live->ended[i].id);
            if (json_object_get(jobs, key) == NULL) { /* it may have been queued again */
                (void)json_object_set(jobs, key, live->ended[i].row);
            }
        }
    }
    LIST_EACH(node, after, &control->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        put_job(jobs, job->row.id, job_json(job));
    }
    return jobs;
}

/* --- the rest ----------------------------------------------------------------------------------
 */

static json_t *servers_json(struct control *control)
{
    json_t *servers = json_object();
    json_t *links = server_row_links(control);

    for (size_t i = 0; i < control->server_count; i++) {
        (void)json_object_set_new(servers, control->servers[i],
            json_pack("{s:o, s:b, s:O*}", "counters", control_counters_json(control, i), "paused",
                (int)(control->servers_paused >> i & 1), "live", json_array_get(links, i)));
    }
    json_decref(links);
    return servers;
}

static void read_slow(struct control *control, int64_t now)
{
    struct live *live = control->live;
    struct disk_space space;

    if (live->fresh || live->jobs_seen != control->changed.jobs) {
        read_rows(control);
    }
    if (live->fresh || live->shares_seen != control->changed.shares ||
        now >= live->shares_at + SHARES_S) {
        json_decref(live->share_trouble);
        live->share_trouble = json_object();
        attention_put_shares(control, live->share_trouble);
        live->shares_seen = control->changed.shares;
        live->shares_at = now;
    }
    if (live->fresh || now >= live->disk_at + DISK_S) {
        live->disk_free =
            disk_space_get(bytes_str(control->state), &space) == OK ? (int64_t)space.free : -1;
        live->disk_at = now;
    }
    live->fresh = live->rows == NULL;
}

static json_t *attention_json(struct control *control)
{
    json_t *list = json_object();

    attention_put_now(control, list, control->live->disk_free);
    (void)json_object_update(list, control->live->job_trouble);
    (void)json_object_update(list, control->live->share_trouble);
    return list;
}

/* A rate in force: null without a limit, 0 for nothing at all. */
static json_t *rate_json(int64_t rate)
{
    return rate == 0 ? json_null() : json_integer(rate < 0 ? 0 : rate);
}

static json_t *limits_json(const struct control *control)
{
    struct limits_now now = limits_now(control);

    return json_pack("{s:o, s:o, s:b}", "upload_rate", rate_json(now.up), "download_rate",
        rate_json(now.down), "timetable", now.from_timetable);
}

json_t *control_live(struct control *control)
{
    struct rates_now rates = rates_now(control);
    int64_t now = time(NULL);
    json_t *state;

    read_slow(control, now);
    state = json_pack("{s:I, s:s, s:s, s:{s:I, s:I}, s:o, s:o, s:o, s:o, s:O?}", "time",
        (json_int_t)now, "version", USENETSYNC_VERSION, "catalogue",
        control_catalogue_word(control), "rates", "up", (json_int_t)rates.up, "down",
        (json_int_t)rates.down, "limits", limits_json(control), "jobs", jobs_json(control),
        "servers", servers_json(control), "attention", attention_json(control), "counts",
        control->live->counts);
    if (state == NULL) {
        return NULL;
    }
    (void)json_object_set_new(state, "disk_free",
        control->live->disk_free < 0 ? json_null() : json_integer(control->live->disk_free));
    (void)json_object_set(
        state, "settings_revision", json_object_get(settings_document(control), "revision"));
    (void)json_object_set_new(
        state, "shares_revision", json_integer((json_int_t)control->changed.shares));
    (void)json_object_set_new(
        state, "jobs_revision", json_integer((json_int_t)control->changed.jobs));
    (void)json_object_set_new(
        state, "servers_revision", json_integer((json_int_t)control->changed.servers));
    return state;
}
