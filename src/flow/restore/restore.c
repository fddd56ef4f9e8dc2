/* The conductor of a restore: the only file that knows the order of its steps. */
#include "flow/restore/restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "flow/restore/asked_paths.h"
#include "flow/restore/locate.h"
#include "flow/restore/share_path.h"
#include "flow/restore/tally.h"
#include "flow/restore/unfold.h"

/* What we wait for. */
enum restore_state {
    RESTORE_PEEKING,   /* the target's marker, if there is one: which version goes on here? */
    RESTORE_LOCATING,  /* the head */
    RESTORE_CHECKING,  /* the tree's word that every path asked for exists */
    RESTORE_BEGINNING, /* the writers: is the target fit? */
    RESTORE_PLANNING,  /* a dry run first: it may not fit the disk */
    RESTORE_UNFOLDING, /* the tree, segments, writes: entry after entry is handed out */
    RESTORE_ENDING,    /* the last writes */
    RESTORE_CLOSING,   /* the marker's removal, the top's mode and mtime */
    RESTORE_OVER,
};

struct restore {
    struct restore_ctx ctx;
    enum restore_state state;
    struct locate_options wanted;
    enum restore_run run;
    struct write_answer answer; /* of the step that waits for one */
    struct buf target;
    struct asked_paths asked;
    size_t next_check;
    struct buf value; /* of a look-up */
    struct locate *locate;
    struct share_reader *reader;
    struct restore_out out;
    struct unfold *unfold;
    struct tally *tally; /* of a dry run, or of the plan */
    restore_done_fn done;
    void *arg;
};

static void restore_free(struct restore *r)
{
    errands_forget(&r->ctx.errands);
    locate_cancel(r->locate);
    restore_out_clear(&r->out);
    unfold_free(r->unfold);
    tally_free(r->tally);
    share_reader_free(r->reader);
    restore_ctx_clear(&r->ctx);
    buf_clear(&r->target);
    buf_clear(&r->value);
    asked_paths_clear(&r->asked);
    bytes_wipe(&r->wanted, sizeof(r->wanted));
    secret_free(r);
}

static void finish(struct restore *r)
{
    struct restore_result result = r->out.result;
    restore_done_fn done = r->done;
    void *arg = r->arg;
    enum err err = r->ctx.err;
    char text[RESTORE_TEXT_MAX];

    if (err == OK && result.lost_files > 0) {
        err = ERR_ARTICLES_LOST;
    }
    if (err == OK && result.blocked_entries > 0 && r->run != RESTORE_COMPARE) {
        err = ERR_IN_THE_WAY;
    }
    if (r->tally != NULL) {
        result.needed_articles = tally_articles(r->tally);
        result.needed_bytes = tally_bytes(r->tally);
    }
    if (err == OK) {
        progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_DONE);
    }
    memcpy(text, r->ctx.text, sizeof(text));
    if (err == ERR_ARTICLES_LOST && text[0] == '\0' && result.lost_files > 0) {
        (void)snprintf(text, sizeof(text), "%llu files are lost, all others are restored",
            (unsigned long long)result.lost_files);
    }
    result.text = text;
    result.articles = r->ctx.progress.articles_fetched;
    result.bytes_fetched = r->ctx.progress.bytes_fetched;
    result.lost_segments = r->ctx.progress.segments_lost;
    result.repaired_segments = r->ctx.progress.segments_repaired;
    restore_free(r);
    done(arg, err, &result);
}

/* --- the steps --- */

static void on_located(void *arg, enum err err, struct found_head *found, const char *text)
{
    struct restore *r = arg;

    r->locate = NULL;
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, text);
        return;
    }
    r->out.result.version = found->n;
    err = share_reader_new(&r->ctx, found->payload, &r->reader);
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
        return;
    }
    r->state = RESTORE_CHECKING;
    progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_LIST);
    restore_ctx_wake(&r->ctx);
}

/* Look each path up before anything is written. */
static enum answer check_paths(struct restore *r, enum err *err)
{
    struct record record;
    enum answer answer = ANSWER_READY;

    while (r->next_check < r->asked.count && answer == ANSWER_READY) {
        answer = share_path_find(r->reader, r->asked.list[r->next_check], &r->value, &record, err);
        if (answer == ANSWER_READY) {
            r->next_check++;
            if (r->asked.count == 1 && record.type == RECORD_FILE) {
                r->ctx.progress.files_total = 1;
                r->ctx.progress.bytes_total = record.size;
                r->ctx.progress.totals_known = true;
            }
        }
    }
    return answer;
}

