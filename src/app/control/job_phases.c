/* Which counters make which bar. */
#include "app/control/job_phases.h"

enum { PERMILLE = 1000, UNKNOWN = -1 };

/* Where a value comes from, and when its total is final. */
struct job_bar_row {
    const char *name, *unit;
    enum progress_phase first, last; /* it runs from the one to the other, in the job's order */
    void (*value)(const struct progress *p, struct job_bar *bar);
};

static int64_t known(bool is_known, uint64_t total)
{
    return is_known ? (int64_t)total : UNKNOWN;
}

static void entries_seen(const struct progress *p, struct job_bar *bar)
{
    bar->done = p->entries_found;
    bar->total = UNKNOWN;
}

/* What is read again, or turns out to be more, does not make more than all. */
static void bytes_read(const struct progress *p, struct job_bar *bar)
{
    bar->total = known(p->totals_known, p->bytes_total);
    bar->done = p->totals_known && p->bytes_read > p->bytes_total ? p->bytes_total : p->bytes_read;
}

static void bytes_through(const struct progress *p, struct job_bar *bar)
{
    bar->done = p->bytes_done;
    bar->total = known(p->totals_known, p->bytes_total);
}

static void articles_seen(const struct progress *p, struct job_bar *bar)
{
    bar->done = p->articles_confirmed + p->articles_missing;
    bar->total = known(p->articles_known, p->articles_total);
}

static void one_step(const struct progress *p, struct job_bar *bar)
{
    (void)p;
    bar->done = 0;
    bar->total = 1;
}

static void articles_fetched(const struct progress *p, struct job_bar *bar)
{
    bar->done = p->articles_fetched;
    bar->total = UNKNOWN;
}

static void files_through(const struct progress *p, struct job_bar *bar)
{
    bar->done = p->files_done;
    bar->total = known(p->totals_known, p->files_total);
}

static const struct job_bar_row share_rows[] = {
    {"scan", "entries", PROGRESS_SCAN, PROGRESS_SCAN, entries_seen},
    {"read", "bytes", PROGRESS_SEND, PROGRESS_SEND, bytes_read},
    {"post", "bytes", PROGRESS_SEND, PROGRESS_SEND, bytes_through},
    {"confirm", "articles", PROGRESS_CONFIRM, PROGRESS_CONFIRM, articles_seen},
    {"publish", "steps", PROGRESS_PUBLISH, PROGRESS_PUBLISH, one_step},
};

static const struct job_bar_row heal_rows[] = {
    {"read", "bytes", PROGRESS_SEND, PROGRESS_SEND, bytes_read},
    {"post", "bytes", PROGRESS_SEND, PROGRESS_SEND, bytes_through},
    {"confirm", "articles", PROGRESS_CONFIRM, PROGRESS_CONFIRM, articles_seen},
    {"publish", "steps", PROGRESS_PUBLISH, PROGRESS_PUBLISH, one_step},
};

static const struct job_bar_row get_rows[] = {
    {"locate", "steps", PROGRESS_LOCATE, PROGRESS_LOCATE, one_step},
    {"list", "articles", PROGRESS_LIST, PROGRESS_LIST, articles_fetched},
    {"fetch", "bytes", PROGRESS_FETCH, PROGRESS_FETCH, bytes_through},
    {"write", "entries", PROGRESS_FETCH, PROGRESS_WRITE, files_through},
};

static const struct job_bar_row compare_rows[] = {
    {"locate", "steps", PROGRESS_LOCATE, PROGRESS_LOCATE, one_step},
    {"list", "articles", PROGRESS_LIST, PROGRESS_LIST, articles_fetched},
    {"compare", "bytes", PROGRESS_COMPARE, PROGRESS_COMPARE, bytes_through},
};

static const struct job_bar_row adopt_rows[] = {
    {"locate", "steps", PROGRESS_LOCATE, PROGRESS_LOCATE, one_step},
    {"list", "entries", PROGRESS_LIST, PROGRESS_LIST, files_through},
};

static const struct job_bar_row check_rows[] = {
    {"locate", "steps", PROGRESS_LOCATE, PROGRESS_LOCATE, one_step},
    {"list", "articles", PROGRESS_LIST, PROGRESS_LIST, articles_fetched},
    {"check", "articles", PROGRESS_CHECK, PROGRESS_CHECK, articles_seen},
};

