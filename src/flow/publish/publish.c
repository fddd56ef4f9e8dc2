/* The conductor: only this file knows the order of the steps. */
#include "flow/publish/publish.h"

#include <stdlib.h>

#include "base/crash_point.h"
#include "flow/publish/confirm.h"
#include "flow/publish/count.h"
#include "flow/publish/head.h"
#include "flow/publish/mend.h"
#include "flow/publish/note.h"
#include "flow/publish/send.h"
#include "flow/publish/tree.h"
#include "io/store/store_volume.h"

enum {
    PUBLISH_RESENDS = 3,              /* rounds of sending what was lost, or not sent yet; and of
                                         what had to be given up */
    PUBLISH_INLINE_BYTES = 384 << 10, /* unsent files up to this much may ride in the head */
    PUBLISH_INLINE_FILES = 2000,
    PUBLISH_INLINE_ENTRIES = 15000, /* a listing longer than this is not tried inline */
};

enum publish_step {
    STEP_LOOKING,  /* is the version's number free? */
    STEP_COUNTING, /* how much there is, and how much of it is new */
    STEP_RIDING,   /* the listing with everything new inside the head: fits? */
    STEP_SENDING,
    STEP_MENDING,    /* articles that volumes of the data miss, their parity or lost ones */
    STEP_CONFIRMING, /* the data and its parity */
    STEP_LISTING,
    STEP_CONFIRMING_LIST, /* the meta volumes */
    STEP_NOTING,          /* what the share has now, for the next version */
    STEP_HEAD,
    STEP_NOTING_LIST,
    STEP_RECOUNTING, /* the head was an earlier run's: has the share changed since? */
};

struct publish {
    struct publish_ctx *ctx;
    publish_done_fn done;
    void *arg;
    enum publish_step step;
    struct loop_task first;
    struct send *send;
    struct mend *mend;
    struct confirm *confirm;
    struct tree *tree;
    struct head_step *head;
    struct note *note;
    struct count *count;
    struct store_totals totals; /* as they were counted last */
    struct tree_result made;    /* the last listing: its buffers are ours */
    enum tree_mode mode;        /* of the listing */
    unsigned resends;
    unsigned given_up; /* times that contents of lost articles had to be sent anew */
    int confirming;    /* this run has begun to confirm: before, losses were an earlier one's */
    int resumed;       /* the head was made by an earlier run */
    int unchanged;     /* nothing is new since the newest version */
};

static void next(struct publish *p);
static void on_step(void *arg, enum err err);

/* --- ending ----------------------------------------------------------------------------------- */

static void made_clear(struct publish *p)
{
    buf_clear(&p->made.inlined);
    buf_clear(&p->made.metas);
    buf_clear(&p->made.made);
    p->made = (struct tree_result){0};
}

static void publish_free(struct publish *p)
{
    loop_unpost(p->ctx->o.loop, &p->first);
    made_clear(p);
    publish_ctx_unpin(p->ctx);
    free(p);
}

void publish_set_window(struct publish *p, size_t bytes)
{
    p->ctx->o.window_bytes = bytes;
}

void publish_files(const struct publish *p, size_t limit, progress_file_fn each, void *arg)
{
    if (p->send != NULL) {
        send_files(p->send, limit, each, arg);
    }
}

void publish_cancel(struct publish *p)
{
    if (p == NULL) {
        return;
    }
    send_cancel(p->send);
    mend_cancel(p->mend);
    confirm_cancel(p->confirm);
    tree_cancel(p->tree);
    head_step_cancel(p->head);
    note_cancel(p->note);
    count_cancel(p->count);
    publish_free(p);
}

static void finish(struct publish *p, enum err err)
{
    publish_done_fn done = p->done;
    void *arg = p->arg;
    struct publish_ctx *ctx = p->ctx;
    struct publish_result result = {
        .version = p->unchanged ? ctx->share.version : ctx->version,
        .unchanged = p->unchanged != 0,
        .files = p->made.files + p->made.links,
        .directories = p->made.directories,
        .symlinks = p->made.symlinks,
        .bytes = p->made.bytes,
        .articles = ctx->articles,
        .bytes_posted = ctx->bytes_posted,
        .skipped = ctx->skipped,
        .text = ctx->text,
    };

    publish_ctx_pin(ctx);
    publish_free(p);
    if (err == ERR_ARTICLES_LOST) {
        err = ERR_NOT_KEPT; /* too often: nothing of ours is lost */
    }
    if (err == OK) {
        progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_DONE);
    }
    done(arg, err, &result);
    publish_ctx_unpin(ctx);
}

/* --- steps ------------------------------------------------------------------------------------ */

static uint64_t entries_of(const struct store_totals *t)
{
    return t->files + t->directories + t->symlinks + t->links;
}

/* May everything that is new ride in the head? */
static bool may_ride(const struct store_totals *t)
{
    return t->unsent_bytes <= PUBLISH_INLINE_BYTES && t->unsent_files <= PUBLISH_INLINE_FILES &&
           entries_of(t) <= PUBLISH_INLINE_ENTRIES;
}

