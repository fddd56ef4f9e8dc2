/* What lies where: `waiting` are segments nobody has begun with, `batch` those that workers add
 * right now, `slices` the sums so far. Workers see the batch, the slices and the encoder, the loop
 * all else; between two batches everything is the loop's. */
#include "flow/publish/parity.h"

#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_encoder.h"
#include "codec/seal/sealer.h"

enum {
    PARITY_ROOM = 327,      /* a batch and the slices together */
    PARITY_BATCH_MIN = 64,  /* a smaller one is not worth its encoder */
    PARITY_AHEAD = 16,      /* segments that may come while a batch is added */
    PARITY_COLUMNS = 32768, /* bytes of each segment that one job works on */
    PARITY_PARTS = SEGMENT_LEN / PARITY_COLUMNS,
    PARITY_NAMED = 8, /* slices whose cids are reckoned side by side */
};

enum parity_state {
    PARITY_HOLDING,    /* parity_go() is to come */
    PARITY_COLLECTING, /* no worker has anything */
    PARITY_PREPARING,  /* one makes the batch's encoder */
    PARITY_ADDING,     /* they add its columns */
    PARITY_NAMING,     /* they reckon the cids */
    PARITY_READY,
    PARITY_FAILED,
};

/* One job's share of what is to be done. */
struct part {
    struct parity *parity;
    struct work_job job;
    size_t number;
    enum err err;
    int out; /* submitted, and not home yet */
};

struct held {
    uint32_t index;
    struct buf sealed;
};

struct parity {
    struct workers *workers;
    struct parity_events events;
    void *arg;
    uint8_t ck[KEY_LEN];
    enum parity_state state;
    struct held *waiting;
    size_t waiting_count, waiting_cap;
    size_t batch_size;
    uint32_t m_max;
    uint32_t m; /* 0: not finished */
    struct part parts[PARITY_PARTS];
    size_t out; /* parts that are not home yet */
    int cancelled;
    /* what workers work on */
    struct held batch[PAR2_BATCH];
    size_t batch_count;
    struct buf *slices;
    uint32_t slice_count; /* 0: there are none yet */
    uint32_t rows;        /* slices that this batch is added to */
    int fresh;            /* the slices hold nothing yet */
    struct par2_encoder *encoder;
    struct cid *cids;
};

/* --- buffers ---------------------------------------------------------------------------------- */

static void give_back(struct parity *p, struct buf *b)
{
    if (p->events.give_buffer != NULL && !p->cancelled) {
        p->events.give_buffer(p->arg, b);
    }
    buf_clear(b);
}

static void batch_clear(struct parity *p)
{
    for (size_t i = 0; i < p->batch_count; i++) {
        give_back(p, &p->batch[i].sealed);
    }
    p->batch_count = 0;
    par2_encoder_free(p->encoder);
    p->encoder = NULL;
}

static void parity_free(struct parity *p)
{
    batch_clear(p);
    for (size_t i = 0; i < p->waiting_count; i++) {
        give_back(p, &p->waiting[i].sealed);
    }
    for (uint32_t j = 0; j < p->slice_count; j++) {
        give_back(p, &p->slices[j]);
    }
    free(p->waiting);
    free(p->slices);
    free(p->cids);
    bytes_wipe(p->ck, sizeof(p->ck));
    free(p);
}

enum err parity_new(const struct parity_options *options, const struct parity_events *events,
    void *arg, struct parity **parity)
{
    struct parity *p = calloc(1, sizeof(*p));
    size_t batch = options->m_max < PARITY_ROOM ? PARITY_ROOM - options->m_max : 0;

    if (p == NULL) {
        return ERR_NO_MEMORY;
    }
    p->workers = options->workers;
    p->events = *events;
    p->arg = arg;
    memcpy(p->ck, options->ck, sizeof(p->ck));
    p->state = options->begin == PARITY_WAIT ? PARITY_HOLDING : PARITY_COLLECTING;
    p->m_max = options->m_max;
    p->batch_size = batch < PARITY_BATCH_MIN ? PARITY_BATCH_MIN : batch;
    p->batch_size = p->batch_size > PAR2_BATCH ? PAR2_BATCH : p->batch_size;
    p->slices = calloc(p->m_max, sizeof(*p->slices));
    p->cids = calloc(p->m_max, sizeof(*p->cids));
    if (p->slices == NULL || p->cids == NULL) {
        parity_free(p);
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < PARITY_PARTS; i++) {
        p->parts[i] = (struct part){.parity = p, .number = i};
    }
    *parity = p;
    return OK;
}

