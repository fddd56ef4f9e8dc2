/* Files under way: their pieces come in any order; the last one gives the file its name. */
#include <stdlib.h>
#include <string.h>

#include "flow/restore/out_piece.h"

enum err out_file_new(
    struct restore_out *out, const struct out_file_options *options, struct out_file **file)
{
    const struct record *record = options->record;
    struct bytes path = options->path;
    struct out_file *f = calloc(1, sizeof(*f) + path.len);

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    f->out = out;
    f->dir = options->dir;
    f->dir->holders++;
    f->taken = (int)options->taken;
    f->totals = (int)options->totals;
    f->size = record->size;
    f->mode = record->mode;
    f->mtime_ns = record->mtime_ns;
    f->path_len = path.len;
    memcpy(f->path, path.ptr, path.len);
    list_init(&f->pieces);
    list_init(&f->waiting);
    list_push(&out->files, &f->node);
    out->file_count++;
    *file = f;
    return OK;
}

static struct write_request file_request(struct out_file *f, enum write_verb verb)
{
    return (struct write_request){.verb = verb,
        .path = bytes_at(f->path, f->path_len),
        .mode = f->mode,
        .mtime_ns = f->mtime_ns,
        .size = f->size,
        .taken = f->taken == OUT_TAKE_OVER ? WRITE_OVER : WRITE_NEW_NAME,
        .file = f->handle};
}

static void submit(
    struct out_file *f, const struct write_request *request, write_fn done, void *arg)
{
    enum err err = write_submit(f->out->queue, request, done, arg);

    if (err != OK) {
        restore_ctx_fail(f->out->ctx, err, NULL);
    }
}

void out_file_free(struct out_file *f)
{
    struct restore_out *out = f->out;

    list_remove(&f->node);
    out->file_count--;
    out->open_count -= f->handle != NULL;
    write_file_drop(f->handle);
    restore_ctx_wake(out->ctx);
    progress_changed(&out->ctx->progress, &out->ctx->env.sink);
    free(f);
}

/* The file is through, one way or the other. */
static void file_end(struct out_file *f)
{
    struct out_dir *dir = f->dir;

    out_file_free(f);
    out_dir_drop(dir);
}

static void on_named(void *arg, enum err err)
{
    struct out_file *f = arg;
    struct restore_out *out = f->out;

    if (err == OK) {
        out->result.files++;
        out->result.replaced_files += f->taken == OUT_TAKE_OVER;
        out->result.bytes += f->size;
        out->ctx->progress.files_done++;
        out_file_count(f, f->holes);
    } else if (!out_taken(out, bytes_at(f->path, f->path_len), err)) {
        restore_ctx_fail(out->ctx, err, NULL);
    }
    file_end(f);
}

static void on_abandoned(void *arg, enum err err)
{
    (void)err; /* what was to be removed is not worth more */
    file_end(arg);
}

static void report_lost(struct out_file *f)
{
    struct restore_out *out = f->out;

    out->result.lost_files++;
    out->ctx->progress.skipped++;
    progress_event(&out->ctx->env.sink, LOG_ERROR, "%.*s could not be restored: %s",
        (int)f->path_len, (const char *)f->path, err_text(f->lost));
}

/* Everything that was planned has come to an end: name the file, or give it up. */
static void file_finish(struct out_file *f)
{
    struct write_request request;

    if (f->state == OUT_FILE_PUT) {
        on_named(f, f->put);
        return;
    }
    if (f->lost != OK) {
        report_lost(f);
        if (f->state != OUT_FILE_OPEN) {
            file_end(f);
            return;
        }
        request = file_request(f, WRITE_ABANDON);
        submit(f, &request, on_abandoned, f);
        return;
    }
    request = file_request(f, f->state == OUT_FILE_OPEN ? WRITE_COMMIT : WRITE_PUT);
    submit(f, &request, on_named, f);
}

/* Is it time to finish? */
void out_file_check(struct out_file *f)
{
    bool done = f->plan == OUT_FILE_PLANNED && list_empty(&f->pieces);

    if (done && f->state != OUT_FILE_OPENING && f->out->ctx->err == OK) {
        file_finish(f);
    }
}

