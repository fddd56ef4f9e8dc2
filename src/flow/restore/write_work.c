/* Requests being done: each verb in terms of io/disk. */
#include "flow/restore/write_work.h"

#include <stdlib.h>

#include "base/log.h"

enum err write_target_new(struct openers *openers, struct write_target **out)
{
    struct write_target *t = calloc(1, sizeof(*t));

    if (t == NULL || pthread_mutex_init(&t->lock, NULL) != 0) {
        free(t);
        return ERR_NO_MEMORY;
    }
    atomic_init(&t->holders, 1);
    atomic_init(&t->hurry, false);
    t->openers = openers_keep(openers);
    *out = t;
    return OK;
}

void write_target_drop(struct write_target *t)
{
    if (t != NULL && atomic_fetch_sub(&t->holders, 1) == 1) {
        disk_note_free(t->note);
        helper_free(t->helper);
        disk_root_free(t->root);
        openers_drop(t->openers);
        (void)pthread_mutex_destroy(&t->lock);
        free(t);
    }
}

/* --- the target --- */

static enum err do_begin(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    enum err err = r->run == WRITE_FOR_REAL ? disk_again_tidy(t->root, bytes_str("")) : OK;

    if (err == OK) {
        err = write_mark_begin(t, r, a);
    }
    /* A run that was killed may have been at the disk still; its mark is ours now: it is gone. */
    if (err == OK && r->run == WRITE_FOR_REAL) {
        err = disk_again_tidy(t->root, bytes_str(""));
    }
    return err == OK ? disk_root_space(t->root, &a->space) : err;
}

/* Removing the marker changes the top's mtime, and once it is gone nobody can go on here: so all
 * that may fail is done before, as far as the marker can still be removed then. */
static enum err do_end(struct write_target *t, const struct write_request *r)
{
    enum { OURS = 0700 };
    enum err err = OK;

    if (r->mode != 0) {
        err = disk_root_finish_dir(t->root, bytes_str(""), r->mode | OURS, r->mtime_ns);
    }
    if (err == OK) {
        err = write_mark_end(t, r);
    }
    if (err == OK && r->mode != 0) {
        enum err last = disk_root_finish_dir(t->root, bytes_str(""), r->mode, r->mtime_ns);

        if (last != OK) {
            log_warn("restore", "the target folder's own mode and time why=%s", err_name(last));
        }
    }
    return err;
}

/* --- looking --- */

static void fill_answer(const struct disk_stat *stat, struct write_answer *a)
{
    switch (stat->type) {
    case DISK_FILE:
        a->type = SEEN_FILE;
        break;
    case DISK_DIRECTORY:
        a->type = SEEN_FOLDER;
        break;
    case DISK_SYMLINK:
        a->type = SEEN_SYMLINK;
        break;
    case DISK_OTHER:
        a->type = SEEN_OTHER;
        break;
    }
    a->mode = stat->mode;
    a->size = stat->size;
    a->mtime_ns = stat->mtime_ns;
}

static enum err look(struct write_target *t, struct bytes path, struct write_answer *a)
{
    struct disk_stat stat;
    enum err err = t->root == NULL ? ERR_NOT_FOUND : disk_root_stat(t->root, path, &stat);

    if (err == ERR_NOT_FOUND) {
        return OK;
    }
    if (err == OK) {
        fill_answer(&stat, a);
    }
    return err;
}

static enum err do_look(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    struct buf text = {0};
    enum err err = look(t, r->path, a);

    if (err == OK && a->type == SEEN_SYMLINK) {
        err = disk_root_readlink(t->root, r->path, &text);
        a->text = err == OK && bytes_equal(buf_view(&text), r->text) ? WRITE_SAME : WRITE_DIFFERS;
    }
    buf_clear(&text);
    return err;
}

static enum err do_mkdir(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    enum err err = look(t, r->path, a);

    if (err != OK) {
        return err;
    }
    if (a->type == SEEN_FOLDER) {
        err = disk_root_unlock_dir(t->root, r->path);
        return err == OK ? disk_again_tidy(t->root, r->path) : err;
    }
    if (r->taken == WRITE_OVER && (a->type == SEEN_FILE || a->type == SEEN_SYMLINK)) {
        err = disk_root_remove(t->root, r->path);
    }
    return err == OK ? disk_root_mkdir(t->root, r->path) : err;
}

/* --- files --- */

/* The file is whole. Takes `out`. */
static enum err settle(
    struct disk_out *out, const struct write_request *r, struct write_later *later)
{
    enum err err = disk_out_settle(out, r->mode, r->mtime_ns);

    if (err != OK) {
        disk_out_abort(out);
        return err;
    }
    *later = (struct write_later){
        .out = out, .mode = r->mode, .mtime_ns = r->mtime_ns, .over = r->taken == WRITE_OVER};
    return OK;
}

