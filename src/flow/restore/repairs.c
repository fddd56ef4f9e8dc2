/* The table of volumes in repair: whose turn it is, and what is forgotten. */
#include "flow/restore/repairs.h"

#include <stdio.h>
#include <stdlib.h>

#include "flow/restore/volume_repair.h"

static struct volume_repair *item(struct list *node)
{
    return LIST_ITEM(node, struct volume_repair, node);
}

struct repairs *repairs_new(struct restore_ctx *ctx)
{
    struct repairs *t = calloc(1, sizeof(*t));

    if (t != NULL) {
        t->ctx = ctx;
        t->whole_max = REPAIRS_WHOLE_MAX;
        list_init(&t->volumes);
    }
    return t;
}

void repairs_free(struct repairs *t)
{
    if (t == NULL) {
        return;
    }
    loop_unpost(t->ctx->env.loop, &t->task);
    LIST_EACH(node, after, &t->volumes)
    {
        volume_repair_free(item(node));
    }
    free(t);
}

size_t repairs_ahead(const struct repairs *t)
{
    size_t width = news_fetch_width(t->ctx->env.news);

    return width < REPAIR_AHEAD_MAX ? width : REPAIR_AHEAD_MAX;
}

/* --- turns --- */

static bool is_whole(const struct volume_repair *v)
{
    return v->holds == SCRATCH_WHOLE || v->state == REPAIR_OPENING;
}

static size_t count_whole(const struct repairs *t)
{
    size_t count = 0;

    LIST_EACH(node, after, &t->volumes)
    {
        count += is_whole(item(node));
    }
    return count;
}

/* Make the scratch file smaller that was not used for longest. False: all are in use. */
static bool shrink_one(struct repairs *t)
{
    LIST_EACH(node, after, &t->volumes)
    {
        struct volume_repair *v = item(node);

        if (v->holds == SCRATCH_WHOLE && repair_is_through(v)) {
            repair_shrink(v);
            return true;
        }
    }
    return false;
}

/* Give it a scratch file. False: no more can have one now. */
static bool give_turn(struct repairs *t, struct volume_repair *v)
{
    if (count_whole(t) >= t->whole_max && !shrink_one(t)) {
        return false;
    }
    if (t->trims > 0) {
        return false; /* the room is not free yet */
    }
    repair_open(v);
    return true;
}

/* First come, first served, those that lost something before those that may. */
static void give_turns(struct repairs *t)
{
    LIST_EACH(node, after, &t->volumes)
    {
        struct volume_repair *v = item(node);

        if (v->state == REPAIR_WAITING && v->lost > 0 && !give_turn(t, v)) {
            return;
        }
    }
    LIST_EACH(node, after, &t->volumes)
    {
        struct volume_repair *v = item(node);

        if (v->state == REPAIR_WAITING && v->lost == 0 && volume_repair_idle(v)) {
            v->state = REPAIR_RESTING; /* it came without being watched */
        } else if (v->state == REPAIR_WAITING && v->lost == 0 && !give_turn(t, v)) {
            return;
        }
    }
}

/* --- what is forgotten --- */

/* Segments on the disk. */
static size_t room_of(const struct volume_repair *v)
{
    if (v->holds != SCRATCH_REST) {
        return 0;
    }
    return v->trim == OK ? v->made : v->volume->k;
}

bool repairs_make_way(struct repairs *t)
{
    size_t whole = count_whole(t);
    bool freed = false;

    LIST_EACH(node, after, &t->volumes)
    {
        if (item(node)->holds == SCRATCH_REST && repair_is_through(item(node))) {
            volume_repair_free(item(node));
            freed = true;
        }
    }
    if (whole > 0) {
        t->whole_max = whole;
    }
    return freed || whole > 0;
}

void repairs_fail_room(struct repairs *t, const struct volume_info *volume)
{
    unsigned long long mb = (unsigned long long)volume->k * SEGMENT_LEN / 1000000 + 1;
    char text[RESTORE_TEXT_MAX];

    (void)snprintf(text, sizeof(text),
        "beside the files, repairing volume %u takes %llu MB of free space for a while",
        volume->number, mb);
    restore_ctx_fail(t->ctx, ERR_DISK_FULL, text);
}