/* Hand out entries: to the writers, or with a tally only to be counted. */
static enum err unfold_start(struct restore *r, enum restore_state state)
{
    struct unfold_options options = {.reader = r->reader,
        .out = &r->out,
        .tally = r->tally,
        .dry = r->run == RESTORE_COMPARE ? UNFOLD_COMPARE : UNFOLD_COUNT,
        .paths = r->asked.list,
        .path_count = r->asked.count,
        .target = r->answer.target == WRITE_FRESH ? UNFOLD_FRESH : UNFOLD_USED};

    r->state = state;
    restore_ctx_wake(&r->ctx);
    return unfold_new(&options, &r->unfold);
}

static enum err real_start(struct restore *r)
{
    const struct progress *progress = &r->ctx.progress;

    r->ctx.claim = progress->totals_known ? progress->bytes_total : 0;
    progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_FETCH);
    return unfold_start(r, RESTORE_UNFOLDING);
}

/* May all of it fit? The head's total counts holes and what is there already: where it is too much,
 * the plan knows better. */
static enum err choose(struct restore *r)
{
    enum err err;

    if (r->run == RESTORE_REAL_RUN && share_reader_head(r->reader)->bytes <= r->answer.space) {
        return real_start(r);
    }
    err = tally_new(&r->ctx, r->reader, &r->tally);
    if (err != OK) {
        return err;
    }
    if (r->run != RESTORE_REAL_RUN) {
        if (r->run == RESTORE_COMPARE) {
            progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_COMPARE);
        }
        return unfold_start(r, RESTORE_UNFOLDING);
    }
    r->out.notes = OUT_NOTES_MAX; /* not twice */
    return unfold_start(r, RESTORE_PLANNING);
}

static void on_begun(void *arg, enum err err)
{
    struct restore *r = arg;

    if (err == OK) {
        err = choose(r);
    }
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
    }
}

static enum write_target_rule target_rule(const struct restore *r)
{
    switch (r->out.conflict) {
    case RESTORE_INTO_EMPTY:
        return WRITE_EMPTY_TARGET;
    case RESTORE_RESUME:
        return WRITE_OUR_TARGET;
    default:
        return WRITE_ANY_TARGET;
    }
}

/* Every path exists: look at the target. */
static enum err begin(struct restore *r)
{
    const struct head *head = share_reader_head(r->reader);
    struct progress *progress = &r->ctx.progress;
    struct write_request request = {.verb = WRITE_BEGIN,
        .path = buf_view(&r->target),
        .target = target_rule(r),
        .run = r->run == RESTORE_REAL_RUN ? WRITE_FOR_REAL : WRITE_LOOK_ONLY,
        .version = head->n,
        .answer = &r->answer};

    memcpy(r->out.ck, head->ck, sizeof(r->out.ck));
    memcpy(request.share, r->wanted.key.fingerprint, sizeof(request.share));
    if (r->asked.count == 0) {
        progress->files_total = head->files + head->others;
        progress->bytes_total = head->bytes;
        progress->totals_known = true;
    }
    r->state = RESTORE_BEGINNING;
    return write_submit(r->out.queue, &request, on_begun, r);
}

static void step_checking(struct restore *r)
{
    enum err err = OK;
    enum answer answer = check_paths(r, &err);

    if (answer == ANSWER_WAIT) {
        return;
    }
    if (answer == ANSWER_READY) {
        err = begin(r);
    }
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
    }
}

/* The plan is made: does it fit? Then begin in earnest, with nothing counted yet. */
static enum err planned(struct restore *r)
{
    uint64_t version = r->out.result.version;
    bool fits = tally_bytes(r->tally) <= r->answer.space;

    unfold_free(r->unfold);
    r->unfold = NULL;
    tally_free(r->tally);
    r->tally = NULL;
    r->out.result = (struct restore_result){.version = version};
    r->out.notes = 0;
    return fits ? real_start(r) : ERR_DISK_FULL;
}

static void step_planning(struct restore *r)
{
    enum err err = OK;

    if (unfold_step(r->unfold) == UNFOLD_ENDED) {
        err = planned(r);
    }
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
    }
}

static void step_unfolding(struct restore *r)
{
    if (unfold_step(r->unfold) == UNFOLD_ENDED) {
        r->state = RESTORE_ENDING;
        if (r->run != RESTORE_COMPARE) {
            progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_WRITE);
        }
        restore_ctx_wake(&r->ctx);
    }
}

static void on_closed(void *arg, enum err err)
{
    struct restore *r = arg;

    r->state = RESTORE_OVER;
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
    }
}

