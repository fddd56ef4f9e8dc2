/* Names, per mille and the calls to the listener. */
#include "flow/progress/progress.h"

#include <stdarg.h>
#include <stdio.h>

enum { EVENT_MAX = 1024, PERMILLE = 1000, UNKNOWN = -1 };

struct phase_row {
    const char *name;
    const char *words;
};

#define PHASE_ROW(id, json, words) [id] = {json, words},
static const struct phase_row phases[PROGRESS_PHASE_COUNT] = {PROGRESS_PHASES(PHASE_ROW)};
#undef PHASE_ROW

void progress_enter(
    struct progress *progress, const struct progress_sink *sink, enum progress_phase phase)
{
    progress->phase = phase;
    progress_changed(progress, sink);
}

void progress_changed(const struct progress *progress, const struct progress_sink *sink)
{
    if (sink != NULL && sink->changed != NULL) {
        sink->changed(sink->arg, progress);
    }
}

void progress_event(const struct progress_sink *sink, enum log_level level, const char *format, ...)
{
    char text[EVENT_MAX];
    va_list args;

    if (sink == NULL || sink->event == NULL) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    sink->event(sink->arg, level, text);
}

/* The share of `done` in `total`, kept below 1000 until it is whole. */
static int permille_of(uint64_t done, uint64_t total)
{
    if (done >= total) {
        return PERMILLE;
    }
    return (int)((double)done / (double)total * (PERMILLE - 1));
}

static int permille_now(const struct progress *p)
{
    switch (p->phase) {
    case PROGRESS_SEND:
    case PROGRESS_FETCH:
    case PROGRESS_WRITE:
    case PROGRESS_COMPARE:
        if (!p->totals_known) {
            return UNKNOWN;
        }
        return p->bytes_total > 0 ? permille_of(p->bytes_done, p->bytes_total)
                                  : permille_of(p->files_done, p->files_total);
    case PROGRESS_CONFIRM:
    case PROGRESS_CHECK:
        return p->articles_known
                   ? permille_of(p->articles_confirmed + p->articles_missing, p->articles_total)
                   : UNKNOWN;
    case PROGRESS_DONE:
        return PERMILLE;
    default:
        return UNKNOWN;
    }
}

int progress_permille(struct progress *progress)
{
    int now = permille_now(progress);

    if (now == UNKNOWN) {
        return UNKNOWN;
    }
    if (progress->shown_phase != progress->phase) {
        progress->shown_phase = progress->phase;
        progress->shown_permille = now;
    }
    if (now > progress->shown_permille) {
        progress->shown_permille = now;
    }
    return progress->shown_permille;
}

static const struct phase_row *row_of(enum progress_phase phase)
{
    return &phases[(unsigned)phase < PROGRESS_PHASE_COUNT ? phase : PROGRESS_IDLE];
}

const char *progress_phase_name(enum progress_phase phase)
{
    return row_of(phase)->name;
}

const char *progress_phase_words(enum progress_phase phase)
{
    return row_of(phase)->words;
}

void progress_each(const struct progress *progress,
    void (*each)(void *arg, const char *name, uint64_t value), void *arg)
{
#define PROGRESS_CALL(name) each(arg, #name, progress->name);
    PROGRESS_COUNTERS(PROGRESS_CALL)
#undef PROGRESS_CALL
}
