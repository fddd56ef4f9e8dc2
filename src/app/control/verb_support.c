/* support: what helps to find a fault. Put together of what is known to be harmless, never by
 * taking secrets out of something larger; texts go through support_mask.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "app/control/clerk.h"
#include "app/control/control_live.h"
#include "app/control/control_verbs.h"
#include "app/control/event_view.h"
#include "app/control/job_row.h"
#include "app/control/jobs.h"
#include "app/control/servers.h"
#include "app/control/settings.h"
#include "app/control/support_mask.h"
#include "io/disk/disk_browse.h"
#include "io/disk/disk_file.h"

enum { JOBS = 100, EVENTS = 1000, LOG_BYTES = 4 << 20, LOG_LINES = 500, PATH_LEN = 4096, MIB = 20 };

struct support_work {
    struct clerk_work clerk;
    json_t *bundle;
    char *state;
};

static void put(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

/* --- at home: what is in memory ----------------------------------------------------------------
 */

static json_t *server_json(struct control *control, size_t i)
{
    json_t *out = control_counters_json(control, i);

    (void)json_object_del(out, "name");
    (void)json_object_del(out, "last_text");
    return out;
}

static enum err on_server(void *arg, const struct news_provider *server)
{
    json_t *list = arg;

    return json_array_append_new(
               list, json_pack("{s:i, s:b, s:b, s:b, s:b, s:i}", "port", (int)server->port, "tls",
                         server->tls == NET_TLS, "own_certificates", server->ca_file != NULL,
                         "has_user", server->user != NULL, "has_password", server->password != NULL,
                         "connections", (int)server->connections)) == 0
               ? OK
               : ERR_NO_MEMORY;
}

static json_t *servers_json(struct control *control)
{
    json_t *list = json_array();

    if (servers_each(control, on_server, list) != OK) {
        (void)json_array_clear(list);
    }
    for (size_t i = 0; i < control->server_count && i < json_array_size(list); i++) {
        put(json_array_get(list, i), "counters", server_json(control, i));
    }
    return list;
}

static json_t *settings_json(const struct control *control)
{
    json_t *out = json_deep_copy(settings_document(control));
    json_t *defaults = json_object_get(out, "defaults");
    size_t rules = json_string_length(json_object_get(defaults, "ignore"));
    size_t roots = json_array_size(json_object_get(out, "roots"));

    put(defaults, "ignore", json_integer((json_int_t)rules));
    put(out, "roots", json_integer((json_int_t)roots));
    return out;
}

static json_t *status_json(struct control *control)
{
    json_t *counts = NULL;

    if (control_counts_json(control, &counts) != OK) {
        counts = json_null();
    }
    return json_pack("{s:I, s:s, s:o}", "started", (json_int_t)control->started, "catalogue",
        control_catalogue_word(control), "jobs", counts);
}

/* --- jobs: numbers and errors alone ------------------------------------------------------------
 */

static void put_numbers(json_t *out, const json_t *from)
{
    const char *key;
    json_t *value;
    const json_t *code = json_object_get(json_object_get(from, "error"), "code");

    json_object_foreach((json_t *)(uintptr_t)from, key, value)
    {
        if (json_is_number(value) || json_is_boolean(value)) {
            (void)json_object_set(out, key, value);
        }
    }
    if (json_is_string(code)) {
        (void)json_object_set(out, "error", (json_t *)(uintptr_t)code);
    }
}

static json_t *numbers_json(const json_t *from)
{
    json_t *out = json_object();

    put_numbers(out, from);
    return out;
}

static json_t *job_support_json(const json_t *job)
{
    static const char *const words[] = {"kind", "state"};
    static const char *const objects[] = {"progress", "totals", "result"};
    json_t *out = numbers_json(job);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        (void)json_object_set(out, words[i], json_object_get(job, words[i]));
    }
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        put(out, objects[i], numbers_json(json_object_get(job, objects[i])));
    }
    (void)json_object_set(out, "phase", json_object_get(json_object_get(job, "progress"), "phase"));
    return out;
}

struct jobs_call {
    struct control *control;
    json_t *list;
};

static enum err on_job(void *arg, const struct store_job *stored)
{
    struct jobs_call *call = arg;
    struct job *running = job_find(call->control, stored->id);
    struct job_row row = {0};
    json_t *job;
    enum err err = running == NULL ? job_row_init(&row, stored) : OK;

    job = running != NULL ? job_json(running) : job_row_json(&row);
    (void)json_array_append_new(call->list, job_support_json(job));
    json_decref(job);
    job_row_clear(&row);
    (void)err; /* a damaged one is told with what can be read of it */
    return OK;
}

