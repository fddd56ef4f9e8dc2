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
static void take_forgotten(struct write_target *t, struct far_front *q)
{
    (void)pthread_mutex_lock(&t->lock);
    while (t->forgotten_count > 0 && q->forgotten_count < FAR_FORGOTTEN_MAX) {
        q->forgotten[q->forgotten_count++] = t->forgotten[--t->forgotten_count];
    }
    (void)pthread_mutex_unlock(&t->lock);
}

static enum err pack_one(const struct write_request *r, struct buf *message)
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
    q.data_len = r->part[0].len + r->part[1].len;
    q.file = r->file != NULL ? r->file->far : 0;
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

static enum err pack(
    struct write_target *t, const struct write_call *calls, size_t count, struct buf *message)
{
    struct far_front front;
    size_t len = sizeof(front);
    enum err err;

    memset(&front, 0, sizeof(front));
    front.count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        len += write_near_len(&calls[i].request);
    }
    err = buf_reserve(message, len); /* it holds keys: nothing of it is left elsewhere */
    if (err == OK) {
        take_forgotten(t, &front);
        err = buf_append(message, bytes_at(&front, sizeof(front)));
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        err = pack_one(&calls[i].request, message);
    }
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

static void take_answer(
    struct write_target *t, struct write_call *c, const struct far_answer *answer)
{
    struct write_file *file = c->request.file;

    c->err = unpack(answer, &c->answer);
    if (c->err == OK && file != NULL && file->far == 0 && answer->file != 0) {
        file->far = answer->file;
        file->target = t;
        atomic_fetch_add(&t->holders, 1);
    }
}

/* Ask all of them at once. */
static void call(struct write_target *t, struct write_call *calls, size_t count)
{
    struct buf message = {0};
    struct far_answer answers[WRITE_TOGETHER];
    struct bytes data[WRITE_TOGETHER * WRITE_PARTS] = {{0}};
    struct helper_call c = {.data = data, .data_count = count * WRITE_PARTS, .answer = answers};
    enum err err = pack(t, calls, count, &message);

    for (size_t i = 0; i < count * WRITE_PARTS; i++) {
        const struct write_part *part = &calls[i / WRITE_PARTS].request.part[i % WRITE_PARTS];

        if (part->data != NULL) {
            data[i] = bytes_at(part->data->bytes + part->from, part->len);
        }
    }
    if (err == OK) {
        c.request = buf_view(&message);
        err = helper_call(t->helper, &c);
    }
    for (size_t i = 0; i < count; i++) {
        if (err == OK) {
            take_answer(t, &calls[i], &answers[i]);
        } else {
            calls[i].err = err;
        }
    }
    buf_wipe(&message);
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
    atomic_store(&t->hurry, true);
    if (t->helper != NULL) {
        helper_hurry(t->helper);
    }
}

/* What the helper has no right to. A folder whose mode shuts us out can only be opened to us by its
 * path, and by path a helper may set no mode; Landlock's first version knows no hard links between
 * folders. Both go through io/disk, below the root. */
static bool is_ours(const struct write_target *t, const struct write_call *c)
{
    return c->request.verb == WRITE_LINK && helper_landlock(t->helper) == 1;
}

static void help(struct write_target *t, struct write_call *c)
{
    struct write_answer seen = c->answer;

    if (c->err == ERR_PERMISSION && c->request.verb == WRITE_MKDIR && seen.type == SEEN_FOLDER) {
        c->err = disk_root_unlock_dir(t->root, c->request.path);
        if (c->err == OK) {
            call(t, c, 1);
            c->answer = seen;
        }
    }
}

static void call_or_help(struct write_target *t, struct write_call *calls, size_t count)
{
    size_t here = 0;

    for (size_t i = 0; i < count; i++) {
        if (is_ours(t, &calls[i])) {
            struct write_call *c = &calls[i];

            c->err = write_work(t, &c->request, (struct bytes){0}, &c->answer);
            here++;
        }
    }
    if (here == 0) {
        call(t, calls, count);
    }
    for (size_t i = 0; i < count; i++) {
        if (here > 0 && !is_ours(t, &calls[i])) {
            call(t, &calls[i], 1);
        }
        help(t, &calls[i]);
    }
}

/* --- here --- */

/* Where there is no helper. */
static enum err work_here(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    struct bytes view[WRITE_PARTS] = {{0}};
    struct buf joined = {0};
    enum err err = atomic_load(&t->hurry) ? ERR_CANCELLED : OK;

    if (err != OK) {
        return err;
    }
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
        .answer_len = WRITE_TOGETHER * sizeof(struct far_answer)};

    return t->program == NULL || t->helper != NULL ? OK : helper_start(&options, &t->helper);
}

/* A dry run may find nothing there: then everything would be new. */
static enum err open_root(struct write_target *t, const struct write_request *r)
{
    enum err err = r->run == WRITE_LOOK_ONLY ? disk_root_find(r->path, &t->root)
                                             : disk_root_open(r->path, &t->root);

    return err == ERR_NOT_FOUND && r->run == WRITE_LOOK_ONLY ? OK : err;
}

static enum err begin(struct write_target *t, struct write_call *c)
{
    enum err err = open_root(t, &c->request);

    c->answer.space = UINT64_MAX;
    if (err != OK || t->root == NULL) {
        return err;
    }
    if (t->helper == NULL) {
        return work_here(t, &c->request, &c->answer);
    }
    err = helper_open(t->helper, disk_root_fd(t->root));
    if (err != OK) {
        return err;
    }
    tell_of_landlock(t->helper);
    call(t, c, 1);
    return c->err;
}

size_t write_near_len(const struct write_request *r)
{
    return sizeof(struct far_request) + r->path.len + r->text.len;
}

void write_near(struct write_target *t, struct write_call *calls, size_t count)
{
    switch (calls->request.verb) {
    case WRITE_PEEK: /* before there is a target */
        calls->err = write_mark_peek(&calls->request, &calls->answer);
        return;
    case WRITE_BEGIN:
        calls->err = begin(t, calls);
        return;
    default:
        break;
    }
    if (t->helper != NULL && t->root != NULL && !atomic_load(&t->hurry)) {
        call_or_help(t, calls, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        calls[i].err = work_here(t, &calls[i].request, &calls[i].answer);
    }
}