/* --- on a worker ------------------------------------------------------------------------------ */

static void run_prepare(void *arg)
{
    struct part *part = arg;
    struct parity *p = part->parity;
    uint32_t inputs[PAR2_BATCH];
    struct par2_shape shape = {
        .inputs = inputs, .input_count = p->batch_count, .exponent_count = p->rows};

    for (size_t i = 0; i < p->batch_count; i++) {
        inputs[i] = p->batch[i].index;
    }
    for (uint32_t j = 0; j < p->slice_count && part->err == OK; j++) {
        part->err = buf_resize(&p->slices[j], SEGMENT_LEN);
    }
    if (part->err == OK) {
        part->err = par2_encoder_new(&shape, &p->encoder);
    }
}

/* Add the batch's columns (or begin with them) from `from` to `to`; `out` has room for a pointer a
 * row. */
static enum err add_columns(struct parity *p, size_t from, size_t to, uint8_t **out)
{
    const uint8_t *in[PAR2_BATCH];
    struct par2_columns columns = {.in = in, .out = out, .from = from, .to = to};

    for (size_t i = 0; i < p->batch_count; i++) {
        in[i] = p->batch[i].sealed.ptr;
    }
    for (uint32_t j = 0; j < p->rows; j++) {
        out[j] = p->slices[j].ptr;
    }
    columns.work = malloc(par2_encoder_work(p->encoder));
    if (columns.work == NULL) {
        return ERR_NO_MEMORY;
    }
    if (p->fresh) {
        par2_encoder_set(p->encoder, &columns);
    } else {
        par2_encoder_add(p->encoder, &columns);
    }
    free(columns.work);
    return OK;
}

static void run_add(void *arg)
{
    struct part *part = arg;
    struct parity *p = part->parity;
    size_t from = part->number * PARITY_COLUMNS;
    uint8_t **out = calloc(p->rows, sizeof(*out));

    part->err = out != NULL ? add_columns(p, from, from + PARITY_COLUMNS, out) : ERR_NO_MEMORY;
    free(out);
}

static void run_name(void *arg)
{
    struct part *part = arg;
    struct parity *p = part->parity;

    for (size_t from = part->number * PARITY_NAMED; from < p->rows;
         from += (size_t)PARITY_PARTS * PARITY_NAMED) {
        struct bytes slices[PARITY_NAMED];
        size_t count = p->rows - from < PARITY_NAMED ? p->rows - from : PARITY_NAMED;

        for (size_t i = 0; i < count; i++) {
            slices[i] = buf_view(&p->slices[from + i]);
        }
        seal_cids(p->ck, slices, count, p->cids + from);
    }
}