static json_t *jobs_json(struct control *control)
{
    struct jobs_call call = {control, json_array()};

    if (store_job_each(control->store, 0, JOBS, on_job, &call) != OK) {
        (void)json_array_clear(call.list);
    }
    return call.list;
}

/* --- on a clerk: events, log, machine ----------------------------------------------------------
 */

static json_t *masked_json(struct bytes text, enum err (*mask)(struct bytes text, struct buf *out))
{
    struct buf out = {0};
    json_t *value = NULL;

    if (mask(text, &out) == OK) {
        value = json_stringn((const char *)out.ptr, out.len);
    }
    buf_clear(&out);
    return value;
}

static enum err on_event(void *arg, const struct store_event *event)
{
    json_t *item = event_view(event);

    put(item, "text", masked_json(event->text, support_mask_event));
    return json_array_append_new(arg, item) == 0 ? OK : ERR_NO_MEMORY;
}

static json_t *events_json(struct store *store)
{
    struct store_event_filter filter = {.level = LOG_DEBUG, .find = "", .limit = EVENTS};
    json_t *list = json_array();

    if (store_event_select(store, &filter, on_event, list) != OK) {
        (void)json_array_clear(list);
    }
    return list;
}

/* The last lines of the log, oldest first. */
static json_t *log_json(const char *state)
{
    char path[PATH_LEN];
    struct buf text = {0};
    json_t *list = json_array();
    size_t end, lines = 0, from;

    (void)snprintf(path, sizeof(path), "%.4000s/daemon.log", state);
    if (disk_slurp(path, LOG_BYTES, &text) != OK) {
        buf_clear(&text);
        return list;
    }
    for (from = text.len; from > 0 && lines <= LOG_LINES; from--) {
        lines += text.ptr[from - 1] == '\n';
    }
    from += from > 0 ? 2 : 0;
    for (; from < text.len; from = end + 1) {
        const uint8_t *stop = memchr(text.ptr + from, '\n', text.len - from);

        end = stop != NULL ? (size_t)(stop - text.ptr) : text.len;
        (void)json_array_append_new(
            list, masked_json(bytes_at(text.ptr + from, end - from), support_mask_log));
    }
    buf_clear(&text);
    return list;
}

static json_t *system_json(const char *state)
{
    struct utsname name;
    struct disk_space space = {0};
    json_t *out = json_object();
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGE_SIZE);

    if (uname(&name) == 0) {
        put(out, "system", json_string(name.sysname));
        put(out, "kernel", json_string(name.release));
        put(out, "machine", json_string(name.machine));
    }
    put(out, "processors", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    put(out, "memory_mib", json_integer((json_int_t)pages * page >> MIB));
    if (disk_space_get(bytes_str(state), &space) == OK) {
        put(out, "disk_free_mib", json_integer((json_int_t)(space.free >> MIB)));
        put(out, "disk_total_mib", json_integer((json_int_t)(space.total >> MIB)));
    }
    return out;
}

static void support_run(struct clerk_work *clerk)
{
    struct support_work *work = (struct support_work *)clerk;

    put(work->bundle, "system", system_json(work->state));
    put(work->bundle, "events", events_json(clerk->control->store));
    put(work->bundle, "log", log_json(work->state));
}

static void support_home(struct clerk_work *clerk)
{
    struct support_work *work = (struct support_work *)clerk;
    struct control_call *call = clerk->call;
    json_t *answer = json_incref(work->bundle);

    clerk_end(clerk);
    control_answer(call, answer);
}

static void support_free(struct clerk_work *clerk)
{
    struct support_work *work = (struct support_work *)clerk;

    json_decref(work->bundle);
    free(work->state);
    free(work);
}

void verb_support(struct control_call *call)
{
    struct control *control = call->control;
    struct support_work *work = calloc(1, sizeof(*work));

    if (work != NULL) {
        work->state = strdup(control->state);
        work->bundle = json_pack("{s:I, s:s, s:o, s:o, s:o, s:o}", "made", (json_int_t)time(NULL),
            "version", USENETSYNC_VERSION, "status", status_json(control), "settings",
            settings_json(control), "servers", servers_json(control), "jobs", jobs_json(control));
    }
    if (work == NULL || work->state == NULL || work->bundle == NULL) {
        if (work != NULL) {
            support_free(&work->clerk);
        }
        control_fail(call, ERR_NO_MEMORY, NULL);
        return;
    }
    work->clerk.run = support_run;
    work->clerk.home = support_home;
    work->clerk.free = support_free;
    clerk_start(call, &work->clerk);
}
