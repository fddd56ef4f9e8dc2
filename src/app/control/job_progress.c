/* How far a job is: it listens to its flows, counts rates, and keeps the events. */
#include <stdarg.h>
#include <stdio.h>

#include "app/control/job.h"
#include "app/control/rates.h"
#include "base/clock.h"
#include "base/text.h"
#include "io/store/store_event.h"

enum { EVENT_MAX = 2048, EVENTS_AT_ONCE = 200, MS = 1000000 };

static uint64_t now_ms(void)
{
    return clock_mono_ns() / MS;
}

/* What the phase is measured in: bytes, or articles where no bytes move. */
static bool counts_bytes(const struct progress *p)
{
    return p->phase == PROGRESS_SEND || p->phase == PROGRESS_FETCH || p->phase == PROGRESS_WRITE ||
           p->phase == PROGRESS_COMPARE;
}

static bool counts_articles(const struct progress *p)
{
    return p->phase == PROGRESS_CONFIRM || p->phase == PROGRESS_CHECK;
}

static uint64_t units_done(const struct progress *p)
{
    return counts_bytes(p)      ? p->bytes_done
           : counts_articles(p) ? p->articles_confirmed + p->articles_missing
                                : p->entries_found;
}

/* What is left of the phase, -1 if the total is not known. */
static int64_t units_left(const struct progress *p)
{
    uint64_t total = counts_bytes(p) ? p->bytes_total : p->articles_total;
    bool known = counts_bytes(p) ? p->totals_known : counts_articles(p) && p->articles_known;

    if (!known) {
        return -1;
    }
    return total > units_done(p) ? (int64_t)(total - units_done(p)) : 0;
}

/* How fast it posts is measured while it sends, for estimates. */
static void watch_sending(struct job *job, enum progress_phase before)
{
    if (before == PROGRESS_SEND && job->send_ms != 0) {
        rates_note_posting(
            job->control, job->progress.bytes_posted - job->send_bytes, now_ms() - job->send_ms);
        job->send_ms = 0;
    }
    if (job->progress.phase == PROGRESS_SEND) {
        job->send_ms = now_ms();
        job->send_bytes = job->progress.bytes_posted;
    }
}

void job_flow_over(struct job *job)
{
    job_totals_flow(&job->totals, &job->progress);
    job->progress = (struct progress){0};
}

/* A phase that starts is written down at once: a restore that writes must be known as such. */
static void on_changed(void *arg, const struct progress *progress)
{
    struct job *job = arg;
    struct progress before = job->progress;

    job->progress = *progress;
    job->progress.shown_permille = before.shown_permille;
    job->progress.shown_phase = before.shown_phase;
    job_phases_update(&job->phases, progress);
    if (progress->phase != before.phase) {
        job->wrote =
            job->wrote || (job->row.kind == STORE_JOB_GET && progress->phase >= PROGRESS_FETCH);
        watch_sending(job, before.phase);
        job_rate_reset(&job->rate, now_ms(), units_done(progress));
        job->turned = true;
        loop_timer_set(job->timer, 0);
        return;
    }
    job_rate_add(&job->rate, now_ms(), units_done(progress));
}

static void on_event(void *arg, enum log_level level, const char *text)
{
    job_event(arg, level, "%s", text);
}

struct progress_sink job_sink(struct job *job)
{
    return (struct progress_sink){on_changed, on_event, job};
}

static void put_counter(void *arg, const char *name, uint64_t value)
{
    (void)json_object_set_new(arg, name, json_integer((json_int_t)value));
}

/* -1 is "not known": null. */
static void put_known(json_t *out, const char *name, int64_t value)
{
    (void)json_object_set_new(out, name, value < 0 ? json_null() : json_integer(value));
}

json_t *job_progress_json(struct job *job)
{
    const struct progress *p = &job->progress;
    uint64_t now = now_ms();
    int64_t left = units_left(p);
    json_t *out = json_pack("{s:s, s:s, s:b, s:b}", "phase", progress_phase_name(p->phase), "words",
        progress_phase_words(p->phase), "totals_known", p->totals_known, "articles_known",
        p->articles_known);

    if (out == NULL) {
        return NULL;
    }
    progress_each(p, put_counter, out);
    (void)json_object_set_new(out, "wrote", json_boolean(job->wrote));
    put_known(out, "permille", progress_permille(&job->progress));
    put_known(out, "rate", counts_bytes(p) ? job_rate_now(&job->rate, now) : -1);
    put_known(out, "average", counts_bytes(p) ? job_rate_average(&job->rate, now) : -1);
    (void)json_object_set_new(out, "phases", job_phases_json(&job->phases));
    (void)json_object_set_new(out, "totals", job_totals_json(&job->totals, p, now));
    put_known(out, "eta", left < 0 ? -1 : job_rate_eta(&job->rate, now, (uint64_t)left));
    return out;
}

/* Texts may hold file names: they are kept in a form that is safe to show. */
void job_event(struct job *job, enum log_level level, const char *format, ...)
{
    char text[EVENT_MAX];
    struct buf clean = {0};
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (job->events == NULL) {
        job->events = json_array();
    }
    if (text_escape(bytes_str(text), &clean) == OK) {
        (void)json_array_append_new(
            job->events, json_pack("{s:I, s:i, s:s%}", "time", (json_int_t)clock_wall_ns(), "level",
                             (int)level, "text", (const char *)clean.ptr, clean.len));
    }
    buf_clear(&clean);
    if (json_array_size(job->events) >= EVENTS_AT_ONCE) {
        job_flush_events(job);
    }
}

void job_flush_events(struct job *job)
{
    struct store_event events[EVENTS_AT_ONCE];
    size_t count = 0;
    size_t i;
    json_t *event;

    json_array_foreach(job->events, i, event)
    {
        const json_t *text = json_object_get(event, "text");

        events[count++] = (struct store_event){
            .job = job->row.id,
            .time_ns = json_integer_value(json_object_get(event, "time")),
            .level = (int)json_integer_value(json_object_get(event, "level")),
            .text = bytes_at(json_string_value(text), json_string_length(text)),
        };
    }
    if (count > 0 && store_event_add(job->control->store, events, count) != OK) {
        log_warn("control", "events were lost job=%lld count=%zu", (long long)job->row.id, count);
    }
    if (count > 0) {
        (void)json_array_clear(job->events);
    }
}