#define ROWS(list) list, sizeof(list) / sizeof((list)[0])

void job_phases_init(struct job_phases *phases, enum store_job_kind kind, enum job_writes writes)
{
    static const struct {
        const struct job_bar_row *rows;
        size_t count;
    } kinds[] = {
        [STORE_JOB_SHARE] = {ROWS(share_rows)},
        [STORE_JOB_GET] = {ROWS(get_rows)},
        [STORE_JOB_ADOPT] = {ROWS(adopt_rows)},
        [STORE_JOB_CHECK] = {ROWS(check_rows)},
        [STORE_JOB_EXPORT] = {ROWS(get_rows)},
        [STORE_JOB_HEAL] = {ROWS(heal_rows)},
    };

    *phases = (struct job_phases){.rows = kinds[kind].rows, .count = kinds[kind].count};
    if (kind == STORE_JOB_GET && writes == JOB_ONLY_LOOKS) {
        phases->count = 2;
    }
    if (kind == STORE_JOB_GET && writes == JOB_COMPARES) {
        phases->rows = compare_rows;
        phases->count = sizeof(compare_rows) / sizeof(compare_rows[0]);
    }
    for (size_t i = 0; i < phases->count; i++) {
        phases->bars[i].total = UNKNOWN;
    }
}

static int permille_of(const struct job_bar *bar)
{
    if (bar->total < 0) {
        return UNKNOWN;
    }
    if (bar->done >= (uint64_t)bar->total) {
        return PERMILLE - 1; /* full it is when the phase is over */
    }
    return (int)((double)bar->done / (double)bar->total * (PERMILLE - 1));
}

static void run(struct job_bar *bar, const struct job_bar_row *row, const struct progress *p)
{
    int before = bar->permille;
    int now;

    bar->state = JOB_BAR_RUNNING;
    row->value(p, bar);
    now = permille_of(bar);
    bar->permille = now > before || before == 0 ? now : before;
}

static void fill(struct job_bar *bar)
{
    bar->state = JOB_BAR_DONE;
    bar->permille = PERMILLE;
    if (bar->total < 0) {
        bar->total = (int64_t)bar->done;
    }
    bar->done = (uint64_t)bar->total;
}

/* A phase is over: what it came to. The next flow may know nothing of it. */
static void last_word(struct job_bar *bar, const struct job_bar_row *row, const struct progress *p)
{
    struct job_bar last = *bar;

    row->value(p, &last);
    if (last.done >= bar->done) {
        *bar = last;
    }
}

/* Phases come in the order of their numbers, but for a listing that looks once more. */
void job_phases_update(struct job_phases *phases, const struct progress *progress)
{
    enum progress_phase now = progress->phase;

    if (now == PROGRESS_IDLE) {
        return;
    }
    for (size_t i = 0; i < phases->count; i++) {
        const struct job_bar_row *row = &phases->rows[i];
        struct job_bar *bar = &phases->bars[i];

        if (now < row->first) {
            bar->state = bar->state == JOB_BAR_RUNNING ? JOB_BAR_WAITING : bar->state;
        } else if (now > row->last) {
            if (bar->state == JOB_BAR_RUNNING) {
                last_word(bar, row, progress);
            }
            fill(bar);
        } else if (bar->state != JOB_BAR_DONE) {
            run(bar, row, progress);
        }
    }
}

void job_phases_finish(struct job_phases *phases)
{
    for (size_t i = 0; i < phases->count; i++) {
        fill(&phases->bars[i]);
    }
}

static json_t *bar_json(const struct job_bar_row *row, const struct job_bar *bar)
{
    static const char *const states[] = {"waiting", "running", "done"};
    json_t *out = json_pack("{s:s, s:s, s:s, s:I}", "name", row->name, "state", states[bar->state],
        "unit", row->unit, "done", (json_int_t)bar->done);

    if (out != NULL) {
        (void)json_object_set_new(
            out, "total", bar->total < 0 ? json_null() : json_integer(bar->total));
        (void)json_object_set_new(
            out, "permille", bar->permille < 0 ? json_null() : json_integer(bar->permille));
    }
    return out;
}

json_t *job_phases_json(const struct job_phases *phases)
{
    json_t *list = json_array();

    for (size_t i = 0; i < phases->count; i++) {
        if (json_array_append_new(list, bar_json(&phases->rows[i], &phases->bars[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
