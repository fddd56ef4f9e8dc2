/* One table of metrics a kind of thing: jobs by state, running jobs, news servers, the rest. */
#include "app/web/web_metrics.h"

struct metric {
    const char *name; /* behind "usenetsync_" */
    const char *type;
    const char *key; /* the member that holds it */
    const char *help;
};

static const struct metric server_metrics[] = {
    {"articles_posted_total", "counter", "posted", "Articles that the server accepted."},
    {"articles_duplicate_total", "counter", "duplicates", "Articles that it had already."},
    {"articles_rejected_total", "counter", "rejected", "Articles that it refused."},
    {"articles_missing_total", "counter", "missing", "Answers that an article is not there."},
    {"articles_fetched_total", "counter", "fetched", "Articles fetched."},
    {"articles_asked_total", "counter", "stats", "Articles asked for by STAT."},
    {"retries_total", "counter", "retries", "Requests made once more."},
    {"reconnects_total", "counter", "reconnects", "Connections made again."},
    {"sent_bytes_total", "counter", "bytes_out", "Bytes sent to the server."},
    {"received_bytes_total", "counter", "bytes_in", "Bytes received from the server."},
    {"connections_open", "gauge", "connections_open", "Connections that are open."},
    {"connections_busy", "gauge", "connections_busy", "Connections with work."},
    {"connections_allowed", "gauge", "connections_allowed", "Connections that may be open now."},
};

static const struct metric job_metrics[] = {
    {"job_done_bytes", "gauge", "bytes_done", "Plain bytes done of a running job."},
    {"job_total_bytes", "gauge", "bytes_total", "Plain bytes of a running job, as far as known."},
    {"job_done_files", "gauge", "files_done", "Files done of a running job."},
    {"job_posted_articles", "gauge", "articles_posted", "Articles posted by a running job."},
    {"job_confirmed_articles", "gauge", "articles_confirmed", "Articles seen again by it."},
    {"job_fetched_articles", "gauge", "articles_fetched", "Articles fetched by it."},
    {"job_retries", "gauge", "retries", "Articles asked for or sent once more by it."},
};

enum { SERVER_METRICS = sizeof(server_metrics) / sizeof(server_metrics[0]) };
enum { JOB_METRICS = sizeof(job_metrics) / sizeof(job_metrics[0]) };

static enum err put_kind(struct buf *text, const char *name, const char *type, const char *help)
{
    return buf_printf(
        text, "# HELP usenetsync_%s %s\n# TYPE usenetsync_%s %s\n", name, help, name, type);
}

/* A label's value: quotation mark, backslash and end of line are escaped. */
static enum err put_label(struct buf *text, const char *value)
{
    enum err err = OK;

    for (; *value != '\0' && err == OK; value++) {
        if (*value == '\n') {
            err = buf_append_str(text, "\\n");
        } else {
            err = *value == '"' || *value == '\\' ? buf_append_byte(text, '\\') : OK;
            err = err == OK ? buf_append_byte(text, (uint8_t)*value) : err;
        }
    }
    return err;
}

/* usenetsync_NAME{LABEL="VALUE"} N */
static enum err put_sample(
    struct buf *text, const char *name, const char *label, const char *value, json_int_t number)
{
    enum err err = buf_printf(text, "usenetsync_%s{%s=\"", name, label);

    if (err == OK) {
        err = put_label(text, value);
    }
    if (err == OK) {
        err = buf_printf(text, "\"} %lld\n", (long long)number);
    }
    return err;
}

/* One metric of every member of `things`, found in its member `inner`. */
static enum err put_each(const json_t *things, const char *inner, const char *label,
    const struct metric *metric, struct buf *text)
{
    const char *key;
    json_t *thing;
    enum err err = put_kind(text, metric->name, metric->type, metric->help);

    /* jansson's loop wants a value that is not const, and does not change it */
    json_object_foreach((json_t *)(uintptr_t)things, key, thing)
    {
        const json_t *number = json_object_get(json_object_get(thing, inner), metric->key);

        if (err == OK && json_is_integer(number)) {
            err = put_sample(text, metric->name, label, key, json_integer_value(number));
        }
    }
    return err;
}

static enum err put_states(const json_t *counts, struct buf *text)
{
    const char *state;
    json_t *count;
    enum err err = put_kind(text, "jobs", "gauge", "Jobs by state.");

    json_object_foreach((json_t *)(uintptr_t)counts, state, count)
    {
        if (err == OK) {
            err = put_sample(text, "jobs", "state", state, json_integer_value(count));
        }
    }
    return err;
}

static enum err put_number(
    struct buf *text, const char *name, const char *help, const json_t *number)
{
    enum err err = OK;

    if (json_is_integer(number)) {
        err = put_kind(text, name, "gauge", help);
        if (err == OK) {
            err = buf_printf(
                text, "usenetsync_%s %lld\n", name, (long long)json_integer_value(number));
        }
    }
    return err;
}

static enum err put_rest(const json_t *live, struct buf *text)
{
    const json_t *rates = json_object_get(live, "rates");
    const char *catalogue = json_string_value(json_object_get(live, "catalogue"));
    json_t *damaged =
        json_integer(catalogue != NULL && catalogue[0] == 'd'); /* sound, being checked, damaged */
    json_t *attention =
        json_integer((json_int_t)json_object_size(json_object_get(live, "attention")));
    enum err err = put_number(
        text, "sent_bytes_per_second", "What goes out now.", json_object_get(rates, "up"));

    if (err == OK) {
        err = put_number(text, "received_bytes_per_second", "What comes in now.",
            json_object_get(rates, "down"));
    }
    if (err == OK) {
        err = put_number(text, "catalogue_damaged", "1: the catalogue is damaged.", damaged);
    }
    if (err == OK) {
        err = put_number(text, "attention", "Things that somebody should look at.", attention);
    }
    if (err == OK) {
        err = put_number(text, "state_free_bytes", "Free space where the state folder is.",
            json_object_get(live, "disk_free"));
    }
    json_decref(damaged);
    json_decref(attention);
    return err;
}

enum err web_metrics_put(const json_t *live, struct buf *text)
{
    enum err err = put_states(json_object_get(live, "counts"), text);

    for (size_t i = 0; i < JOB_METRICS && err == OK; i++) {
        err = put_each(json_object_get(live, "jobs"), "progress", "job", &job_metrics[i], text);
    }
    for (size_t i = 0; i < SERVER_METRICS && err == OK; i++) {
        err = put_each(
            json_object_get(live, "servers"), "counters", "server", &server_metrics[i], text);
    }
    return err == OK ? put_rest(live, text) : err;
}