static enum err refuse_pending(void *arg, const struct store_volume *volume)
{
    (void)arg;
    return volume->kind == STORE_VOLUME_DATA && volume->k > 0 ? ERR_EXISTS : OK;
}

/* Did an earlier run leave volumes that no head lists yet, or lists otherwise? Files count on them:
 * they have to be closed and confirmed first. */
static enum err left_over(struct publish *p, bool *yes)
{
    enum err err =
        store_volume_pending(p->ctx->o.store, p->ctx->share.id, 0, SIZE_MAX, refuse_pending, NULL);

    *yes = err == ERR_EXISTS;
    return *yes ? OK : err;
}

static void on_listed(void *arg, enum err err, struct tree_result *result)
{
    struct publish *p = arg;

    p->tree = NULL;
    crash_point("tree sent");
    if (err == OK) {
        made_clear(p);
        p->made = *result;
        result->inlined = (struct buf){0};
        result->metas = (struct buf){0};
        result->made = (struct buf){0};
        if (p->made.repeats) {
            p->unchanged = 1;
            finish(p, OK);
            return;
        }
    } else if (err == ERR_TOO_BIG && p->step == STEP_RIDING) {
        p->step = STEP_SENDING;
        next(p);
        return;
    } else if (err == ERR_CHANGED && p->resends < PUBLISH_RESENDS) {
        p->resends++;
        p->step = STEP_SENDING;
        next(p);
        return;
    } else if (err == ERR_TOO_BIG && p->mode == TREE_INLINE) {
        p->mode = TREE_IN_VOLUMES;
        next(p);
        return;
    }
    on_step(p, err);
}

static enum err start_riding(struct publish *p)
{
    const struct store_totals *t = &p->totals;
    bool pending = false;
    enum err err = left_over(p, &pending);

    if (err != OK) {
        return err;
    }
    p->ctx->progress.files_total = t->unsent_files;
    p->ctx->progress.bytes_total = t->unsent_bytes;
    p->ctx->progress.totals_known = true;
    p->mode = entries_of(t) <= PUBLISH_INLINE_ENTRIES ? TREE_INLINE : TREE_IN_VOLUMES;
    if (pending || !may_ride(t)) {
        p->step = STEP_SENDING;
        next(p);
        return OK;
    }
    return tree_start(p->ctx, TREE_ALL_INLINE, on_listed, p, &p->tree);
}

static void on_recounted(void *arg, enum err err)
{
    struct publish *p = arg;
    struct progress *progress = &p->ctx->progress;

    p->count = NULL;
    if (err == OK) {
        progress->files_total = progress->files_done + p->totals.unsent_files;
        progress->bytes_total = progress->bytes_done + p->totals.unsent_bytes;
        err = send_start(p->ctx, on_step, p, &p->send);
    }
    if (err != OK) {
        finish(p, err);
    }
}

/* What is still to be sent, and what is, is counted up: after a loss that is more than before. */
static enum err start_sending(struct publish *p)
{
    struct publish_ctx *ctx = p->ctx;

    progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_SEND);
    return p->resends + p->given_up > 0 ? count_start(ctx, &p->totals, on_recounted, p, &p->count)
                                        : send_start(ctx, on_step, p, &p->send);
}

static enum err start_mending(struct publish *p)
{
    struct publish_ctx *ctx = p->ctx;

    progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_SEND);
    return mend_start(ctx, p->confirming ? MEND_LOST : MEND_LEFT_OVER, on_step, p, &p->mend);
}

static enum err start_confirming(struct publish *p)
{
    struct publish_ctx *ctx = p->ctx;

    p->confirming = 1;
    ctx->progress.articles_total = ctx->progress.articles_posted;
    progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_CONFIRM);
    return confirm_start(ctx, STORE_VOLUME_DATA, on_step, p, &p->confirm);
}

static enum err start(struct publish *p)
{
    struct publish_ctx *ctx = p->ctx;

    switch (p->step) {
    case STEP_LOOKING:
        progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_SEND);
        return head_look_all(ctx, on_step, p, &p->head);
    case STEP_COUNTING:
    case STEP_RECOUNTING:
        return count_start(ctx, &p->totals, on_step, p, &p->count);
    case STEP_RIDING:
        return start_riding(p);
    case STEP_SENDING:
        return start_sending(p);
    case STEP_MENDING:
        return start_mending(p);
    case STEP_CONFIRMING:
        return start_confirming(p);
    case STEP_LISTING:
        progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_PUBLISH);
        return tree_start(ctx, p->mode, on_listed, p, &p->tree);
    case STEP_CONFIRMING_LIST:
        return confirm_start(ctx, STORE_VOLUME_META, on_step, p, &p->confirm);
    case STEP_HEAD:
        progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_PUBLISH);
        if (!p->resumed) {
            enum err err = head_make(ctx, &p->made);

            if (err != OK) {
                return err;
            }
        }
        return head_publish(
            ctx, p->resumed ? HEAD_OF_EARLIER_RUN : HEAD_MADE_NOW, on_step, p, &p->head);
    case STEP_NOTING:
        return note_blocks(ctx, on_step, p, &p->note);
    case STEP_NOTING_LIST:
        return note_objects(ctx, &p->made.made, on_step, p, &p->note);
    }
    return ERR_BUG;
}

