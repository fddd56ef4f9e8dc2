/* Requests as errands: one for each, with copies of all it needs. */
#include "flow/restore/write_queue.h"

#include <stdlib.h>
#include <string.h>

#include "io/disk/disk_write.h"

struct write_file {
    atomic_uint holders;
    struct disk_out *out; /* NULL: not open, or committed */
};

/* The target; errands hold it, since they may outlive the flow. */
struct write_target {
    atomic_uint holders;
    struct disk_root *root; /* NULL before WRITE_BEGIN */
};

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
        free(f);
    }
}

static void target_drop(struct write_target *t)
{
    if (t != NULL && atomic_fetch_sub(&t->holders, 1) == 1) {
        if (t->root != NULL) {
            disk_root_free(t->root);
        }
        free(t);
    }
}

enum err write_queue_new(struct restore_ctx *ctx, struct write_queue **out)
{
    struct write_queue *q = calloc(1, sizeof(*q));
    struct write_target *t = calloc(1, sizeof(*t));

    if (q == NULL || t == NULL) {
        free(q);
        free(t);
        return ERR_NO_MEMORY;
    }
    atomic_init(&t->holders, 1);
    q->ctx = ctx;
    q->target = t;
    *out = q;
    return OK;
}

void write_queue_free(struct write_queue *q)
{
    if (q == NULL) {
        return;
    }
    target_drop(q->target);
    free(q);
}

size_t write_queue_length(const struct write_queue *q)
{
    return q->length;
}

/* --- what workers do --- */

static enum err do_begin(struct write_target *t, const struct write_request *r)
{
    struct disk_root *root = NULL;
    uint64_t space = 0;
    enum err err = disk_root_open(r->path, &root);

    if (err == OK && r->target == WRITE_EMPTY_TARGET) {
        err = disk_root_check_empty(root);
    }
    if (err == OK && r->size > 0) {
        err = disk_root_space(root, &space);
        if (err == OK && space < r->size) {
            err = ERR_DISK_FULL;
        }
    }
    if (err != OK) {
        if (root != NULL) {
            disk_root_free(root);
        }
        return err;
    }
    t->root = root;
    return OK;
}

static enum err do_look(struct disk_root *root, const struct write_request *r)
{
    struct disk_stat stat;
    enum err err = disk_root_stat(root, r->path, &stat);

    if (err == ERR_NOT_FOUND) {
        return OK;
    }
    return err == OK ? ERR_EXISTS : err;
}

static enum err do_put(struct disk_root *root, const struct write_request *r)
{
    struct disk_out *out = NULL;
    enum err err = disk_out_open(root, r->path, r->size, &out);

    if (err == OK && r->len > 0) {
        err = disk_out_write(out, r->offset, bytes_at(r->data->bytes + r->from, r->len));
    }
    if (err != OK) {
        disk_out_abort(out);
        return err;
    }
    return disk_out_commit(out, r->mode, r->mtime_ns);
}

static enum err do_commit(const struct write_request *r)
{
    struct disk_out *out = r->file->out;

    r->file->out = NULL;
    return disk_out_commit(out, r->mode, r->mtime_ns);
}

static enum err do_request(struct write_target *t, const struct write_request *r)
{
    switch (r->verb) {
    case WRITE_BEGIN:
        return do_begin(t, r);
    case WRITE_LOOK:
        return do_look(t->root, r);
    case WRITE_MKDIR:
        return disk_root_mkdir(t->root, r->path);
    case WRITE_FINISH_DIR:
        return disk_root_finish_dir(t->root, r->path, r->mode, r->mtime_ns);
    case WRITE_SYMLINK:
        return disk_root_symlink(t->root, r->path, r->text, r->mtime_ns);
    case WRITE_LINK:
        return disk_root_link(t->root, r->text, r->path);
    case WRITE_OPEN:
        return disk_out_open(t->root, r->path, r->size, &r->file->out);
    case WRITE_RANGE:
        return disk_out_write(r->file->out, r->offset, bytes_at(r->data->bytes + r->from, r->len));
    case WRITE_COMMIT:
        return do_commit(r);
    case WRITE_PUT:
        return do_put(t->root, r);
    case WRITE_ABANDON:
        disk_out_abort(r->file->out);
        r->file->out = NULL;
        return OK;
    }
    return ERR_BUG;
}

static void write_run(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;

    w->err = do_request(w->target, &w->request);
}

static void write_clear(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;

    held_drop(w->request.data);
    write_file_drop(w->request.file);
    target_drop(w->target);
    buf_clear(&w->paths);
}

static void write_done(struct errand *errand)
{
    struct write_errand *w = (struct write_errand *)(void *)errand;
    write_fn done = w->done;
    void *arg = w->arg;
    enum err err = w->err;

    w->queue->length--;
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
    struct write_errand *w = calloc(1, sizeof(*w));
    enum err err;

    if (w == NULL) {
        return ERR_NO_MEMORY;
    }
    w->errand = (struct errand){.run = write_run, .done = write_done, .clear = write_clear};
    w->request = *request;
    err = copy_paths(w, request);
    if (err != OK) {
        buf_clear(&w->paths);
        free(w);
        return err;
    }
    if (request->data != NULL) {
        held_keep(request->data);
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
