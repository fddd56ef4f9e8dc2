/* The steps of one volume. */
#include "flow/check/export_volume.h"

#include <stdio.h>
#include <stdlib.h>

#include "flow/check/export_slices.h"
#include "flow/check/export_task.h"
#include "flow/restore/repair_math.h"

enum {
    TASKS_MAX = 4,  /* of workers at a time ... */
    BANDS_MAX = 2,  /* ... and bands, which take more memory */
    WRONG_MAX = 64, /* wrong slices that a killed run may have left in a file without right ones */
    LOCK_WAIT_MS = 200,
    LOCK_TRIES = 100,
};

/* What we wait for. */
enum volume_state {
    EXPORTING_OPENING,  /* the file */
    EXPORTING_CHECKING, /* what is in it */
    EXPORTING_DATA,     /* missing data segments */
    EXPORTING_PARITY,   /* as many parity segments as data segments are lost */
    EXPORTING_CHOOSING, /* how to repair */
    EXPORTING_BANDS,    /* the repair */
    EXPORTING_PROVING,  /* is what was made what was published? */
    EXPORTING_ENDING,   /* the name, PAR2 */
    EXPORTING_DONE,
};

struct export_volume {
    struct restore_ctx *ctx;
    const struct volume_info *info; /* held by `slices` */
    struct export_file *file;
    enum volume_state state;
    enum export_found found;
    struct export_slices slices;
    uint32_t wrong;  /* CHECKING: slices that are something else */
    size_t tasks;    /* of workers, under way */
    uint32_t needed; /* PARITY: so many */
    struct repair_math *math;
    size_t from;              /* BANDS: the next column */
    uint32_t *lost;           /* from PARITY on: data segments to be made, rising ... */
    size_t lost_count;        /* ... and how many */
    struct loop_timer *timer; /* OPENING: somebody has the file */
    unsigned tries;
    struct export_volume_result result;
};

static void advance(struct export_volume *v);

void export_volume_free(struct export_volume *v)
{
    if (v == NULL) {
        return;
    }
    export_slices_clear(&v->slices);
    loop_timer_free(v->timer);
    repair_math_drop(v->math);
    export_file_drop(v->file);
    free(v->lost);
    free(v);
}

enum export_volume_at export_volume_at(const struct export_volume *v)
{
    return v->state == EXPORTING_DONE     ? EXPORT_OVER
           : v->state == EXPORTING_ENDING ? EXPORT_FINISHING
                                          : EXPORT_AT_WORK;
}

const struct export_volume_result *export_volume_result(const struct export_volume *v)
{
    return &v->result;
}

static void failed(struct export_volume *v, enum err err, const char *text)
{
    restore_ctx_fail(v->ctx, err, text);
}

/* The file's name for people. */
static void fail_with_name(struct export_volume *v, enum err err, const char *words)
{
    char name[EXPORT_NAME_MAX];
    char text[RESTORE_TEXT_MAX];

    export_file_name(v->info->number, name);
    (void)snprintf(text, sizeof(text), "%s %s", name, words);
    failed(v, err, text);
}

/* Data segments in this state. */
static uint32_t count_data(const struct export_volume *v, enum slice_state state)
{
    return export_slices_count(&v->slices, 0, v->info->k, state);
}

/* --- workers ---------------------------------------------------------------------------------- */

static void on_task(void *arg, const struct export_task *task);

static void start_task(struct export_volume *v, struct export_task *task)
{
    enum err err;

    task->file = v->file;
    task->done = on_task;
    task->arg = v;
    err = export_task_start(v->ctx, task);
    v->tasks += err == OK;
    if (err != OK) {
        failed(v, err, NULL);
    }
}

static void start_verb(struct export_volume *v, enum export_verb verb)
{
    struct export_task task = {.verb = verb};

    start_task(v, &task);
}

static void on_timer(void *arg)
{
    start_verb(arg, EXPORT_OPEN);
}

/* A run that was broken off lets go of it when its workers are through. */
static void wait_for_lock(struct export_volume *v)
{
    enum err err = OK;

    if (v->timer == NULL) {
        err = loop_timer_new(v->ctx->env.loop, on_timer, v, &v->timer);
    }
    if (err == OK && ++v->tries > LOCK_TRIES) {
        fail_with_name(v, ERR_EXISTS, "is being written by somebody else");
        return;
    }
    if (err != OK) {
        failed(v, err, NULL);
        return;
    }
    loop_timer_set(v->timer, LOCK_WAIT_MS);
}