void write_work_durable(struct write_later *later, size_t count)
{
    struct disk_out *outs[WRITE_TOGETHER] = {NULL};
    enum err errs[WRITE_TOGETHER];

    for (size_t i = 0; i < count; i++) {
        outs[i] = later[i].out;
    }
    disk_out_make_durable(outs, count, errs);
    for (size_t i = 0; i < count; i++) {
        later[i].err = errs[i];
    }
}

enum err write_work_name(struct write_later *later)
{
    struct disk_out *out = later->out;

    later->out = NULL;
    if (later->err != OK) {
        disk_out_abort(out);
        return later->err;
    }
    return later->over ? disk_out_commit_over(out, later->mode, later->mtime_ns)
                       : disk_out_commit(out, later->mode, later->mtime_ns);
}

/* A file of one piece; `plain` is all of it, or empty for one without any. */
static enum err do_put(struct disk_root *root, const struct write_request *r, struct bytes plain,
    struct write_later *later)
{
    struct disk_out *out = NULL;
    enum err err = disk_out_open(root, r->path, r->size, &out);

    if (err == OK && plain.len > 0) {
        err = disk_out_write(out, r->offset, plain);
    }
    if (err != OK) {
        disk_out_abort(out);
        return err;
    }
    return settle(out, r, later);
}

/* PUT and RANGE: first the bytes, then the place for them. */
static enum err do_bytes(struct write_target *t, const struct write_request *r, struct bytes stored,
    struct write_later *later)
{
    struct buf room = {0};
    struct bytes plain;
    enum err err = rebuild_bytes(t->openers, &r->rebuild, stored, &room, &plain);

    if (err == OK) {
        err = r->verb == WRITE_PUT ? do_put(t->root, r, plain, later)
                                   : disk_out_write(r->file->out, r->offset, plain);
    }
    buf_clear(&room);
    return err;
}

static enum err do_commit(const struct write_request *r, struct write_later *later)
{
    struct disk_out *out = r->file->out;

    r->file->out = NULL;
    return settle(out, r, later);
}

static enum err do_read(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    struct disk_stat stat;
    enum err err = disk_in_open(t->root, r->path, &stat, &r->file->in);

    if (err == OK) {
        fill_answer(&stat, a);
    }
    return err;
}

/* What changes nothing, or ends what was begun. */
static enum err do_other(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    switch (r->verb) {
    case WRITE_PEEK:
        return write_mark_peek(r, a);
    case WRITE_BEGIN:
        return do_begin(t, r, a);
    case WRITE_LOOK:
        return do_look(t, r, a);
    case WRITE_READ:
        return do_read(t, r, a);
    case WRITE_CHECK:
        return write_check(t, r);
    case WRITE_ABANDON:
        disk_out_abort(r->file->out);
        r->file->out = NULL;
        return OK;
    case WRITE_END:
        return do_end(t, r);
    default:
        return ERR_BUG;
    }
}

static enum err do_symlink(struct disk_root *root, const struct write_request *r)
{
    return r->taken == WRITE_OVER ? disk_root_symlink_over(root, r->path, r->text, r->mtime_ns)
                                  : disk_root_symlink(root, r->path, r->text, r->mtime_ns);
}

static enum err do_link(struct disk_root *root, const struct write_request *r)
{
    return r->taken == WRITE_OVER ? disk_root_link_over(root, r->text, r->path)
                                  : disk_root_link(root, r->text, r->path);
}

enum err write_work(struct write_target *t, const struct write_request *r, struct bytes stored,
    struct write_answer *a)
{
    struct write_later later = {0};
    enum err err = write_work_begin(t, r, stored, a, &later);

    if (later.out == NULL) {
        return err;
    }
    write_work_durable(&later, 1);
    return write_work_name(&later);
}

enum err write_work_begin(struct write_target *t, const struct write_request *r,
    struct bytes stored, struct write_answer *a, struct write_later *later)
{
    enum err err = OK;

    *later = (struct write_later){0};
    if (r->verb > WRITE_LOOK && r->verb < WRITE_READ && r->verb != WRITE_ABANDON) {
        err = write_mark_ensure(t);
    }
    if (err != OK) {
        return err;
    }
    switch (r->verb) {
    case WRITE_MKDIR:
        return do_mkdir(t, r, a);
    case WRITE_FINISH_DIR:
        return disk_root_finish_dir(t->root, r->path, r->mode, r->mtime_ns);
    case WRITE_SYMLINK:
        return do_symlink(t->root, r);
    case WRITE_LINK:
        return do_link(t->root, r);
    case WRITE_OPEN:
        return disk_out_open(t->root, r->path, r->size, &r->file->out);
    case WRITE_RANGE:
    case WRITE_PUT:
        return do_bytes(t, r, stored, later);
    case WRITE_COMMIT:
        return do_commit(r, later);
    case WRITE_CHMOD:
        return disk_in_chmod(r->file->in, r->mode);
    default:
        return do_other(t, r, a);
    }
}
