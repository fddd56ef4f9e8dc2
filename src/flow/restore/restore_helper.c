/* The far side: requests as they come, files by numbers. */
#include "flow/restore/restore_helper.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/restore/write_far.h"
#include "io/helper/helper_serve.h"

/* As the daemon's: what is decompressed is taken and given back all the time. */
enum { MAPPED_FROM = 4 << 20, TRIMMED_FROM = 64 << 20 };

struct far {
    struct write_target *target;
    pthread_mutex_t lock; /* guards what follows */
    struct write_file *files[WRITE_FILES_MAX];
};

/* --- files --- */

/* A number for a new file; 0: there are too many, or no memory. */
static uint32_t add_file(struct far *f, struct write_file **file)
{
    uint32_t number = 0;

    if (write_file_new(file) != OK) {
        return 0;
    }
    (void)pthread_mutex_lock(&f->lock);
    for (uint32_t i = 0; i < WRITE_FILES_MAX && number == 0; i++) {
        if (f->files[i] == NULL) {
            f->files[i] = *file;
            atomic_fetch_add(&(*file)->holders, 1);
            number = i + 1;
        }
    }
    (void)pthread_mutex_unlock(&f->lock);
    return number;
}

/* The file of this number, held; NULL: there is none. */
static struct write_file *keep_file(struct far *f, uint32_t number)
{
    struct write_file *file = NULL;

    (void)pthread_mutex_lock(&f->lock);
    if (number > 0 && number <= WRITE_FILES_MAX) {
        file = f->files[number - 1];
    }
    if (file != NULL) {
        atomic_fetch_add(&file->holders, 1);
    }
    (void)pthread_mutex_unlock(&f->lock);
    return file;
}

static void forget_file(struct far *f, uint32_t number)
{
    struct write_file *file = NULL;

    (void)pthread_mutex_lock(&f->lock);
    if (number > 0 && number <= WRITE_FILES_MAX) {
        file = f->files[number - 1];
        f->files[number - 1] = NULL;
    }
    (void)pthread_mutex_unlock(&f->lock);
    write_file_drop(file);
}

/* --- requests --- */

/* Verbs of a file need one in the right state. */
static bool may_be(const struct write_request *r)
{
    const struct write_file *file = r->file;

    switch (r->verb) {
    case WRITE_OPEN:
    case WRITE_READ:
        return file != NULL;
    case WRITE_RANGE:
    case WRITE_COMMIT:
    case WRITE_ABANDON:
        return file != NULL && file->out != NULL;
    case WRITE_CHECK:
    case WRITE_CHMOD:
        return file != NULL && file->in != NULL;
    case WRITE_PEEK:
        return false;
    default:
        return true;
    }
}

static enum err work(struct far *f, struct far_request *q, struct bytes stored,
    struct far_answer *answer, struct write_later *later)
{
    struct write_request *r = &q->request;
    struct write_answer a = {0};
    bool opens = r->verb == WRITE_OPEN || r->verb == WRITE_READ;
    uint32_t number = 0;
    enum err err = ERR_TOO_MANY_FILES;

    if (opens) {
        number = add_file(f, &r->file);
    } else {
        r->file = keep_file(f, q->file);
    }
    if (!opens || number != 0) {
        err = may_be(r) ? write_work_begin(f->target, r, stored, &a, later) : ERR_BUG;
    }
    write_file_drop(r->file);
    if (number != 0 && err != OK) {
        forget_file(f, number);
        number = 0;
    }
    *answer = (struct far_answer){.type = a.type,
        .mode = a.mode,
        .text = a.text,
        .target = a.target,
        .file = number,
        .size = a.size,
        .space = a.space,
        .version = a.version,
        .mtime_ns = a.mtime_ns};
    return err;
}

/* The next request of a call; false: it does not hold together. */
static bool take_request(
    struct bytes *message, struct bytes *data, struct far_request *q, struct bytes *stored)
{
    if (message->len < sizeof(*q)) {
        return false;
    }
    memcpy(q, message->ptr, sizeof(*q));
    bytes_skip(message, sizeof(*q));
    if (message->len < (size_t)q->path_len + q->text_len || data->len < q->data_len) {
        return false;
    }
    q->request.path = bytes_at(message->ptr, q->path_len);
    q->request.text = bytes_at(message->ptr + q->path_len, q->text_len);
    bytes_skip(message, (size_t)q->path_len + q->text_len);
    *stored = bytes_at(data->ptr, (size_t)q->data_len);
    bytes_skip(data, (size_t)q->data_len);
    return true;
}

/* Files of a call that are whole: all get durable, then all get their names. */
static void finish_files(struct write_later *later, struct far_answer *a)
{
    write_work_durable(later, WRITE_TOGETHER);
    for (size_t i = 0; i < WRITE_TOGETHER; i++) {
        if (later[i].out != NULL) {
            a[i].err = (int32_t)write_work_name(&later[i]);
        }
    }
}

static void serve(void *arg, struct bytes message, struct bytes data, void *answer)
{
    struct far *f = arg;
    struct far_answer *a = answer;
    struct write_later later[WRITE_TOGETHER] = {{0}};
    struct far_front front;
    struct far_request q;
    struct bytes stored;

    for (size_t i = 0; i < WRITE_TOGETHER; i++) {
        a[i].err = ERR_BUG;
    }
    if (message.len < sizeof(front)) {
        return;
    }
    memcpy(&front, message.ptr, sizeof(front));
    bytes_skip(&message, sizeof(front));
    if (front.count > WRITE_TOGETHER || front.forgotten_count > FAR_FORGOTTEN_MAX) {
        return;
    }
    for (uint32_t i = 0; i < front.forgotten_count; i++) {
        forget_file(f, front.forgotten[i]);
    }
    for (uint32_t i = 0; i < front.count && take_request(&message, &data, &q, &stored); i++) {
        a[i].err = (int32_t)work(f, &q, stored, &a[i], &later[i]);
    }
    finish_files(later, a);
    bytes_wipe(&q, sizeof(q));
}

/* --- the life --- */

/* The first sealer makes the crypto library read its settings. */
static enum err begin(void *arg, int folder)
{
    struct far *f = arg;
    struct openers *openers = NULL;
    struct sealer *sealer = NULL;
    enum err err = openers_new(&openers);

    if (err == OK) {
        err = openers_borrow(openers, &sealer);
    }
    if (err == OK) {
        openers_return(openers, sealer);
        err = write_target_new(openers, &f->target);
    }
    if (err == OK) {
        err = disk_root_take(folder, &f->target->root);
    }
    openers_drop(openers);
    return err;
}

/* Files that were being written are given up: their temporary names go. */
static void end(void *arg)
{
    struct far *f = arg;

    for (uint32_t i = 1; i <= WRITE_FILES_MAX; i++) {
        forget_file(f, i);
    }
    write_target_drop(f->target);
}

int restore_helper_main(int argc, char **argv)
{
    static struct far far = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const struct helper_service service = {.begin = begin,
        .serve = serve,
        .end = end,
        .arg = &far,
        .answer_len = WRITE_TOGETHER * sizeof(struct far_answer)};

    (void)argc;
    (void)argv;
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    (void)mallopt(M_TRIM_THRESHOLD, TRIMMED_FROM);
    return helper_serve(&service);
}
