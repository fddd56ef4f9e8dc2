/* Errands around export_file.c. */
#include "flow/check/export_task.h"

#include <stdlib.h>
#include <string.h>

#include "io/disk/disk_again.h"
#include "io/disk/disk_read.h"
#include "io/disk/disk_write.h"

static enum err check_slices(struct export_task *t)
{
    struct sealer *sealer = NULL;
    uint8_t *room = malloc(2 * (size_t)SEGMENT_LEN);
    enum err err = room == NULL ? ERR_NO_MEMORY : openers_borrow(t->openers, &sealer);

    for (size_t i = 0; i < t->count && err == OK; i++) {
        err = export_file_check(t->file, sealer, t->indexes[i], room, &t->slices[i]);
    }
    if (sealer != NULL) {
        openers_return(t->openers, sealer);
    }
    free(room);
    return err;
}

static void task_run(struct errand *errand)
{
    struct export_task *t = (struct export_task *)(void *)errand;

    switch (t->verb) {
    case EXPORT_OPEN:
        t->err = export_file_open(t->file, &t->found);
        break;
    case EXPORT_CHECK:
        t->err = check_slices(t);
        break;
    case EXPORT_REOPEN:
        t->err = export_file_reopen(t->file);
        break;
    case EXPORT_COMPLETE:
        t->err = export_file_complete(t->file);
        break;
    case EXPORT_LEAVE:
        t->err = export_file_leave(t->file);
        break;
    }
}

static void task_clear(struct errand *errand)
{
    struct export_task *t = (struct export_task *)(void *)errand;

    export_file_drop(t->file);
    openers_drop(t->openers);
}

static void task_done(struct errand *errand)
{
    struct export_task *t = (struct export_task *)(void *)errand;
    struct export_task result = *t;

    errand_free(errand);
    result.done(result.arg, &result);
}

enum err export_task_start(struct restore_ctx *ctx, const struct export_task *task)
{
    struct export_task *t = calloc(1, sizeof(*t));

    if (t == NULL) {
        return ERR_NO_MEMORY;
    }
    t->errand = (struct errand){.run = task_run, .done = task_done, .clear = task_clear};
    t->verb = task->verb;
    t->file = export_file_keep(task->file);
    t->openers = openers_keep(ctx->openers);
    memcpy(t->indexes, task->indexes, task->count * sizeof(t->indexes[0]));
    t->count = task->count;
    t->done = task->done;
    t->arg = task->arg;
    errand_submit(&ctx->errands, &t->errand);
    return OK;
}

/* --- room ------------------------------------------------------------------------------------- */

struct room_errand {
    struct errand errand;
    struct buf folder;
    struct export_room room; /* out */
    enum err err;            /* out */
    export_room_fn done;
    void *arg;
};

static bool is_ours(struct bytes name)
{
    struct bytes prefix = bytes_str(EXPORT_PREFIX), end = bytes_str(EXPORT_INCOMPLETE);

    return name.len > prefix.len && memcmp(name.ptr, prefix.ptr, prefix.len) == 0 &&
           (name.len < end.len || memcmp(name.ptr + name.len - end.len, end.ptr, end.len) != 0);
}

static enum err add_taken(struct room_errand *r)
{
    struct disk_dir *dir = NULL;
    enum err err = disk_dir_open(buf_view(&r->folder), bytes_str(""), &dir);

    while (err == OK) {
        struct bytes name;
        struct disk_stat stat;

        err = disk_dir_next(dir, &name, &stat);
        if (err == OK && stat.type == DISK_FILE && is_ours(name)) {
            r->room.taken += stat.size;
        }
    }
    disk_dir_free(dir);
    return err == ERR_NOT_FOUND && dir != NULL ? OK : err;
}

static void room_run(struct errand *errand)
{
    struct room_errand *r = (struct room_errand *)(void *)errand;
    struct disk_root *root = NULL;

    r->err = disk_root_open(buf_view(&r->folder), &root);
    if (r->err == OK) {
        r->err = disk_again_tidy(root, bytes_str(""));
    }
    if (r->err == OK) {
        r->err = disk_root_space(root, &r->room.free);
    }
    if (r->err == OK) {
        r->err = add_taken(r);
    }
    disk_root_free(root);
}

static void room_clear(struct errand *errand)
{
    struct room_errand *r = (struct room_errand *)(void *)errand;

    buf_clear(&r->folder);
}

static void room_done(struct errand *errand)
{
    struct room_errand *r = (struct room_errand *)(void *)errand;
    export_room_fn done = r->done;
    void *arg = r->arg;
    struct export_room room = r->room;
    enum err err = r->err;

    errand_free(errand);
    done(arg, err, &room);
}

enum err export_room_start(
    struct restore_ctx *ctx, struct bytes folder, export_room_fn done, void *arg)
{
    struct room_errand *r = calloc(1, sizeof(*r));
    enum err err;

    if (r == NULL) {
        return ERR_NO_MEMORY;
    }
    err = buf_append(&r->folder, folder);
    if (err != OK) {
        free(r);
        return err;
    }
    r->errand = (struct errand){.run = room_run, .done = room_done, .clear = room_clear};
    r->done = done;
    r->arg = arg;
    errand_submit(&ctx->errands, &r->errand);
    return OK;
}
