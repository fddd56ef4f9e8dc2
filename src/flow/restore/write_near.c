/* The way over to the helper, and what is done on this side of it. */
#include "flow/restore/write_near.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "flow/restore/restore_helper.h"
#include "flow/restore/write_far.h"

enum {
    CHANNELS = 16,           /* requests under way at once; more workers than that wait for one */
    PATIENCE_MS = 10 * 1000, /* for a disk that is slow, when nobody waits any more */
};

/* --- over there --- */

/* Numbers of forgotten files, as many as fit. */
static void take_forgotten(struct write_target *t, struct far_request *q)
{
    (void)pthread_mutex_lock(&t->lock);
    while (t->forgotten_count > 0 && q->forgotten_count < FAR_FORGOTTEN_MAX) {
        q->forgotten[q->forgotten_count++] = t->forgotten[--t->forgotten_count];
    }
    (void)pthread_mutex_unlock(&t->lock);
}

static enum err pack(struct write_target *t, const struct write_request *r, struct buf *message)
{
    struct far_request q;
    enum err err;

    memset(&q, 0, sizeof(q));
    q.request = *r;
    q.request.path = q.request.text = (struct bytes){0};
    q.request.file = NULL;
    q.request.answer = NULL;
    memset(q.request.part, 0, sizeof(q.request.part));
    q.path_len = (uint32_t)r->path.len;
    q.text_len = (uint32_t)r->text.len;
    q.file = r->file != NULL ? r->file->far : 0;
    take_forgotten(t, &q);
    err = buf_append(message, bytes_at(&q, sizeof(q)));
    if (err == OK) {
        err = buf_append(message, r->path);
    }
    if (err == OK) {
        err = buf_append(message, r->text);
    }
    bytes_wipe(&q, sizeof(q));
    return err;
}

/* The helper may have become somebody else's: nothing but what can be is taken. */
static enum err unpack(const struct far_answer *f, struct write_answer *a)
{
    if (f->err < 0 || f->err >= ERR_COUNT || f->type > SEEN_OTHER || f->text > WRITE_SAME ||
        f->target > WRITE_USED || f->file > WRITE_FILES_MAX) {
        return ERR_HELPER;
    }
    *a = (struct write_answer){.mode = f->mode & 0777,
        .size = f->size,
        .mtime_ns = f->mtime_ns,
        .space = f->space,
        .version = f->version};
    a->type = f->type;
    a->text = f->text;
    a->target = f->target;
    return (enum err)f->err;
}

static enum err call(struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    struct buf message = {0};
    struct far_answer answer;
    struct helper_call c = {.answer = &answer};
    enum err err = pack(t, r, &message);

    for (size_t i = 0; i < WRITE_PARTS; i++) {
        if (r->part[i].data != NULL) {
            c.data[i] = bytes_at(r->part[i].data->bytes + r->part[i].from, r->part[i].len);
        }
    }
    if (err == OK) {
        c.request = buf_view(&message);
        err = helper_call(t->helper, &c);
    }
    if (err == OK) {
        err = unpack(&answer, a);
    }
    if (err == OK && r->file != NULL && r->file->far == 0 && answer.file != 0) {
        r->file->far = answer.file;
        r->file->target = t;
        atomic_fetch_add(&t->holders, 1);
    }
    buf_wipe(&message);
    return err;
}

void write_near_forget(struct write_file *f)
{
    struct write_target *t = f->target;

    if (f->far == 0) {
        return;
    }
    (void)pthread_mutex_lock(&t->lock);
    if (t->forgotten_count < WRITE_FILES_MAX) { /* or it is no helper of ours that numbers so */
        t->forgotten[t->forgotten_count++] = f->far;
    }
    (void)pthread_mutex_unlock(&t->lock);
    write_target_drop(t);
}

void write_near_hurry(struct write_target *t)
{
    if (t->helper != NULL) {
        helper_hurry(t->helper);
    }
}

/* What the helper has no right to. A folder whose mode shuts us out can only be opened to us by its
 * path, and by path a helper may set no mode; Landlock's first version knows no hard links between
 * folders. Both go through io/disk, below the root. */
static enum err call_or_help(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    struct write_answer again;
    enum err err;

    if (r->verb == WRITE_LINK && helper_landlock(t->helper) == 1) {
        return write_work(t, r, (struct bytes){0}, a);
    }
    err = call(t, r, a);
    if (err == ERR_PERMISSION && r->verb == WRITE_MKDIR && a->type == SEEN_FOLDER) {
        err = disk_root_unlock_dir(t->root, r->path);
        err = err == OK ? call(t, r, &again) : err;
    }
    return err;
}

/* --- here --- */

/* Where there is no helper. */
static enum err work_here(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    struct bytes view[WRITE_PARTS] = {{0}};
    struct buf joined = {0};
    enum err err = OK;

    for (size_t i = 0; i < WRITE_PARTS; i++) {
        if (r->part[i].data != NULL) {
            view[i] = bytes_at(r->part[i].data->bytes + r->part[i].from, r->part[i].len);
        }
    }
    if (view[1].len > 0) {
        err = buf_append(&joined, view[0]);
        err = err == OK ? buf_append(&joined, view[1]) : err;
        view[0] = buf_view(&joined);
    }
    if (err == OK) {
        err = write_work(t, r, view[0], a);
    }
    buf_clear(&joined);
    return err;
}

static void tell_of_landlock(const struct helper *helper)
{
    static atomic_flag told = ATOMIC_FLAG_INIT;

    if (helper_landlock(helper) == 0 && !atomic_flag_test_and_set(&told)) {
        log_warn("restore", "this kernel has no Landlock (5.13 and newer do, where it is switched "
                            "on): what writes files is confined by its system calls and by openat2 "
                            "alone");
    }
}

enum err write_near_start(struct write_target *t)
{
    const struct helper_options options = {.program = t->program,
        .word = RESTORE_HELPER,
        .channels = CHANNELS,
        .room = PAYLOAD_LEN,
        .patience_ms = PATIENCE_MS,
        .answer_len = sizeof(struct far_answer)};

    return t->program == NULL || t->helper != NULL ? OK : helper_start(&options, &t->helper);
}

/* A dry run may find nothing there: then everything would be new. */
static enum err open_root(struct write_target *t, const struct write_request *r)
{
    enum err err = r->run == WRITE_LOOK_ONLY ? disk_root_find(r->path, &t->root)
                                             : disk_root_open(r->path, &t->root);

    return err == ERR_NOT_FOUND && r->run == WRITE_LOOK_ONLY ? OK : err;
}

static enum err begin(struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    enum err err = open_root(t, r);

    a->space = UINT64_MAX;
    if (err != OK || t->root == NULL) {
        return err;
    }
    if (t->helper == NULL) {
        return work_here(t, r, a);
    }
    err = helper_open(t->helper, disk_root_fd(t->root));
    if (err != OK) {
        return err;
    }
    tell_of_landlock(t->helper);
    return call(t, r, a);
}

enum err write_near(struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    switch (r->verb) {
    case WRITE_PEEK: /* before there is a target */
        return write_mark_peek(r, a);
    case WRITE_BEGIN:
        return begin(t, r, a);
    default:
        return t->helper != NULL && t->root != NULL ? call_or_help(t, r, a) : work_here(t, r, a);
    }
}
