/* Requests as errands, with copies of all they need. A way to the helper and back costs more than a
 * small request does there; so the small ones that are asked for in the same turn of the loop go
 * together. Those that give a file its name wait for the disk, where many cost little more than
 * one: while some are out, what is asked for meanwhile gathers. */
#include "flow/restore/write_queue.h"

#include <stdlib.h>

#include "flow/restore/write_near.h"

enum {
    LIGHT_MAX = 256 << 10, /* bytes to be read or written by all that go together */
    NAMING_OUT_MAX = 1,    /* errands that wait for the disk, of those that may go together */
};

/* What goes together: requests that are soon done, or those after which a file is durable. */
enum write_kind { WRITE_QUICK, WRITE_NAMING, WRITE_KINDS };

struct write_queue {
    struct restore_ctx *ctx;
    struct write_target *target;
    size_t length;
    struct write_errand *open[WRITE_KINDS]; /* others may still go with it; NULL: none */
    size_t naming_out;
    struct loop_task task; /* to send what is open */
};

struct write_errand {
    struct errand errand;
    struct write_queue *queue;
    struct write_target *target;
    size_t weight, len;   /* in bytes: of their work, of their message */
    enum write_kind kind; /* of those that go together */
    size_t count, room;
    struct write_call calls[]; /* `room` of them */
};

enum err write_file_new(struct write_file **out)
{
    struct write_file *f = calloc(1, sizeof(*f));

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    atomic_init(&f->holders, 1);
    *out = f;
    return OK;
}

void write_file_drop(struct write_file *f)
{
    if (f != NULL && atomic_fetch_sub(&f->holders, 1) == 1) {
        disk_out_abort(f->out);
        disk_in_free(f->in);
        write_near_forget(f);
        free(f);
    }
}

enum err write_queue_new(struct restore_ctx *ctx, struct write_queue **out)
{
    struct write_queue *q = calloc(1, sizeof(*q));
    enum err err = q == NULL ? ERR_NO_MEMORY : write_target_new(ctx->openers, &q->target);

    if (err != OK) {
        free(q);
        return err;
    }
    q->ctx = ctx;
    q->target->program = ctx->env.helper;
    *out = q;
    return OK;
}

void write_queue_free(struct write_queue *q)
{
    if (q == NULL) {
        return;
    }
    loop_unpost(q->ctx->env.loop, &q->task);
    for (size_t i = 0; i < WRITE_KINDS; i++) {
        if (q->open[i] != NULL) {
            errand_free(&q->open[i]->errand);
        }
    }
    write_near_hurry(q->target);
    write_target_drop(q->target);
    free(q);
}

size_t write_queue_length(const struct write_queue *q)
{
    return q->length;
}

/* --- errands --- */

static void write_run(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;

    write_near(w->target, w->calls, w->count);
}

static void clear_call(struct write_call *c)
{
    for (size_t i = 0; i < WRITE_PARTS; i++) {
        held_drop(c->request.part[i].data);
    }
    write_file_drop(c->request.file);
    buf_clear(&c->paths);
    bytes_wipe(&c->request.expect, sizeof(c->request.expect));
    bytes_wipe(&c->request.rebuild, sizeof(c->request.rebuild));
}

static void write_clear(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;

    for (size_t i = 0; i < w->count; i++) {
        clear_call(&w->calls[i]);
    }
    write_target_drop(w->target);
}

static void send_open(struct write_queue *q, enum write_kind kind);

/* The turn is over, or the disk has done what was out. */
static void on_turn(void *arg)
{
    struct write_queue *q = arg;

    if (q->open[WRITE_QUICK] != NULL) {
        send_open(q, WRITE_QUICK);
    }
    if (q->open[WRITE_NAMING] != NULL && q->naming_out < NAMING_OUT_MAX) {
        send_open(q, WRITE_NAMING);
    }
}

static void send_soon(struct write_queue *q)
{
    if (!q->task.queued) {
        loop_post(q->ctx->env.loop, &q->task, on_turn, q);
    }
}

/* Whoever hears of an end asks for more, but frees nothing: flows end in a turn of their own. */
static void write_done(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;

    w->queue->length -= w->count;
    if (w->kind == WRITE_NAMING) {
        w->queue->naming_out--;
        send_soon(w->queue);
    }
    restore_ctx_wake(w->queue->ctx);
    for (size_t i = 0; i < w->count; i++) {
        struct write_call *c = &w->calls[i];

        if (c->request.answer != NULL) {
            *c->request.answer = c->answer;
        }
        c->done(c->arg, c->err);
    }
    errand_free(errand);
}

static struct write_errand *errand_new(struct write_queue *q, size_t room)
{
    struct write_errand *w = calloc(1, sizeof(*w) + room * sizeof(w->calls[0]));