static void on_opened(struct export_volume *v, const struct export_task *task)
{
    if (task->err == ERR_LOCKED) {
        wait_for_lock(v);
        return;
    }
    if (task->err != OK) {
        fail_with_name(v, task->err, "cannot be read or written");
        return;
    }
    v->found = task->found;
    v->state = task->found == EXPORT_FOUND_NOTHING ? EXPORTING_DATA : EXPORTING_CHECKING;
}

static void on_task(void *arg, const struct export_task *task)
{
    struct export_volume *v = arg;

    v->tasks--;
    if (task->verb == EXPORT_OPEN) {
        on_opened(v, task);
    } else if (task->err != OK) {
        fail_with_name(v, task->err, "cannot be read or written");
    }
    for (size_t i = 0; task->verb == EXPORT_CHECK && i < task->count; i++) {
        if (task->slices[i] == EXPORT_SLICE_RIGHT) {
            export_slices_have(&v->slices, task->indexes[i]);
        }
        v->wrong += task->slices[i] == EXPORT_SLICE_WRONG;
    }
    if (task->err == OK && (task->verb == EXPORT_COMPLETE || task->verb == EXPORT_LEAVE)) {
        v->state = EXPORTING_DONE;
    }
    advance(v);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void finish(struct export_volume *v)
{
    v->result.fetched = v->slices.fetched;
    v->result.lost = v->info->k - count_data(v, SLICE_HERE);
    v->state = EXPORTING_ENDING;
    start_verb(v, v->result.lost == 0 ? EXPORT_COMPLETE : EXPORT_LEAVE);
    restore_ctx_wake(v->ctx);
}

/* Look at all slices of a pass that are not known to be here. */
static void check_more(struct export_volume *v, uint32_t stop)
{
    struct export_task task = {.verb = EXPORT_CHECK};

    while (v->ctx->err == OK && v->tasks < TASKS_MAX && v->slices.next < stop) {
        task.count = 0;
        while (v->slices.next < stop && task.count < EXPORT_TASK_SLICES) {
            if (v->slices.states[v->slices.next] != SLICE_HERE) {
                task.indexes[task.count++] = v->slices.next;
            }
            v->slices.next++;
        }
        if (task.count > 0) {
            start_task(v, &task);
        }
    }
}

static void step_checking(struct export_volume *v)
{
    uint32_t k = v->info->k;

    check_more(v, v->found == EXPORT_FOUND_NAMED ? k : k + v->info->m);
    if (v->tasks > 0) {
        return;
    }
    v->result.found = count_data(v, SLICE_HERE);
    if (export_slices_count(&v->slices, 0, k + v->info->m, SLICE_HERE) == 0 &&
        (v->found == EXPORT_FOUND_NAMED || v->wrong > WRONG_MAX)) {
        fail_with_name(v, ERR_EXISTS, "is there already, and is not of this share");
        return;
    }
    if (v->found == EXPORT_FOUND_NAMED && v->result.found < k) {
        v->found = EXPORT_FOUND_BEGUN;
        start_verb(v, EXPORT_REOPEN); /* then here again: nothing is left to be looked at */
        return;
    }
    v->slices.next = 0;
    v->state = EXPORTING_DATA;
}

static void fetch_more(struct export_volume *v, uint32_t stop, uint32_t most)
{
    enum err err = export_slices_fetch(&v->slices, export_file_scratch(v->file), stop, most);

    if (err != OK) {
        failed(v, err, NULL);
    }
}

static enum err list_lost(struct export_volume *v)
{
    uint32_t k = v->info->k;

    free(v->lost);
    v->lost_count = 0;
    v->lost = calloc((size_t)k + 1, sizeof(*v->lost));
    if (v->lost == NULL) {
        return ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < k; i++) {
        if (v->slices.states[i] == SLICE_LOST) {
            v->lost[v->lost_count++] = i;
        }
    }
    return OK;
}

static void step_data(struct export_volume *v)
{
    enum err err;

    fetch_more(v, v->info->k, UINT32_MAX);
    if (v->slices.fetch_count > 0) {
        return;
    }
    err = list_lost(v);
    if (err != OK) {
        failed(v, err, NULL);
    } else if (v->lost_count == 0) {
        finish(v);
    } else {
        v->needed = (uint32_t)v->lost_count;
        v->slices.next = v->info->k;
        v->state = EXPORTING_PARITY;
    }
}

static void on_chosen(void *arg, enum err err, struct repair_math *math)
{
    struct export_volume *v = arg;

    v->tasks--;
    if (err == ERR_SINGULAR) {
        v->needed++; /* another choice has to be possible */
        v->state = EXPORTING_PARITY;
    } else if (err != OK) {
        failed(v, err, NULL);
    } else {
        v->math = math;
        v->from = 0;
        v->state = EXPORTING_BANDS;
    }
    advance(v);
}

/* Let a worker find out which parity segments to use. */
static enum err choose(struct export_volume *v)
{
    uint32_t k = v->info->k, count = 0;
    uint32_t *numbers = calloc(2 * (size_t)v->info->m, sizeof(*numbers));
    struct repair_loss loss = {.k = k, .lost = v->lost, .lost_count = v->lost_count};
    enum err err;

    if (numbers == NULL) {
        return ERR_NO_MEMORY;
    }
    for (uint32_t j = 0; j < v->info->m; j++) {
        if (v->slices.states[k + j] == SLICE_HERE) {
            numbers[count] = j;
            numbers[v->info->m + count++] = k + j;
        }
    }
    loss.exponents = numbers;
    loss.places = numbers + v->info->m;
    loss.exponent_count = count;
    err = repair_choose_start(v->ctx, &loss, on_chosen, v);
    free(numbers);
    v->tasks += err == OK;
    return err;
}

static void step_parity(struct export_volume *v)
{
    uint32_t k = v->info->k, m = v->info->m;
    uint32_t here = export_slices_count(&v->slices, k, k + m, SLICE_HERE);
    uint32_t coming = export_slices_count(&v->slices, k, k + m, SLICE_COMING);
    enum err err;

    if (here + coming < v->needed) {
        fetch_more(v, k + m, v->needed - here - coming);
    }
    if (v->slices.fetch_count > 0) {
        return;
    }
    if (here < v->needed) {
        finish(v); /* more is lost than can be made */
        return;
    }
    v->state = EXPORTING_CHOOSING;
    err = choose(v);
    if (err != OK) {
        failed(v, err, NULL);
    }
}

static void on_band(void *arg, enum err err)
{
    struct export_volume *v = arg;

    v->tasks--;
    if (err != OK) {
        fail_with_name(v, err, "cannot be read or written");
    }
    advance(v);
}

static void step_bands(struct export_volume *v)
{
    enum err err = OK;

    while (v->ctx->err == OK && err == OK && v->tasks < BANDS_MAX && v->from < SEGMENT_LEN) {
        struct repair_band band = {v->math, export_file_scratch(v->file), v->from};

        err = repair_band_start(v->ctx, &band, on_band, v);
        v->tasks += err == OK;
        v->from += repair_math_width(v->math);
    }
    if (err != OK) {
        failed(v, err, NULL);
    }
    if (v->tasks == 0 && v->from >= SEGMENT_LEN) {
        v->slices.next = 0;
        v->state = EXPORTING_PROVING;
    }
}

/* A worker's word is not enough: what was made must be what was published. */
static void step_proving(struct export_volume *v)
{
    check_more(v, v->info->k);
    if (v->tasks == 0) {
        v->result.repaired = (uint32_t)v->lost_count - count_data(v, SLICE_LOST);
        finish(v);
    }
}

static void step(struct export_volume *v)
{
    switch (v->state) {
    case EXPORTING_CHECKING:
        step_checking(v);
        break;
    case EXPORTING_DATA:
        step_data(v);
        break;
    case EXPORTING_PARITY:
        step_parity(v);
        break;
    case EXPORTING_BANDS:
        step_bands(v);
        break;
    case EXPORTING_PROVING:
        step_proving(v);
        break;
    case EXPORTING_OPENING:
    case EXPORTING_CHOOSING:
    case EXPORTING_ENDING:
    case EXPORTING_DONE:
        break;
    }
}

/* Go on as far as it goes. */
static void advance(struct export_volume *v)
{
    enum volume_state before;

    do {
        before = v->state;
        if (v->ctx->err == OK) {
            step(v);
        }
    } while (v->state != before);
    if (v->state == EXPORTING_DONE) {
        restore_ctx_wake(v->ctx);
    }
}

static void on_moved(void *arg)
{
    advance(arg);
}

enum err export_volume_start(struct restore_ctx *ctx, const struct export_volume_options *options,
    struct export_volume **out)
{
    struct volume_info *volume = options->volume;
    struct export_volume *v = calloc(1, sizeof(*v));
    enum err err;

    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    v->ctx = ctx;
    v->info = volume;
    v->slices = (struct export_slices){.ctx = ctx, .volume = volume, .moved = on_moved, .arg = v};
    v->result.number = volume->number;
    v->result.k = volume->k;
    err = export_slices_init(&v->slices);
    if (err == OK) {
        err = export_file_new(options->folder, volume, &v->file);
    }
    if (err != OK) {
        export_volume_free(v);
        return err;
    }
    start_verb(v, EXPORT_OPEN);
    *out = v;
    return OK;
}
