/* Each kind of trouble: when it is there, and the sentence. */
#include "app/control/attention.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/control/control_health.h"
#include "app/control/control_live.h"
#include "app/control/job_row.h"
#include "app/control/limits.h"
#include "base/text.h"
#include "io/store/store_share.h"

enum {
    TEXT_MAX = 512,
    JOBS_LOOKED_AT = 200, /* older trouble was seen, or nobody cares */
    DISK_LOW = 1 << 30,
    DISK_VERY_LOW = 100 << 20,
};

/* Put one, its sentence printf-formatted; it may hold what servers said and titles. */
static json_t *put(json_t *list, const char *name, const char *level, const char *code,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

static json_t *put(
    json_t *list, const char *name, const char *level, const char *code, const char *format, ...)
{
    char text[TEXT_MAX];
    struct buf clean = {0};
    json_t *item = NULL;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (text_escape(bytes_str(text), &clean) == OK) {
        item = json_pack("{s:s, s:s, s:s%}", "level", level, "code", code, "text",
            (const char *)clean.ptr, clean.len);
    }
    buf_clear(&clean);
    if (item != NULL) {
        (void)json_object_set_new(list, name, item);
    }
    return item;
}

/* --- jobs --------------------------------------------------------------------------------------
 */

struct look {
    json_t *list;
    int64_t shares[JOBS_LOOKED_AT]; /* that a newer job is about: what failed before is history */
    size_t share_count, seen;
};

static bool is_history(const struct look *look, int64_t share)
{
    for (size_t i = 0; share != 0 && i < look->share_count; i++) {
        if (look->shares[i] == share) {
            return true;
        }
    }
    return false;
}

static void put_failed(json_t *list, const struct job_row *row)
{
    const json_t *error = json_object_get(row->result, "error");
    const char *text = json_string_value(json_object_get(error, "text"));
    const char *title = json_string_value(json_object_get(row->args, "title"));
    const char *target = json_string_value(json_object_get(row->args, "target"));
    const char *what = title != NULL ? title : target != NULL ? target : "";
    char name[40];
    json_t *item;

    (void)snprintf(name, sizeof(name), "job-%" PRId64, row->id);
    item = put(list, name, "error", "job_failed", "job %" PRId64 " (%.200s) failed: %.200s",
        row->id, what, text != NULL ? text : "");
    (void)json_object_set_new(item, "job", json_integer(row->id));
    if (row->share != 0) {
        (void)json_object_set_new(item, "share", json_integer(row->share));
    }
}

static enum err on_job(void *arg, const struct store_job *job)
{
    struct look *look = arg;
    struct job_row row = {0};
    enum err err = OK;

    if (job->state == STORE_JOB_FAILED && look->seen < ATTENTION_JOBS_MAX &&
        !is_history(look, job->share)) {
        err = job_row_init(&row, job);
        if (err == OK) {
            put_failed(look->list, &row);
            look->seen++;
        }
        job_row_clear(&row);
    }
    if (job_row_changes_share(job->kind) && job->share != 0) {
        look->shares[look->share_count++] = job->share;
    }
    return OK;
}

void attention_put_jobs(struct control *control, json_t *list)
{
    struct look *look = calloc(1, sizeof(*look));

    if (look != NULL) {
        look->list = list;
        if (store_job_each(control->store, 0, JOBS_LOOKED_AT, on_job, look) != OK) {
            (void)json_object_clear(list);
        }
        free(look);
    }
}

/* --- shares ------------------------------------------------------------------------------------
 */

struct titles {
    struct {
        int64_t id;
        char title[STORE_TITLE_MAX + 1];
    } * rows;
    size_t count, cap;
};

static enum err on_share(void *arg, const struct store_share *share)
{
    struct titles *titles = arg;

    if (titles->count == titles->cap) {
        size_t cap = titles->cap == 0 ? 16 : titles->cap * 2;
        void *rows = realloc(titles->rows, cap * sizeof(*titles->rows));

        if (rows == NULL) {
            return ERR_NO_MEMORY;
        }
        titles->rows = rows;
        titles->cap = cap;
    }
    titles->rows[titles->count].id = share->id;
    memcpy(titles->rows[titles->count++].title, share->title, sizeof(share->title));
    return OK;
}

static void put_share(json_t *list, int64_t id, const char *title, const char *state)
{
    char name[40];
    json_t *item = NULL;

    (void)snprintf(name, sizeof(name), "share-%" PRId64, id);
    if (strcmp(state, "weak") == 0) {
        item = put(list, name, "warn", "share_weak",
            "\"%.200s\" has lost articles; all of it can still be restored", title);
    } else if (strcmp(state, "damaged") == 0) {
        item = put(list, name, "error", "share_damaged",
            "\"%.200s\" has lost more than its recovery data makes good; some files cannot be "
            "restored",
            title);
    } else if (strcmp(state, "lost") == 0) {
        item = put(list, name, "error", "share_damaged",
            "\"%.200s\" cannot be restored any more: its list of files is lost", title);
    }
    if (item != NULL) {
        (void)json_object_set_new(item, "share", json_integer(id));
    }
}

void attention_put_shares(struct control *control, json_t *list)
{
    struct titles titles = {0};
    enum err err = store_share_each(control->store, on_share, &titles);

    for (size_t i = 0;
         err == OK && i < titles.count && json_object_size(list) < ATTENTION_SHARES_MAX; i++) {
        json_t *health = control_health_of_share(control, titles.rows[i].id);
        const char *state = json_string_value(json_object_get(health, "state"));

        if (state != NULL) {
            put_share(list, titles.rows[i].id, titles.rows[i].title, state);
        }
        json_decref(health);
    }
    free(titles.rows);
}

/* --- now ---------------------------------------------------------------------------------------
 */

static void put_paused(struct control *control, json_t *list)
{
    for (size_t i = 0; i < control->server_count; i++) {
        char name[80];
        json_t *item;

        if ((control->servers_paused >> i & 1) == 0) {
            continue;
        }
        (void)snprintf(name, sizeof(name), "paused-%.64s", control->servers[i]);
        item = put(
            list, name, "info", "paused", "the news server %.64s is paused", control->servers[i]);
        (void)json_object_set_new(item, "server", json_string(control->servers[i]));
    }
}

static void put_servers(struct control *control, json_t *list)
{
    for (size_t i = 0; i < control->server_count; i++) {
        struct news_counters counters = {0};
        char name[80];
        json_t *item;

        news_counters_get(control->news, i, &counters);
        if (counters.out == OK) {
            continue;
        }
        (void)snprintf(name, sizeof(name), "server-%.64s", control->servers[i]);
        item = put(list, name, "error", "server_failing", "the news server %.64s: %s%s%.128s",
            control->servers[i], err_text(counters.out), counters.last_text[0] != '\0' ? ": " : "",
            counters.last_text);
        (void)json_object_set_new(item, "server", json_string(control->servers[i]));
    }
}

void attention_put_now(struct control *control, json_t *list, int64_t disk_free)
{
    struct limits_now now = limits_now(control);

    if (control->server_count == 0) {
        (void)put(list, "no-server", "warn", "no_server", "no news server is set up yet");
    }
    put_servers(control, list);
    put_paused(control, list);
    if (control->damaged) {
        (void)put(list, "catalogue", "error", "catalogue_damaged",
            "the catalogue is damaged; nothing new is begun until it was recovered");
    }
    if (disk_free >= 0 && disk_free < DISK_LOW) {
        (void)put(list, "disk", disk_free < DISK_VERY_LOW ? "error" : "warn", "disk_low",
            "the disk that holds the program's own files is nearly full");
    }
    if (now.up < 0 && now.down < 0) {
        (void)put(list, "timetable", "info", "paused",
            "by the timetable nothing is sent and nothing is fetched at this hour");
    }
}