void out_file_planned(struct out_file *f, enum err lost)
{
    f->plan = OUT_FILE_PLANNED;
    if (f->lost == OK) {
        f->lost = lost;
    }
    out_file_check(f);
}

void out_file_count(struct out_file *f, uint64_t len)
{
    struct progress *progress = &f->out->ctx->progress;

    f->written += len;
    progress->bytes_written += len;
    progress->bytes_done += f->totals == OUT_FILE_IN_TOTALS ? len : 0;
}

void out_files_each(const struct restore_out *out, size_t limit, progress_file_fn each, void *arg)
{
    LIST_EACH(node, after, &out->files)
    {
        const struct out_file *f = LIST_ITEM(node, struct out_file, node);
        struct progress_file file = {bytes_at(f->path, f->path_len), f->written, f->size};

        if (limit-- == 0) {
            break;
        }
        each(arg, &file);
    }
}

void out_file_hole(struct out_file *f, uint64_t len)
{
    f->holes += len;
}

bool out_file_may_open(const struct out_file *f)
{
    return f->handle != NULL || f->out->open_count < OUT_OPEN_MAX;
}

/* --- opening, for files of more than one piece --- */

static void on_open(void *arg, enum err err)
{
    struct out_file *f = arg;
    struct list *node;

    if (err != OK && err != ERR_FILE_TOO_LARGE) {
        restore_ctx_fail(f->out->ctx, err, NULL);
        return;
    }
    if (err == OK) {
        f->state = OUT_FILE_OPEN;
    }
    while ((node = list_take(&f->waiting)) != NULL) {
        struct piece *p = LIST_ITEM(node, struct piece, turn);

        if (err == OK) {
            out_file_write(f, p);
        } else {
            piece_end(p); /* not the file: it is still opening */
        }
    }
    if (err != OK) {
        f->state = OUT_FILE_PUT;
        f->put = err;
    }
    out_file_check(f);
}

enum err out_file_reserve(struct out_file *f)
{
    enum err err = OK;

    if (f->handle == NULL) {
        err = write_file_new(&f->handle);
        f->out->open_count += err == OK;
    }
    return err;
}

static void on_written(void *arg, enum err err)
{
    struct piece *p = arg;
    struct restore_ctx *ctx = p->file->out->ctx;

    if (rebuild_is_damage(err)) {
        piece_lost(p, err);
        return;
    }
    if (err != OK) {
        restore_ctx_fail(ctx, err, NULL);
        return;
    }
    out_file_count(p->file, p->extent.plain_len);
    progress_changed(&ctx->progress, &ctx->env.sink);
    piece_end(p);
}

static void on_put(void *arg, enum err err)
{
    struct piece *p = arg;

    if (rebuild_is_damage(err)) {
        piece_lost(p, err);
        return;
    }
    if (err == OK) {
        out_file_count(p->file, p->extent.plain_len);
    }
    p->file->state = OUT_FILE_PUT;
    p->file->put = err;
    piece_end(p);
}

void out_file_write(struct out_file *f, struct piece *p)
{
    struct write_request request = file_request(f, p->whole ? WRITE_PUT : WRITE_RANGE);
    enum err err;

    if (f->state == OUT_FILE_PUT) { /* it cannot be */
        piece_end(p);
        return;
    }
    if (!p->whole && f->state != OUT_FILE_OPEN) {
        list_push(&f->waiting, &p->turn);
        if (f->state == OUT_FILE_CLOSED) {
            f->state = OUT_FILE_OPENING;
            request.verb = WRITE_OPEN;
            submit(f, &request, on_open, f);
        }
        return;
    }
    err = piece_fill(p, &request);
    if (err != OK) {
        restore_ctx_fail(f->out->ctx, err, NULL);
        return;
    }
    submit(f, &request, p->whole ? on_put : on_written, p);
    bytes_wipe(&request.rebuild, sizeof(request.rebuild));
}
