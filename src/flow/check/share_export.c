/* The conductor of an export: volume after volume; while PAR2 is reckoned for one, the next is
 * fetched. */
#include "flow/check/share_export.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"
#include "flow/check/export_file.h"
#include "flow/check/export_task.h"
#include "flow/check/export_volume.h"
#include "flow/check/volume_list.h"
#include "flow/restore/locate.h"

enum { STEPS_A_TURN = 256, MIB = 1 << 20 };

/* What PAR2 needs beside the slices: at most so much for each, and for both files. */
static const uint64_t par2_slice_extra = 256, par2_files_extra = 8192;

/* What we wait for. It moves on, and from OPEN back to NEXT for each volume. */
enum export_state {
    EXPORT_LOCATING, /* the head */
    EXPORT_COUNTING, /* the tables, for how much there is */
    EXPORT_SPACE,    /* how much room the disk has */
    EXPORT_NEXT,     /* the next volume of the tables, once one may be begun */
    EXPORT_OPENING,  /* its list of content ids */
    EXPORT_LAST,     /* the volumes under way */
    EXPORT_ENDED,
};

struct share_export {
    struct restore_ctx ctx;
    enum export_state state;
    struct locate_options wanted;
    struct buf target;
    struct locate *locate;
    struct share_reader *reader;
    struct volume_list list;
    struct export_volume *at_work;   /* fetches; NULL: none */
    struct export_volume *finishing; /* NULL: none */
    uint64_t bytes_needed;           /* on the disk, for all of it */
    uint64_t parity_most;            /* of one volume: it lies there for a while */
    uint64_t unread;                 /* lists that could not be read */
    struct share_export_result result;
    share_export_fn done;
    void *arg;
};

static void export_free(struct share_export *e)
{
    errands_forget(&e->ctx.errands);
    locate_cancel(e->locate);
    export_volume_free(e->at_work);
    export_volume_free(e->finishing);
    volume_list_clear(&e->list);
    share_reader_free(e->reader);
    restore_ctx_clear(&e->ctx);
    bytes_wipe(&e->wanted, sizeof(e->wanted));
    buf_clear(&e->target);
    secret_free(e);
}

static void finish(struct share_export *e)
{
    enum err err = e->ctx.err;

    if (err == OK && (e->result.incomplete > 0 || e->unread > 0)) {
        err = restore_ctx_lost(&e->ctx) ? ERR_ARTICLES_LOST : e->ctx.err;
    }
    e->result.text = e->ctx.text;
    progress_changed(&e->ctx.progress, &e->ctx.env.sink);
    e->done(e->arg, err, &e->result);
    export_free(e);
}

/* Does `err` say something about the share, not about this machine or the way to the servers? */
static bool is_finding(enum err err)
{
    return err == ERR_ARTICLES_LOST || err_kind(err) == KIND_CORRUPT;
}

/* --- how much there is ------------------------------------------------------------------------ */

static void on_located(void *arg, enum err err, struct found_head *found, const char *text)
{
    struct share_export *e = arg;

    e->locate = NULL;
    if (err == OK) {
        e->result.version = found->n;
        err = share_reader_new(&e->ctx, found->payload, &e->reader);
    }
    if (err != OK) {
        restore_ctx_fail(&e->ctx, err, text);
        return;
    }
    volume_list_begin(&e->list, e->reader);
    e->state = EXPORT_COUNTING;
    progress_enter(&e->ctx.progress, &e->ctx.env.sink, PROGRESS_LIST);
    restore_ctx_wake(&e->ctx);
}

static void count_volume(struct share_export *e)
{
    uint64_t data = (uint64_t)e->list.entry.k * SEGMENT_LEN;
    uint64_t parity = (uint64_t)e->list.entry.m * SEGMENT_LEN;

    e->result.volumes++;
    e->ctx.progress.files_total++;
    e->ctx.progress.bytes_total += data;
    e->bytes_needed += data + parity + par2_files_extra +
                       ((uint64_t)e->list.entry.k + e->list.entry.m) * par2_slice_extra;
    if (parity > e->parity_most) {
        e->parity_most = parity;
    }
}

static void on_space(void *arg, enum err err, const struct export_room *room)
{
    struct share_export *e = arg;
    uint64_t needed = e->bytes_needed + e->parity_most;
    char text[RESTORE_TEXT_MAX];

    needed = needed > room->taken ? needed - room->taken : 0;
    if (err == OK && needed > room->free) {
        (void)snprintf(text, sizeof(text), "%llu MiB more are needed, %llu MiB are free",
            (unsigned long long)needed / MIB + 1, (unsigned long long)room->free / MIB);
        restore_ctx_fail(&e->ctx, ERR_DISK_FULL, text);
        return;
    }
    if (err != OK) {
        restore_ctx_fail(&e->ctx, err, NULL);
        return;
    }
    e->ctx.progress.totals_known = true;
    volume_list_begin(&e->list, e->reader);
    e->state = EXPORT_NEXT;
    progress_enter(&e->ctx.progress, &e->ctx.env.sink, PROGRESS_FETCH);
    restore_ctx_wake(&e->ctx);
}

static enum answer step_counting(struct share_export *e, enum err *err)
{
    bool more;
    enum answer answer = volume_list_next(&e->list, &more, err);

