/* One question: fetch the article, let a worker judge it. What is not right is fetched once more:
 * it may have been damaged on its way. */
#include "flow/restore/head_find.h"

#include <stdlib.h>
#include <string.h>

enum { FETCHES_MAX = 2 };

struct head_find {
    struct restore_ctx *ctx;
    const struct head_keys *keys;
    struct seal_slot slot;
    struct article_id id;
    unsigned fetches;   /* so far */
    struct news_op *op; /* the fetch under way, or NULL */
    head_find_fn done;
    void *arg;
};

struct judge_errand {
    struct errand errand;
    struct head_find *find;
    struct openers *openers;
    struct head_keys keys;
    struct seal_slot slot;
    struct buf wire;
    struct found_head found;
    enum err err;
};

static void judge_run(struct errand *errand)
{
    struct judge_errand *j = (struct judge_errand *)(void *)errand;
    struct sealer *sealer = NULL;

    j->err = openers_borrow(j->openers, &sealer);
    if (j->err != OK) {
        return;
    }
    j->err = head_judge(sealer, &j->keys, &j->slot, buf_view(&j->wire), &j->found);
    openers_return(j->openers, sealer);
}

static void judge_clear(struct errand *errand)
{
    struct judge_errand *j = (struct judge_errand *)(void *)errand;

    openers_drop(j->openers);
    buf_clear(&j->wire);
    held_drop(j->found.payload);
    bytes_wipe(&j->keys, sizeof(j->keys));
}

static void find_finish(
    struct head_find *f, enum err err, struct found_head *found, const char *text)
{
    head_find_fn done = f->done;
    void *arg = f->arg;
    struct seal_slot slot = f->slot;

    free(f);
    done(arg, &slot, err, found, text);
}

static void on_body(void *arg, const struct news_result *result, struct buf *body);

static enum err fetch(struct head_find *f)
{
    f->fetches++;
    return news_fetch_start(f->ctx->env.news, &f->id, on_body, f, &f->op);
}

/* Something else than a head that is right has come: once more, or that is what lies there. */
static void came_wrong(struct head_find *f, enum err err)
{
    if (err_kind(err) == KIND_CORRUPT && f->fetches < FETCHES_MAX) {
        err = fetch(f);
        if (err == OK) {
            return;
        }
        f->op = NULL;
    }
    find_finish(f, err, NULL, "");
}

static void judge_done(struct errand *errand)
{
    struct judge_errand *j = (struct judge_errand *)(void *)errand;
    struct head_find *f = j->find;
    struct found_head found = j->found;
    enum err err = j->err;

    j->found.payload = NULL;
    errand_free(errand);
    if (err == OK) {
        find_finish(f, OK, &found, "");
    } else {
        came_wrong(f, err);
    }
}

static void on_body(void *arg, const struct news_result *result, struct buf *body)
{
    struct head_find *f = arg;
    struct judge_errand *j;

    f->op = NULL;
    if (result->err == ERR_NO_ARTICLE) {
        restore_ctx_missing(f->ctx, result);
    }
    if (err_kind(result->err) == KIND_CORRUPT) {
        came_wrong(f, result->err);
        return;
    }
    if (result->err != OK) {
        find_finish(f, result->err, NULL, result->text);
        return;
    }
    f->ctx->progress.bytes_fetched += body->len;
    j = calloc(1, sizeof(*j));
    if (j == NULL) {
        find_finish(f, ERR_NO_MEMORY, NULL, "");
        return;
    }
    j->errand = (struct errand){.run = judge_run, .done = judge_done, .clear = judge_clear};
    j->find = f;
    j->openers = openers_keep(f->ctx->openers);
    j->keys = *f->keys;
    j->slot = f->slot;
    j->wire = *body;
    *body = (struct buf){0};
    errand_submit(&f->ctx->errands, &j->errand);
}

enum err head_find_start(struct restore_ctx *ctx, const struct head_question *question,
    head_find_fn done, void *arg, struct head_find **out)
{
    struct seal_names names;
    struct head_find *f = calloc(1, sizeof(*f));
    enum err err;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    *f = (struct head_find){
        .ctx = ctx, .keys = question->keys, .slot = question->slot, .done = done, .arg = arg};
    err = seal_head_names(ctx->sealer, &f->keys->read, &f->slot, &names);
    if (err == OK) {
        f->id = names.id;
        err = fetch(f);
    }
    if (err != OK) {
        free(f);
        return err;
    }
    *out = f;
    return OK;
}

void head_find_cancel(struct head_find *f)
{
    if (f == NULL) {
        return;
    }
    if (f->op != NULL) {
        news_cancel(f->op);
    }
    free(f);
}
