/* The conductor of a restore: the only file that knows the order of its steps. */
#include "flow/restore/restore.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/locate.h"
#include "flow/restore/share_path.h"
#include "flow/restore/unfold.h"

/* What we wait for. */
enum restore_state {
    RESTORE_LOCATING,  /* the head */
    RESTORE_CHECKING,  /* the tree's word that every path asked for exists */
    RESTORE_BEGINNING, /* the writers: is the target fit? */
    RESTORE_UNFOLDING, /* the tree, segments, writes: entry after entry is handed out */
    RESTORE_ENDING,    /* the last writes */
};

struct restore {
    struct restore_ctx ctx;
    enum restore_state state;
    uint64_t version;
    struct buf target;
    struct buf texts;    /* holds the paths */
    struct bytes *paths; /* clean, none inside another */
    size_t path_count;
    size_t next_check;
    struct buf value; /* of a look-up */
    struct locate *locate;
    struct share_reader *reader;
    struct restore_out out;
    struct unfold *unfold;
    restore_done_fn done;
    void *arg;
};

static void restore_free(struct restore *r)
{
    errands_forget(&r->ctx.errands);
    locate_cancel(r->locate);
    restore_out_clear(&r->out);
    unfold_free(r->unfold);
    share_reader_free(r->reader);
    restore_ctx_clear(&r->ctx);
    buf_clear(&r->target);
    buf_clear(&r->texts);
    buf_clear(&r->value);
    free(r->paths);
    free(r);
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
    if (err == OK) {
        progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_DONE);
    }
    memcpy(text, r->ctx.text, sizeof(text));
    result.text = text;
    result.articles = r->ctx.progress.articles_fetched;
    result.bytes_fetched = r->ctx.progress.bytes_fetched;
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

    while (r->next_check < r->path_count && answer == ANSWER_READY) {
        answer = share_path_find(r->reader, r->paths[r->next_check], &r->value, &record, err);
        if (answer == ANSWER_READY) {
            r->next_check++;
            if (r->path_count == 1 && record.type == RECORD_FILE) {
                r->ctx.progress.files_total = 1;
                r->ctx.progress.bytes_total = record.size;
                r->ctx.progress.totals_known = true;
            }
        }
    }
    return answer;
}

static void on_begun(void *arg, enum err err)
{
    struct restore *r = arg;
    struct unfold_options options = {r->reader, &r->out, r->paths, r->path_count};

    if (err == OK) {
        err = unfold_new(&options, &r->unfold);
    }
    if (err != OK) {
        restore_ctx_fail(&r->ctx, err, NULL);
        return;
    }
    r->state = RESTORE_UNFOLDING;
    progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_FETCH);
    restore_ctx_wake(&r->ctx);
}

/* Every path exists: look at the target. */
static enum err begin(struct restore *r)
{
    const struct head *head = share_reader_head(r->reader);
    struct progress *progress = &r->ctx.progress;
    struct write_request request = {.verb = WRITE_BEGIN, .path = buf_view(&r->target)};

    memcpy(r->out.ck, head->ck, sizeof(r->out.ck));
    request.target = r->out.conflict == OUT_REPLACE_NOTHING ? WRITE_EMPTY_TARGET : WRITE_ANY_TARGET;
    if (r->path_count == 0) {
        progress->files_total = head->files + head->others;
        progress->bytes_total = head->bytes;
        progress->totals_known = true;
    }
    if (r->out.conflict == OUT_REPLACE_NOTHING) {
        request.size = progress->bytes_total; /* what is there already needs no space */
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

static void step_unfolding(struct restore *r)
{
    if (unfold_step(r->unfold) == UNFOLD_ENDED) {
        r->state = RESTORE_ENDING;
        progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_WRITE);
        restore_ctx_wake(&r->ctx);
    }
}

/* Something happened: go on as far as it goes. */
static void pump(void *arg)
{
    struct restore *r = arg;

    if (r->ctx.err == OK) {
        switch (r->state) {
        case RESTORE_CHECKING:
            step_checking(r);
            break;
        case RESTORE_UNFOLDING:
            step_unfolding(r);
            break;
        case RESTORE_LOCATING:
        case RESTORE_BEGINNING:
        case RESTORE_ENDING:
            break;
        }
    }
    if (r->ctx.err != OK || (r->state == RESTORE_ENDING && restore_out_idle(&r->out))) {
        finish(r);
    }
}

/* --- the door --- */

/* Copy the paths asked for in their clean form. The top among them means everything. */
static enum err copy_paths(struct restore *r, const struct restore_options *options)
{
    struct buf one = {0};
    size_t *ends = calloc(options->only_count + 1, sizeof(*ends));
    enum err err = ends == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < options->only_count && err == OK; i++) {
        one.len = 0;
        err = share_path_clean(options->only[i], &one);
        if (err == OK) {
            err = buf_append(&r->texts, buf_view(&one));
        }
        ends[i + 1] = r->texts.len;
    }
    r->paths = calloc(options->only_count + 1, sizeof(*r->paths));
    if (err == OK && r->paths == NULL) {
        err = ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < options->only_count && err == OK; i++) {
        r->paths[i] = r->texts.len == 0 ? bytes_str("")
                                        : bytes_at(r->texts.ptr + ends[i], ends[i + 1] - ends[i]);
    }
    r->path_count = options->only_count;
    buf_clear(&one);
    free(ends);
    return err;
}

/* Is path i inside another one, or the same as an earlier one? */
static bool is_covered(const struct restore *r, size_t i)
{
    for (size_t k = 0; k < r->path_count; k++) {
        if (k == i || !share_path_inside(r->paths[i], r->paths[k])) {
            continue;
        }
        if (k < i || r->paths[k].len < r->paths[i].len) {
            return true;
        }
    }
    return false;
}

static void drop_covered(struct restore *r)
{
    size_t i = 0;

    while (i < r->path_count) {
        if (is_covered(r, i)) {
            r->paths[i] = r->paths[--r->path_count];
        } else {
            i++;
        }
    }
    if (r->path_count == 1 && r->paths[0].len == 0) {
        r->path_count = 0;
    }
}

enum err restore_start(
    const struct restore_options *options, restore_done_fn done, void *arg, struct restore **out)
{
    struct restore *r = calloc(1, sizeof(*r));
    struct locate_options wanted = {options->key, options->version};
    enum err err;

    if (r == NULL) {
        return ERR_NO_MEMORY;
    }
    r->done = done;
    r->arg = arg;
    err = restore_ctx_init(&r->ctx, &options->env, pump, r);
    if (err == OK) {
        err = buf_append(&r->target, options->target);
    }
    if (err == OK) {
        err = copy_paths(r, options);
    }
    if (err == OK) {
        drop_covered(r);
        err = restore_out_init(&r->out, &r->ctx);
    }
    if (err == OK) {
        r->out.conflict =
            options->conflict == RESTORE_KEEP_EXISTING ? OUT_KEEP_EXISTING : OUT_REPLACE_NOTHING;
        progress_enter(&r->ctx.progress, &r->ctx.env.sink, PROGRESS_LOCATE);
        err = locate_start(&r->ctx, &wanted, on_located, r, &r->locate);
    }
    if (err != OK) {
        restore_free(r);
        return err;
    }
    *out = r;
    return OK;
}

void restore_cancel(struct restore *r)
{
    if (r != NULL) {
        restore_free(r);
    }
}