/* Has it room on the disk, or is just taking it? */
static bool takes_room(const struct volume_repair *v)
{
    return v->holds == SCRATCH_WHOLE || v->holds == SCRATCH_REST || v->state == REPAIR_OPENING;
}

bool repairs_blame(struct repairs *t)
{
    LIST_EACH(node, after, &t->volumes)
    {
        if (takes_room(item(node))) {
            repairs_fail_room(t, item(node)->volume);
            return true;
        }
    }
    return false;
}

/* Of the oldest first, so much that the rest is within its bounds. */
static void tidy(struct repairs *t)
{
    size_t count = 0;
    size_t room = 0;

    LIST_EACH(node, after, &t->volumes)
    {
        count++;
        room += room_of(item(node));
    }
    LIST_EACH(node, after, &t->volumes)
    {
        struct volume_repair *v = item(node);

        if (count <= REPAIRS_KEPT_MAX && room <= REPAIRS_REST_SEGMENTS_MAX) {
            return;
        }
        if (v->holds != SCRATCH_WHOLE && repair_is_through(v)) {
            count--;
            room -= room_of(v);
            volume_repair_free(v);
        }
    }
}

/* --- the whole --- */

/* What is being repaired, for people. */
static void count_articles(struct repairs *t)
{
    struct progress *progress = &t->ctx->progress;

    progress->repair_needed = 0;
    progress->repair_here = 0;
    LIST_EACH(node, after, &t->volumes)
    {
        const struct volume_repair *v = item(node);

        if (v->lost > 0 && v->state != REPAIR_HOPELESS) {
            progress->repair_needed += v->volume->k;
            progress->repair_here += v->here;
        }
    }
    progress_changed(progress, &t->ctx->env.sink);
}

static void fetch_wanted(struct repairs *t)
{
    LIST_EACH(node, after, &t->volumes)
    {
        if (item(node)->state != REPAIR_OPENING) {
            volume_repair_go(item(node));
        }
    }
}

static void look(void *arg)
{
    struct repairs *t = arg;

    LIST_EACH(node, after, &t->volumes)
    {
        repair_advance(item(node));
    }
    if (t->ctx->err == OK) {
        give_turns(t);
        fetch_wanted(t);
        tidy(t);
    }
    count_articles(t);
}

void repairs_wake(struct repairs *t)
{
    if (!t->task.queued) {
        loop_post(t->ctx->env.loop, &t->task, look, t);
    }
}

/* --- the door --- */

struct volume_repair *repairs_find(const struct repairs *t, const struct volume_info *volume)
{
    LIST_EACH(node, after, &t->volumes)
    {
        const struct volume_info *known = item(node)->volume;

        if (known->number == volume->number && known->kind == volume->kind) {
            return item(node);
        }
    }
    return NULL;
}

static enum err add(struct repairs *t, struct volume_info *volume, struct volume_repair **out)
{
    enum err err = volume_repair_new(t, volume, out);

    if (err == OK) {
        list_push(&t->volumes, &(*out)->node);
        repairs_wake(t);
    }
    return err;
}

enum err repairs_watch(struct repairs *t, struct volume_info *volume, struct volume_repair **out)
{
    *out = NULL;
    if (t->met != SOMETHING_LOST || volume->m == 0 || volume->kind != VOLUME_DATA) {
        return OK;
    }
    return add(t, volume, out);
}

enum err repairs_begin(
    struct repairs *t, struct volume_info *volume, uint32_t index, struct volume_repair **out)
{
    enum err err = OK;

    *out = NULL;
    if (volume->m == 0) {
        return OK;
    }
    *out = repairs_find(t, volume);
    if (*out == NULL) {
        err = add(t, volume, out);
    }
    if (err == OK) {
        volume_repair_lose(*out, index);
    }
    return err;
}