    if (w != NULL) {
        w->errand = (struct errand){.run = write_run, .done = write_done, .clear = write_clear};
        atomic_fetch_add(&q->target->holders, 1);
        w->target = q->target;
        w->queue = q;
        w->room = room;
    }
    return w;
}

static void send_open(struct write_queue *q, enum write_kind kind)
{
    struct write_errand *w = q->open[kind];

    q->open[kind] = NULL;
    if (w->count > 0) { /* or there was no memory for the first */
        q->naming_out += kind == WRITE_NAMING;
        errand_submit(&q->ctx->errands, &w->errand);
    } else {
        errand_free(&w->errand);
    }
}

/* --- requests --- */

/* Copy both texts into one buffer and let the request look at it. */
static enum err copy_paths(struct write_call *c, const struct write_request *r)
{
    enum err err = buf_append(&c->paths, r->path);

    if (err == OK) {
        err = buf_append(&c->paths, r->text);
    }
    if (err == OK) {
        err = buf_append_byte(&c->paths, 0); /* so that even empty texts lie somewhere */
    }
    if (err == OK) {
        c->request.path = bytes_at(c->paths.ptr, r->path.len);
        c->request.text = bytes_at(c->paths.ptr + r->path.len, r->text.len);
    }
    return err;
}

static enum err add(
    struct write_errand *w, const struct write_request *request, write_fn done, void *arg)
{
    struct write_call *c = &w->calls[w->count];
    enum err err;

    c->request = *request;
    err = copy_paths(c, request);
    if (err != OK) {
        buf_clear(&c->paths);
        *c = (struct write_call){0};
        return err;
    }
    for (size_t i = 0; i < WRITE_PARTS; i++) {
        if (request->part[i].data != NULL) {
            held_keep(request->part[i].data);
        }
    }
    if (request->file != NULL) {
        atomic_fetch_add(&request->file->holders, 1);
    }
    c->done = done;
    c->arg = arg;
    w->count++;
    w->queue->length++;
    return OK;
}

/* What it has to read and write; more than LIGHT_MAX: it goes alone. */
static size_t weight_of(const struct write_request *r)
{
    uint64_t weight = (uint64_t)r->part[0].len + r->part[1].len;

    switch (r->verb) {
    case WRITE_PEEK:
    case WRITE_BEGIN:
    case WRITE_END:
        return SIZE_MAX;
    case WRITE_CHECK:
    case WRITE_COMMIT: /* its bytes may all be on their way to the disk still */
        weight = r->size;
        break;
    case WRITE_RANGE:
    case WRITE_PUT:
        weight += r->rebuild.kind == REBUILD_ITEM ? r->rebuild.plain_len : 0;
        break;
    default:
        break;
    }
    return weight > LIGHT_MAX ? SIZE_MAX : (size_t)weight;
}

static enum err submit_alone(
    struct write_queue *q, const struct write_request *request, write_fn done, void *arg)
{
    enum err err = request->verb == WRITE_BEGIN ? write_near_start(q->target) : OK;
    struct write_errand *w = err == OK ? errand_new(q, 1) : NULL;

    if (w == NULL) {
        return err == OK ? ERR_NO_MEMORY : err;
    }
    err = add(w, request, done, arg);
    if (err != OK) {
        errand_free(&w->errand);
        return err;
    }
    errand_submit(&q->ctx->errands, &w->errand);
    return OK;
}

static enum write_kind kind_of(const struct write_request *r)
{
    return r->verb == WRITE_PUT || r->verb == WRITE_COMMIT ? WRITE_NAMING : WRITE_QUICK;
}

/* Make the open errand of this kind one that it fits into. */
static enum err make_room(struct write_queue *q, enum write_kind kind, size_t weight, size_t len)
{
    struct write_errand *w = q->open[kind];

    if (w != NULL && (w->count == w->room || weight > LIGHT_MAX - w->weight ||
                         len > WRITE_MESSAGE_MAX - w->len)) {
        send_open(q, kind);
        w = NULL;
    }
    if (w == NULL) {
        w = errand_new(q, WRITE_TOGETHER);
        if (w == NULL) {
            return ERR_NO_MEMORY;
        }
        w->kind = kind;
        q->open[kind] = w;
        send_soon(q);
    }
    return OK;
}

enum err write_submit(
    struct write_queue *q, const struct write_request *request, write_fn done, void *arg)
{
    size_t weight = weight_of(request), len = write_near_len(request);
    enum write_kind kind = kind_of(request);
    enum err err;

    if (weight == SIZE_MAX || len > WRITE_MESSAGE_MAX) {
        return submit_alone(q, request, done, arg);
    }
    err = make_room(q, kind, weight, len);
    if (err == OK) {
        err = add(q->open[kind], request, done, arg);
    }
    if (err == OK) {
        q->open[kind]->weight += weight;
        q->open[kind]->len += len;
    }
    return err;
}
