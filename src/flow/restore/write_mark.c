/* The marker: a file at the target's top, from before the first write until everything is there. It
 * says which share, and which version of it, is being restored here; its lock says that somebody is
 * at it now. Whoever finds it without a lock may go on.
 *
 * A restore that ends with losses leaves it without a version: then any version may go on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crash_point.h"
#include "flow/restore/restore_names.h"
#include "flow/restore/write_work.h"

enum {
    MARK_TEXT_MAX = 128,
    MARK_TRIES = 100, /* to get the lock: a run that was cancelled may still be ending */
    MARK_WAIT_NS = 20 * 1000 * 1000,
};

#define MARK_FRONT "usenetsync restore 1\nshare "
#define MARK_MIDDLE "\nversion "

/* Always of one length, so that it can be changed in place. */
static size_t mark_write(char text[MARK_TEXT_MAX], const uint8_t share[16], uint64_t version)
{
    char hex[33];

    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", share[i]);
    }
    return (size_t)snprintf(text, MARK_TEXT_MAX, MARK_FRONT "%s" MARK_MIDDLE "%020llu\n", hex,
        (unsigned long long)version);
}

/* Is this our marker of `share`? Then *version is what it says. */
static bool mark_read(struct bytes text, const uint8_t share[16], uint64_t *version)
{
    const size_t front = sizeof(MARK_FRONT) - 1 + 32 + sizeof(MARK_MIDDLE) - 1;
    char digits[21], again[MARK_TEXT_MAX];
    size_t len = front + 20 + 1;

    if (text.len != len) {
        return false;
    }
    memcpy(digits, text.ptr + front, 20);
    digits[20] = '\0';
    *version = strtoull(digits, NULL, 10);
    return mark_write(again, share, *version) == len && memcmp(again, text.ptr, len) == 0;
}

/* OK: it is of `share`. ERR_NOT_FOUND: there is none. ERR_NOT_EMPTY: something else is there. */
static enum err mark_find(struct disk_root *root, const uint8_t share[16], uint64_t *version)
{
    struct buf text = {0};
    enum err err = disk_note_read(root, RESTORE_MARKER, &text);

    if (err == ERR_CHANGED || (err == OK && !mark_read(buf_view(&text), share, version))) {
        err = ERR_NOT_EMPTY;
    }
    buf_clear(&text);
    return err;
}

enum err write_mark_peek(const struct write_request *r, struct write_answer *a)
{
    struct disk_root *root = NULL;
    enum err err = disk_root_find(r->path, &root);

    if (err == OK) {
        err = mark_find(root, r->share, &a->version);
        disk_root_free(root);
    }
    if (err != OK) {
        a->version = 0;
    }
    return OK; /* whatever is wrong there, WRITE_BEGIN says it */
}

/* The target has a marker that says `version`: is it ours to go on with? */
static enum err begin_marked(
    struct write_target *t, const struct write_request *r, uint64_t version)
{
    if (r->target == WRITE_ANY_TARGET) {
        t->mark = MARK_LEFT;
        return OK;
    }
    if (version != 0 && version != r->version) {
        return ERR_NOT_EMPTY;
    }
    t->mark = MARK_WANTED;
    return r->run == WRITE_FOR_REAL ? write_mark_ensure(t) : OK;
}

/* It has none. */
static enum err begin_unmarked(
    struct write_target *t, const struct write_request *r, const struct write_answer *a)
{
    if (r->target == WRITE_EMPTY_TARGET && a->target == WRITE_USED) {
        return ERR_NOT_EMPTY;
    }
    t->mark = r->target == WRITE_ANY_TARGET ? MARK_NONE : MARK_WANTED;
    return OK;
}

enum err write_mark_begin(
    struct write_target *t, const struct write_request *r, struct write_answer *a)
{
    uint64_t version = 0;
    enum err err = disk_root_check_empty(t->root);
    enum err found = mark_find(t->root, r->share, &version);

    memcpy(t->share, r->share, sizeof(t->share));
    t->version = r->version;
    a->target = err == OK && found == ERR_NOT_FOUND ? WRITE_FRESH : WRITE_USED;
    if (err != OK && err != ERR_NOT_EMPTY) {
        return err;
    }
    if (found == OK) {
        return begin_marked(t, r, version);
    }
    if (found == ERR_NOT_EMPTY && r->target == WRITE_ANY_TARGET) {
        return OK; /* somebody else's: let it be */
    }
    return found == ERR_NOT_FOUND ? begin_unmarked(t, r, a) : found;
}

static enum err mark_hold(struct write_target *t)
{
    const struct timespec pause = {.tv_nsec = MARK_WAIT_NS};
    char text[MARK_TEXT_MAX];
    size_t len = mark_write(text, t->share, t->version);
    enum err err = ERR_LOCKED;

    for (int i = 0; i < MARK_TRIES && err == ERR_LOCKED; i++) {
        err = disk_note_hold(t->root, RESTORE_MARKER, bytes_at(text, len), &t->note);
        if (err == ERR_LOCKED) {
            (void)nanosleep(&pause, NULL);
        }
    }
    crash_point("restore marked");
    if (err == OK) {
        t->mark = MARK_HELD;
        err = disk_note_change(t->note, bytes_at(text, len)); /* one without a version gets ours */
    }
    return err == ERR_LOCKED || err == ERR_CHANGED ? ERR_NOT_EMPTY : err;
}

enum err write_mark_ensure(struct write_target *t)
{
    enum err err = OK;

    (void)pthread_mutex_lock(&t->lock);
    if (t->mark == MARK_WANTED) {
        err = mark_hold(t);
    }
    (void)pthread_mutex_unlock(&t->lock);
    return err;
}

static enum err mark_end(struct write_target *t, const struct write_request *r)
{
    char text[MARK_TEXT_MAX];
    size_t len = mark_write(text, t->share, 0);

    if (t->mark == MARK_LEFT && r->end == WRITE_END_COMPLETE && r->mode != 0) {
        enum err err = mark_hold(t);

        if (err != OK) {
            return err == ERR_NOT_EMPTY ? OK : err; /* somebody is at it: it is theirs */
        }
    }
    if (t->mark != MARK_HELD || r->end == WRITE_END_BLOCKED) {
        return OK;
    }
    return r->end == WRITE_END_COMPLETE ? disk_note_remove(t->note)
                                        : disk_note_change(t->note, bytes_at(text, len));
}

enum err write_mark_end(struct write_target *t, const struct write_request *r)
{
    enum err err;

    (void)pthread_mutex_lock(&t->lock);
    err = mark_end(t, r);
    disk_note_free(t->note);
    t->note = NULL;
    t->mark = MARK_NONE;
    (void)pthread_mutex_unlock(&t->lock);
    return err;
}