/* How many parts does naming have? */
static size_t name_parts(const struct parity *p)
{
    size_t parts = (p->rows + PARITY_NAMED - 1) / PARITY_NAMED;

    return parts < PARITY_PARTS ? parts : PARITY_PARTS;
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void on_part(void *arg);

static void submit(struct parity *p, size_t parts, loop_fn run)
{
    for (size_t i = 0; i < parts; i++) {
        struct part *part = &p->parts[i];

        part->err = OK;
        part->out = 1;
        p->out++;
        part->job = (struct work_job){.run = run, .done = on_part, .arg = part};
        workers_submit(p->workers, &part->job);
    }
}

static void make_slices(struct parity *p)
{
    p->slice_count = p->m != 0 ? p->m : p->m_max;
    p->fresh = 1;
    for (uint32_t j = 0; j < p->slice_count && p->events.take_buffer != NULL; j++) {
        p->events.take_buffer(p->arg, &p->slices[j]);
    }
}

static void begin_batch(struct parity *p)
{
    size_t count = p->waiting_count < p->batch_size ? p->waiting_count : p->batch_size;

    if (p->slice_count == 0) {
        make_slices(p);
    }
    memcpy(p->batch, p->waiting, count * sizeof(*p->batch));
    p->batch_count = count;
    p->waiting_count -= count;
    memmove(p->waiting, p->waiting + count, p->waiting_count * sizeof(*p->waiting));
    p->rows = p->m != 0 ? p->m : p->slice_count;
    p->state = PARITY_PREPARING;
    submit(p, 1, run_prepare);
}

/* No worker has anything: what comes next? */
static void go_on(struct parity *p)
{
    if (p->state != PARITY_COLLECTING) {
        return;
    }
    if (p->waiting_count >= p->batch_size || (p->m != 0 && p->waiting_count > 0)) {
        begin_batch(p);
    } else if (p->m != 0) {
        p->rows = p->m;
        p->state = PARITY_NAMING;
        submit(p, name_parts(p), run_name);
    }
}

static void batch_added(struct parity *p)
{
    p->fresh = 0;
    batch_clear(p);
    p->state = PARITY_COLLECTING;
    go_on(p);
    if (p->events.room != NULL) {
        p->events.room(p->arg);
    }
}

/* All parts are home. Ends with an event, or with parts on their way again. */
static void all_home(struct parity *p)
{
    for (size_t i = 0; i < PARITY_PARTS; i++) {
        if (p->parts[i].err != OK) {
            p->state = PARITY_FAILED;
            p->events.failed(p->arg, p->parts[i].err);
            return;
        }
    }
    if (p->state == PARITY_PREPARING) {
        p->state = PARITY_ADDING;
        submit(p, PARITY_PARTS, run_add);
    } else if (p->state == PARITY_ADDING) {
        batch_added(p);
    } else {
        for (uint32_t j = p->m; j < p->slice_count; j++) {
            give_back(p, &p->slices[j]);
        }
        p->state = PARITY_READY;
        p->events.ready(p->arg);
    }
}

static void on_part(void *arg)
{
    struct part *part = arg;
    struct parity *p = part->parity;

    part->out = 0;
    p->out--;
    if (p->out > 0) {
        return;
    }
    if (p->cancelled) {
        parity_free(p);
    } else {
        all_home(p);
    }
}

void parity_cancel(struct parity *p)
{
    if (p == NULL) {
        return;
    }
    p->cancelled = 1;
    for (size_t i = 0; i < PARITY_PARTS; i++) {
        if (p->parts[i].out && workers_recall(&p->parts[i].job)) {
            p->parts[i].out = 0;
            p->out--;
        }
    }
    if (p->out == 0) {
        parity_free(p);
    }
}

void parity_go(struct parity *p)
{
    if (p->state == PARITY_HOLDING) {
        p->state = PARITY_COLLECTING;
        go_on(p);
    }
}

static enum err make_room(struct parity *p)
{
    size_t cap = p->waiting_cap == 0 ? PARITY_BATCH_MIN : p->waiting_cap * 2;
    struct held *grown;

    if (p->waiting_count < p->waiting_cap) {
        return OK;
    }
    grown = realloc(p->waiting, cap * sizeof(*grown));
    if (grown == NULL) {
        return ERR_NO_MEMORY;
    }
    p->waiting = grown;
    p->waiting_cap = cap;
    return OK;
}

enum err parity_add(struct parity *p, uint32_t index, struct buf *sealed)
{
    enum err err = p->m == 0 && sealed->len == SEGMENT_LEN ? make_room(p) : ERR_BUG;

    if (err != OK) {
        return err;
    }
    p->waiting[p->waiting_count++] = (struct held){index, *sealed};
    *sealed = (struct buf){0};
    go_on(p);
    return OK;
}

size_t parity_held(const struct parity *p)
{
    return p->waiting_count + p->batch_count;
}

size_t parity_most(const struct parity *p)
{
    return p->state == PARITY_HOLDING ? p->batch_size : p->batch_size + PARITY_AHEAD;
}

bool parity_has_room(const struct parity *p)
{
    return parity_held(p) < parity_most(p);
}

enum err parity_finish(struct parity *p, uint32_t m)
{
    bool any = p->slice_count > 0 || p->waiting_count > 0;

    if (p->m != 0 || m == 0 || m > p->m_max || !any) {
        return ERR_BUG;
    }
    p->m = m;
    go_on(p);
    return OK;
}

struct buf *parity_slice(struct parity *p, uint32_t j)
{
    return &p->slices[j];
}

const struct cid *parity_cids(const struct parity *p)
{
    return p->cids;
}