static void next(struct publish *p)
{
    enum err err = start(p);

    if (err != OK) {
        finish(p, err);
    }
}

/* Articles were lost, and the step has said so: what follows it instead of the usual. False:
 * nothing does, or it has happened too often. */
static bool send_again(struct publish *p)
{
    unsigned *times = p->step == STEP_MENDING ? &p->given_up : &p->resends;

    if (*times == PUBLISH_RESENDS) {
        return false;
    }
    ++*times;
    switch (p->step) {
    case STEP_MENDING:
        p->step = STEP_SENDING; /* what only the files can give, as they are now */
        return true;
    case STEP_CONFIRMING:
        p->step = STEP_MENDING;
        return true;
    case STEP_CONFIRMING_LIST:
        p->step = STEP_LISTING;
        return true;
    default:
        return false;
    }
}

/* Notes that could not be taken cost articles next time, not this version. */
static enum err noted(const struct publish *p, enum err err)
{
    if (err != OK) {
        log_warn("publish", "not noted for the next version share=%lld err=%s",
            (long long)p->ctx->share.id, err_name(err));
    }
    return OK;
}

/* The head of an earlier run is out now. Has the share changed since? Then the next version
 * follows. */
static bool outdated(struct publish *p)
{
    struct publish_ctx *ctx = p->ctx;
    const struct store_totals *t = &p->totals;

    if (t->unsent_files == 0 && t->bytes == p->made.bytes && entries_of(t) == p->made.files) {
        return false;
    }
    p->resumed = 0;
    if (store_share_get(ctx->o.store, ctx->share.id, &ctx->share) != OK) {
        return false;
    }
    ctx->version = ctx->share.version + 1;
    made_clear(p);
    return true;
}

static void on_step(void *arg, enum err err)
{
    static const enum publish_step following[] = {
        [STEP_LOOKING] = STEP_COUNTING,
        [STEP_COUNTING] = STEP_RIDING,
        [STEP_RIDING] = STEP_HEAD,
        [STEP_SENDING] = STEP_MENDING,
        [STEP_MENDING] = STEP_CONFIRMING,
        [STEP_CONFIRMING] = STEP_LISTING,
        [STEP_LISTING] = STEP_CONFIRMING_LIST,
        [STEP_CONFIRMING_LIST] = STEP_NOTING,
        [STEP_NOTING] = STEP_HEAD,
        [STEP_HEAD] = STEP_NOTING_LIST,
        [STEP_NOTING_LIST] = STEP_RECOUNTING,
        [STEP_RECOUNTING] = STEP_LOOKING,
    };
    struct publish *p = arg;

    p->send = NULL;
    p->mend = NULL;
    p->confirm = NULL;
    p->head = NULL;
    p->note = NULL;
    p->count = NULL;
    if (p->step == STEP_NOTING || p->step == STEP_NOTING_LIST) {
        err = noted(p, err);
    }
    if (err == ERR_ARTICLES_LOST && send_again(p)) {
        next(p);
        return;
    }
    if (p->step == STEP_RECOUNTING && (err != OK || !outdated(p))) {
        finish(p, OK); /* this version is out, whatever the next would have */
        return;
    }
    if (err != OK || (p->step == STEP_NOTING_LIST && !p->resumed)) {
        finish(p, err);
        return;
    }
    p->step = following[p->step];
    next(p);
}

/* --- starting --------------------------------------------------------------------------------- */

static enum err note_version(void *arg, const struct store_version *version)
{
    struct publish *p = arg;

    p->made.files = version->entries;
    p->made.bytes = version->bytes;
    return OK;
}

static void on_first(void *arg)
{
    next(arg);
}

enum err publish_start(const struct publish_options *options, publish_done_fn done, void *arg,
    struct publish **publish)
{
    struct publish *p;
    enum err err;

    if (news_provider_count(options->news) == 0) {
        return ERR_NO_PROVIDER;
    }
    p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return ERR_NO_MEMORY;
    }
    p->done = done;
    p->arg = arg;
    err = publish_ctx_new(options, &p->ctx);
    if (err != OK) {
        free(p);
        return err;
    }
    /* A head that an earlier run had made goes out as it is, or there could be two with one number.
     */
    err = store_version_get(options->store, options->share, p->ctx->version, note_version, p);
    p->resumed = err == OK;
    p->step = err == OK ? STEP_HEAD : STEP_LOOKING;
    if (err != OK && err != ERR_NO_ROW) {
        publish_free(p);
        return err;
    }
    loop_post(options->loop, &p->first, on_first, p);
    *publish = p;
    return OK;
}
