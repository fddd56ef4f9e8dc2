/* The whole of what is being written. */
#include "flow/restore/restore_out.h"

#include <stdlib.h>

#include "flow/restore/out_piece.h"

/* A symlink under way. */
struct out_name {
    struct list node;
    struct restore_out *out;
    struct out_dir *dir;
};

enum err restore_out_init(struct restore_out *out, struct restore_ctx *ctx)
{
    out->ctx = ctx;
    list_init(&out->dirs);
    list_init(&out->files);
    list_init(&out->names);
    list_init(&out->ready);
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
    write_queue_free(out->queue);
    bytes_wipe(out->ck, sizeof(out->ck));
    out->ctx = NULL;
}

bool restore_out_idle(const struct restore_out *out)
{
    return list_empty(&out->files) && list_empty(&out->names) && list_empty(&out->dirs) &&
           write_queue_length(out->queue) == 0;
}

static void count_name(struct restore_out *out, enum err err)
{
    if (err == ERR_EXISTS && out->conflict == OUT_KEEP_EXISTING) {
        out->result.kept_files++;
    } else if (err != OK) {
        restore_ctx_fail(out->ctx, err, NULL);
    } else {
        out->result.symlinks++;
    }
}

static void on_name(void *arg, enum err err)
{
    struct out_name *n = arg;
    struct restore_out *out = n->out;
    struct out_dir *dir = n->dir;

    count_name(out, err);
    list_remove(&n->node);
    free(n);
    out_dir_drop(dir);
    restore_ctx_wake(out->ctx);
}

enum err out_symlink(
    struct restore_out *out, struct out_dir *dir, const struct write_request *request)
{
    struct out_name *n = calloc(1, sizeof(*n));
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
    dir->holders++;
    list_push(&out->names, &n->node);
    return OK;
}