/* Everything is there or was reported: the marker goes, and the top is finished. */
static void step_ending(struct restore *r)
{
    const struct head *head = share_reader_head(r->reader);
    const struct restore_result *result = &r->out.result;
    struct write_request request = {.verb = WRITE_END, .end = WRITE_END_COMPLETE};
    enum err err;

    if (!restore_out_idle(&r->out)) {
        return;
    }
    if (r->run != RESTORE_REAL_RUN) {
        r->state = RESTORE_OVER;
        return;
    }
    if (result->lost_files > 0) {
        request.end = WRITE_END_LOSSY;
    } else if (result->blocked_entries > 0) {
        request.end = WRITE_END_BLOCKED;
    }
    if (r->asked.count == 0) {
        request.mode = head->root_mode;
        request.mtime_ns = head->root_mtime_ns;
    }
    r->state = RESTORE_CLOSING;
    err = write_submit(r->out.queue, &request, on_closed, r);
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
    }
}

static void step(struct restore *r)
{
    switch (r->state) {
    case RESTORE_CHECKING:
        step_checking(r);
        break;
    case RESTORE_PLANNING:
        step_planning(r);
        break;
    case RESTORE_UNFOLDING:
        step_unfolding(r);
        break;
    case RESTORE_ENDING:
        step_ending(r);
        break;
    case RESTORE_PEEKING:
    case RESTORE_LOCATING:
    case RESTORE_BEGINNING:
    case RESTORE_CLOSING:
    case RESTORE_OVER:
        break;
    }
}

/* Something happened: go on as far as it goes. */
static void pump(void *arg)
{
    struct restore *r = arg;

    if (r->ctx.err == OK) {
        step(r);
    }
    if (r->ctx.err != OK || r->state == RESTORE_OVER) {
        finish(r);
    }
}

static void on_peeked(void *arg, enum err err)
{
    struct restore *r = arg;

    if (err == OK && r->wanted.version == 0) {
        r->wanted.version = r->answer.version;
    }
    if (err == OK) {
        r->state = RESTORE_LOCATING;
        err = locate_start(&r->ctx, &r->wanted, on_located, r, &r->locate);
    }
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
    }
}

/* What was begun in the target goes on with the version it was begun with. */
static enum err peek(struct restore *r)
{
    struct write_request request = {
        .verb = WRITE_PEEK, .path = buf_view(&r->target), .answer = &r->answer};

    if (target_rule(r) == WRITE_ANY_TARGET) {
        r->state = RESTORE_LOCATING;
        return locate_start(&r->ctx, &r->wanted, on_located, r, &r->locate);
    }
    memcpy(request.share, r->wanted.key.fingerprint, sizeof(request.share));
    return write_submit(r->out.queue, &request, on_peeked, r);
}

/* --- the door --- */

enum err restore_start(
    const struct restore_options *options, restore_done_fn done, void *arg, struct restore **out)
{
    struct restore *r = secret_new(sizeof(*r));
    enum err err;

    if (r == NULL) {
        return ERR_NO_MEMORY;
    }
    r->wanted = (struct locate_options){options->key, options->version};
    r->run = options->dry_run;
    r->done = done;
    r->arg = arg;
    err = restore_ctx_init(&r->ctx, &options->env, pump, r);
    if (err == OK) {
        err = buf_append(&r->target, options->target);
    }
    if (err == OK) {
        err = restore_ctx_prefer(&r->ctx, options->target);
    }
    if (err == OK) {
        err = asked_paths_init(&r->asked, options->only, options->only_count);
    }
    if (err == OK) {
        err = restore_out_init(&r->out, &r->ctx);
    }
    if (err == OK) {
        r->out.conflict = options->conflict;
        progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_LOCATE);
        err = peek(r);
    }
    if (err != OK) {
        restore_free(r);
        return err;
    }
    *out = r;
    return OK;
}

void restore_set_window(struct restore *r, size_t bytes)
{
    r->ctx.env.window_bytes = bytes != 0 ? bytes : RESTORE_WINDOW_DEFAULT;
    if (r->unfold != NULL) {
        unfold_set_window(r->unfold, r->ctx.env.window_bytes);
    }
}

void restore_files(const struct restore *r, size_t limit, progress_file_fn each, void *arg)
{
    if (r->state == RESTORE_UNFOLDING || r->state == RESTORE_ENDING) {
        out_files_each(&r->out, limit, each, arg);
    }
}

void restore_cancel(struct restore *r)
{
    if (r != NULL) {
        restore_free(r);
    }
}
