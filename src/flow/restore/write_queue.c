/* Requests as errands: one for each, with copies of all it needs. */
#include "flow/restore/write_queue.h"

#include <stdlib.h>

#include "flow/restore/write_near.h"

struct write_queue {
    struct restore_ctx *ctx;
    struct write_target *target;
    size_t length;
};

struct write_errand {
    struct errand errand;
    struct write_queue *queue;
    struct write_target *target;
    struct write_request request; /* its views lie in `paths` */
    struct buf paths;
    struct write_answer answer;
    enum err err;
    write_fn done;
    void *arg;
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
    write_near_hurry(q->target);
    write_target_drop(q->target);
    free(q);
}

size_t write_queue_length(const struct write_queue *q)
{
    return q->length;
}

static void write_run(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;

    w->err = write_near(w->target, &w->request, &w->answer);
}

static void write_clear(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;

    for (size_t i = 0; i < WRITE_PARTS; i++) {
        held_drop(w->request.part[i].data);
    }
    write_file_drop(w->request.file);
    write_target_drop(w->target);
    buf_clear(&w->paths);
    bytes_wipe(&w->request.expect, sizeof(w->request.expect));
    bytes_wipe(&w->request.rebuild, sizeof(w->request.rebuild));
}

static void write_done(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;
    write_fn done = w->done;
    void *arg = w->arg;
    enum err err = w->err;

    w->queue->length--;
    if (w->request.answer != NULL) {
        *w->request.answer = w->answer;
    }
    restore_ctx_wake(w->queue->ctx);
    errand_free(errand);
    done(arg, err);
}

/* Copy both texts into one buffer and let the request look at it. */
static enum err copy_paths(struct write_errand *w, const struct write_request *r)
{
    enum err err = buf_append(&w->paths, r->path);

    if (err == OK) {
        err = buf_append(&w->paths, r->text);
    }
    if (err == OK) {
        err = buf_append_byte(&w->paths, 0); /* so that even empty texts lie somewhere */
    }
    if (err == OK) {
        w->request.path = bytes_at(w->paths.ptr, r->path.len);
        w->request.text = bytes_at(w->paths.ptr + r->path.len, r->text.len);
    }
    return err;
}

enum err write_submit(
    struct write_queue *q, const struct write_request *request, write_fn done, void *arg)
{
    enum err err = request->verb == WRITE_BEGIN ? write_near_start(q->target) : OK;
    struct write_errand *w = err == OK ? calloc(1, sizeof(*w)) : NULL;

    if (w == NULL) {
        return err == OK ? ERR_NO_MEMORY : err;
    }
    w->errand = (struct errand){.run = write_run, .done = write_done, .clear = write_clear};
    w->request = *request;
    err = copy_paths(w, request);
    if (err != OK) {
        buf_clear(&w->paths);
        free(w);
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
    atomic_fetch_add(&q->target->holders, 1);
    w->target = q->target;
    w->queue = q;
    w->done = done;
    w->arg = arg;
    q->length++;
    errand_submit(&q->ctx->errands, &w->errand);
    return OK;
}