    if (answer == ANSWER_FAILED && is_finding(*err)) {
        volume_list_skip(&e->list); /* told when it is its turn */
        return ANSWER_READY;
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    if (more) {
        count_volume(e);
        return ANSWER_READY;
    }
    e->state = EXPORT_SPACE;
    *err = export_room_start(&e->ctx, buf_view(&e->target), on_space, e);
    return *err == OK ? ANSWER_WAIT : ANSWER_FAILED;
}

/* --- volumes ---------------------------------------------------------------------------------- */

static void count_result(struct share_export *e, const struct export_volume_result *r)
{
    struct share_export_result *sum = &e->result;
    char name[EXPORT_NAME_MAX];

    sum->articles += r->fetched;
    sum->repaired += r->repaired;
    sum->lost += r->lost;
    if (r->lost == 0) {
        sum->complete++;
        sum->found += r->found == r->k;
        sum->bytes += (uint64_t)r->k * SEGMENT_LEN;
        e->ctx.progress.files_done++;
        return;
    }
    sum->incomplete++;
    e->ctx.progress.skipped++;
    export_file_name(r->number, name);
    progress_event(&e->ctx.env.sink, LOG_WARN,
        "%s" EXPORT_INCOMPLETE ": %u of %u segments are lost, more than parity makes good; it has "
        "no .par2 files",
        name, (unsigned)r->lost, (unsigned)r->k);
}

/* One goes over to PAR2, one is done. True: something moved. */
static bool look_after_volumes(struct share_export *e)
{
    bool moved = false;

    if (e->finishing != NULL && export_volume_at(e->finishing) == EXPORT_OVER) {
        count_result(e, export_volume_result(e->finishing));
        export_volume_free(e->finishing);
        e->finishing = NULL;
        moved = true;
    }
    if (e->finishing == NULL && e->at_work != NULL &&
        export_volume_at(e->at_work) != EXPORT_AT_WORK) {
        e->finishing = e->at_work;
        e->at_work = NULL;
        moved = true;
    }
    return moved;
}

static enum answer step_next(struct share_export *e, enum err *err)
{
    bool more;
    enum answer answer;

    if (e->at_work != NULL) {
        return ANSWER_WAIT;
    }
    answer = volume_list_next(&e->list, &more, err);
    if (answer == ANSWER_FAILED && is_finding(*err)) {
        e->unread++;
        progress_event(&e->ctx.env.sink, LOG_WARN, "the list of %s cannot be read: %s",
            e->list.part == VOLUME_PART_DATA ? "data volumes" : "older meta volumes",
            err_text(*err));
        volume_list_skip(&e->list);
        return ANSWER_READY;
    }
    if (answer == ANSWER_READY) {
        e->state = more ? EXPORT_OPENING : EXPORT_LAST;
    }
    return answer;
}

static enum answer step_opening(struct share_export *e, enum err *err)
{
    struct export_volume_options options = {.folder = buf_view(&e->target)};
    enum answer answer = volume_list_open(&e->list, &options.volume, err);

    if (answer == ANSWER_FAILED && is_finding(*err)) {
        progress_event(&e->ctx.env.sink, LOG_WARN,
            "volume %u: the list of its articles cannot be read", (unsigned)e->list.entry.number);
        e->result.incomplete++;
        e->result.lost += e->list.entry.k;
        e->state = EXPORT_NEXT;
        return ANSWER_READY;
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    e->state = EXPORT_NEXT;
    *err = export_volume_start(&e->ctx, &options, &e->at_work);
    volume_info_drop(options.volume);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer step_last(struct share_export *e)
{
    if (e->at_work != NULL || e->finishing != NULL) {
        return ANSWER_WAIT;
    }
    e->state = EXPORT_ENDED;
    return ANSWER_READY;
}

/* --- the conductor ---------------------------------------------------------------------------- */

static enum answer step(struct share_export *e, enum err *err)
{
    if (look_after_volumes(e)) {
        return ANSWER_READY;
    }
    switch (e->state) {
    case EXPORT_COUNTING:
        return step_counting(e, err);
    case EXPORT_NEXT:
        return step_next(e, err);
    case EXPORT_OPENING:
        return step_opening(e, err);
    case EXPORT_LAST:
        return step_last(e);
    case EXPORT_LOCATING:
    case EXPORT_SPACE:
    case EXPORT_ENDED:
        break;
    }
    return ANSWER_WAIT;
}

static void pump(void *arg)
{
    struct share_export *e = arg;
    enum answer answer = ANSWER_READY;
    enum err err = OK;

    for (int i = 0; i < STEPS_A_TURN && e->ctx.err == OK && answer == ANSWER_READY; i++) {
        answer = step(e, &err);
        if (answer == ANSWER_FAILED) {
            restore_ctx_fail(&e->ctx, err, NULL);
        }
    }
    if (e->ctx.err != OK || e->state == EXPORT_ENDED) {
        finish(e);
        return;
    }
    progress_changed(&e->ctx.progress, &e->ctx.env.sink);
    if (answer == ANSWER_READY) {
        restore_ctx_wake(&e->ctx);
    }
}

enum err share_export_start(const struct share_export_options *options, share_export_fn done,
    void *arg, struct share_export **out)
{
    struct share_export *e = secret_new(sizeof(*e));
    enum err err;

    if (e == NULL) {
        return ERR_NO_MEMORY;
    }
    e->wanted = (struct locate_options){options->key, options->version};
    e->done = done;
    e->arg = arg;
    err = restore_ctx_init(&e->ctx, &options->env, pump, e);
    if (err == OK) {
        err = buf_append(&e->target, options->target);
    }
    if (err == OK) {
        err = restore_ctx_prefer(&e->ctx, options->target);
    }
    if (err == OK) {
        progress_enter(&e->ctx.progress, &e->ctx.env.sink, PROGRESS_LOCATE);
        err = locate_start(&e->ctx, &e->wanted, on_located, e, &e->locate);
    }
    if (err != OK) {
        export_free(e);
        return err;
    }
    *out = e;
    return OK;
}

void share_export_cancel(struct share_export *e)
{
    if (e != NULL) {
        export_free(e);
    }
}
