/* The whole of what is being written. */
#include "flow/restore/restore_out.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/out_piece.h"

/* A symlink under way. */
struct out_name {
    struct list node;
    enum { NAME_NEW, NAME_OVER } taken;
    struct restore_out *out;
    struct out_dir *dir;
    size_t path_len;
    uint8_t path[];
};

enum err restore_out_init(struct restore_out *out, struct restore_ctx *ctx)
{
    out->ctx = ctx;
    list_init(&out->dirs);
    list_init(&out->files);
    list_init(&out->names);
    return write_queue_new(ctx, &out->queue);
}

static void forget_file(struct out_file *f)
{
    LIST_EACH(node, after, &f->pieces)
    {
        piece_free(LIST_ITEM(node, struct piece, node));
    }
    out_file_free(f);
}

void restore_out_clear(struct restore_out *out)
{
    if (out->ctx == NULL) {
        return;
    }
    LIST_EACH(node, after, &out->files)
    {
        forget_file(LIST_ITEM(node, struct out_file, node));
    }
    LIST_EACH(node, after, &out->names)
    {
        free(LIST_ITEM(node, struct out_name, node));
    }
    LIST_EACH(node, after, &out->dirs)
    {
        free(LIST_ITEM(node, struct out_dir, node));
    }
    places_clear(&out->places);
    write_queue_free(out->queue);
    bytes_wipe(out->ck, sizeof(out->ck));
    out->ctx = NULL;
}

bool restore_out_idle(const struct restore_out *out)
{
    return list_empty(&out->files) && list_empty(&out->names) && list_empty(&out->dirs) &&
           write_queue_length(out->queue) == 0;
}

void restore_out_note(
    struct restore_out *out, enum log_level level, struct bytes path, const char *what)
{
    if (out->notes < OUT_NOTES_MAX) {
        out->notes++;
        progress_event(
            &out->ctx->env.sink, level, "%.*s: %s", (int)path.len, (const char *)path.ptr, what);
    }
}

/* A name turned out to be taken by what cannot be replaced, or was taken just now. */
bool out_taken(struct restore_out *out, struct bytes path, enum err err)
{
    if (err == ERR_EXISTS && out->conflict == RESTORE_KEEP_EXISTING) {
        out->result.kept_files++;
        return true;
    }
    if (err == ERR_EXISTS || err == ERR_IS_DIRECTORY || err == ERR_FILE_TOO_LARGE) {
        out->result.blocked_entries++;
        restore_out_note(out, LOG_WARN, path, err_text(err));
        return true;
    }
    return false;
}

static void count_name(struct out_name *n, enum err err)
{
    struct restore_out *out = n->out;

    if (err == OK) {
        out->result.symlinks++;
        out->result.replaced_files += n->taken == NAME_OVER;
    } else if (!out_taken(out, bytes_at(n->path, n->path_len), err)) {
        restore_ctx_fail(out->ctx, err, NULL);
    }
}

static void on_name(void *arg, enum err err)
{
    struct out_name *n = arg;
    struct restore_out *out = n->out;
    struct out_dir *dir = n->dir;

    count_name(n, err);
    list_remove(&n->node);
    free(n);
    out_dir_drop(dir);
    restore_ctx_wake(out->ctx);
}

enum err out_symlink(
    struct restore_out *out, struct out_dir *dir, const struct write_request *request)
{
    struct out_name *n = calloc(1, sizeof(*n) + request->path.len);
    enum err err = n == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        err = write_submit(out->queue, request, on_name, n);
    }
    if (err != OK) {
        free(n);
        return err;
    }
    n->out = out;
    n->dir = dir;
    n->taken = request->taken == WRITE_OVER ? NAME_OVER : NAME_NEW;
    n->path_len = request->path.len;
    memcpy(n->path, request->path.ptr, request->path.len);
    dir->holders++;
    list_push(&out->names, &n->node);
    return OK;
}
