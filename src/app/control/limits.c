/* Once a minute the clock is asked which row of the timetable holds: so midnight, summer time and a
 * clock that was put right need no thought. */
#include "app/control/limits.h"

#include <stdlib.h>
#include <time.h>

#include "app/control/jobs.h"
#include "app/control/settings.h"
#include "base/log.h"

_Static_assert((int)TIMETABLE_PAUSE == (int)NEWS_RATE_NOTHING, "a rate of -1 is nothing");

enum { MINUTE_S = 60, SECOND_MS = 1000 };

/* More memory than that is of no use to one job. */
static const int64_t window_max = INT64_C(4) << 30;

struct limits {
    struct loop_timer *timer;
    struct limits_now now;
};

static const struct timetable_row *row_now(const struct control *control)
{
    time_t now = time(NULL);
    struct tm local;

    if (localtime_r(&now, &local) == NULL) {
        return NULL;
    }
    return timetable_at(settings_timetable(control), local.tm_wday == 0 ? 7 : local.tm_wday,
        local.tm_hour * 60 + local.tm_min);
}

/* Jobs under way learn of another limit of memory at once. */
static void apply_window(struct control *control)
{
    LIST_EACH(node, after, &control->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        if (job->publish != NULL) {
            publish_set_window(job->publish, limits_window(control));
        }
        if (job->restore != NULL) {
            restore_set_window(job->restore, limits_window(control));
        }
    }
}

static void apply(struct control *control)
{
    struct limits *limits = control->limits;
    const struct timetable_row *row = row_now(control);
    struct settings_limits set;

    settings_limits_get(control, &set);
    limits->now = (struct limits_now){
        .up = row != NULL ? row->up : set.upload_rate,
        .down = row != NULL ? row->down : set.download_rate,
        .from_timetable = row != NULL,
    };
    news_set_connections(control->news, (unsigned)set.connections);
    news_set_rates(control->news, limits->now.up, limits->now.down);
    if (workers_use(
            control->workers, set.workers != 0 ? (unsigned)set.workers : control->threads) != OK) {
        log_warn("control", "not all threads could be started wanted=%lld", (long long)set.workers);
    }
    if (workers_nice(control->workers, (int)set.nice) != OK) {
        log_warn("control", "no thread could be started that is as nice as wanted nice=%lld",
            (long long)set.nice);
    }
    apply_window(control);
    control->jobs_at_once = (unsigned)set.jobs_at_once;
    jobs_pump(control);
}

static void on_minute(void *arg)
{
    struct control *control = arg;
    time_t now = time(NULL);

    apply(control);
    loop_timer_set(control->limits->timer, (uint64_t)(MINUTE_S - now % MINUTE_S) * SECOND_MS);
}

enum err limits_new(struct control *control)
{
    struct limits *limits = calloc(1, sizeof(*limits));
    enum err err = limits != NULL ? OK : ERR_NO_MEMORY;

    if (err != OK) {
        return err;
    }
    control->limits = limits;
    err = loop_timer_new(control->loop, on_minute, control, &limits->timer);
    if (err == OK) {
        on_minute(control);
    }
    return err;
}

void limits_free(struct control *control)
{
    if (control->limits != NULL) {
        loop_timer_free(control->limits->timer);
        free(control->limits);
        control->limits = NULL;
    }
}

void limits_apply(struct control *control)
{
    on_minute(control);
}

struct limits_now limits_now(const struct control *control)
{
    return control->limits->now;
}

size_t limits_window(const struct control *control)
{
    struct settings_limits set;

    settings_limits_get(control, &set);
    return (size_t)(set.memory < window_max ? set.memory : window_max);
}
