/* Folders that wait for their last child. */
#include <stdlib.h>
#include <string.h>

#include "flow/restore/restore_out.h"

enum err out_dir_new(struct restore_out *out, struct out_dir *parent, struct bytes path,
    const struct record *record, struct out_dir **dir)
{
    struct out_dir *d = calloc(1, sizeof(*d) + path.len);

    if (d == NULL) {
        return ERR_NO_MEMORY;
    }
    d->out = out;
    d->parent = parent;
    if (parent != NULL) {
        parent->holders++;
    }
    d->holders = 1;
    d->end = DIR_FINISH;
    d->mode = record->mode;
    d->mtime_ns = record->mtime_ns;
    d->folder = record->folder;
    d->path_len = path.len;
    if (path.len > 0) {
        memcpy(d->path, path.ptr, path.len);
    }
    list_push(&out->dirs, &d->node);
    *dir = d;
    return OK;
}

struct bytes out_dir_path(const struct out_dir *d)
{
    return bytes_at(d->path, d->path_len);
}

static void dir_free(struct out_dir *d)
{
    struct out_dir *parent = d->parent;

    if (d->out->links == OUT_LINKS && d->state != DIR_BLOCKED) {
        places_put(&d->out->places, d->folder, (struct bytes){0}, out_dir_path(d),
            d->state == DIR_FRESH ? PLACE_FRESH : PLACE_USED);
    }

    list_remove(&d->node);
    restore_ctx_wake(d->out->ctx);
    free(d);
    out_dir_drop(parent);
}

static void on_finished(void *arg, enum err err)
{
    struct out_dir *d = arg;

    if (err != OK) {
        restore_ctx_fail(d->out->ctx, err, NULL);
    }
    dir_free(d);
}

void out_dir_drop(struct out_dir *d)
{
    struct write_request request = {.verb = WRITE_FINISH_DIR};
    enum err err;

    if (d == NULL || --d->holders > 0) {
        return;
    }
    if (d->end == DIR_LEAVE_AS_IS) {
        dir_free(d);
        return;
    }
    request.path = out_dir_path(d);
    request.mode = d->mode;
    request.mtime_ns = d->mtime_ns;
    err = write_submit(d->out->queue, &request, on_finished, d);
    if (err != OK) {
        on_finished(d, err);
    }
}
