/* Two rounds over the articles of a volume. */
#include "flow/check/volume_ask.h"

#include <stdlib.h>

#include "flow/restore/open_errand.h"

/* A question under way. */
struct question {
    struct list node;
    struct volume_ask *ask;
    struct news_op *op; /* NULL: a worker looks at what came */
    struct seal_place place;
};

struct volume_ask {
    struct restore_ctx *ctx;
    struct volume_info *volume;
    enum ask_way way;
    unsigned *silent;
    enum { ROUND_ALL, ROUND_AGAIN, ROUNDS_OVER } round;
    uint32_t next; /* segment to ask for next in this round */
    uint32_t count;
    struct list busy, idle; /* struct question */
    size_t busy_count;
    volume_ask_fn done;
    void *arg;
    uint8_t answers[]; /* enum ask_answer, `count` of them */
};

static void questions_free(struct list *list)
{
    LIST_EACH(node, after, list)
    {
        struct question *q = LIST_ITEM(node, struct question, node);

        if (q->op != NULL) {
            news_cancel(q->op);
        }
        free(q);
    }
}

void volume_ask_free(struct volume_ask *a)
{
    if (a == NULL) {
        return;
    }
    questions_free(&a->busy);
    questions_free(&a->idle);
    volume_info_drop(a->volume);
    free(a);
}

bool volume_ask_is_done(const struct volume_ask *a)
{
    return a->round == ROUNDS_OVER;
}

enum ask_answer volume_ask_at(const struct volume_ask *a, uint32_t index)
{
    return (enum ask_answer)a->answers[index];
}

/* --- answers ---------------------------------------------------------------------------------- */

static void ask_more(struct volume_ask *a);

/* Many questions that nobody answers: the servers cannot be reached. */
static void count_silence(struct volume_ask *a, enum err err, const char *text)
{
    if (++*a->silent > VOLUME_ASK_SILENT_MAX) {
        restore_ctx_fail(a->ctx, err, text);
    }
}

static void note(struct volume_ask *a, uint32_t index, enum ask_answer answer)
{
    struct progress *progress = &a->ctx->progress;

    a->answers[index] = (uint8_t)answer;
    if (answer == ASK_THERE) {
        progress->articles_confirmed++;
    } else if (a->round == ROUND_AGAIN) {
        progress->articles_missing += answer != ASK_UNKNOWN;
    } else {
        progress->retries++;
    }
    progress_changed(progress, &a->ctx->env.sink);
}

/* The answer to `q` is in. */
static void answered(struct question *q, enum err err, const char *text)
{
    struct volume_ask *a = q->ask;
    uint32_t index = q->place.index;

    q->op = NULL;
    list_remove(&q->node);
    list_push(&a->idle, &q->node);
    a->busy_count--;
    if (err == OK) {
        note(a, index, ASK_THERE);
    } else if (err == ERR_NO_ARTICLE) {
        note(a, index, ASK_MISSING);
    } else if (err_kind(err) == KIND_CORRUPT) {
        note(a, index, ASK_DAMAGED);
    } else {
        note(a, index, ASK_UNKNOWN);
        count_silence(a, err, text);
        ask_more(a);
        return;
    }
    *a->silent = 0;
    ask_more(a);
}

/* "Missing" is only what all have said no to. */
static enum err sure(const struct news_result *result)
{
    return result->err == ERR_NO_ARTICLE && result->unsure != OK ? result->unsure : result->err;
}

static void on_stat(void *arg, const struct news_result *result)
{
    answered(arg, sure(result), result->text);
}

/* What is wrong with this machine says nothing about the article. */
static void on_opened(void *arg, enum err err, struct held *payload)
{
    struct question *q = arg;

    held_drop(payload);
    if (err != OK && err_kind(err) != KIND_CORRUPT) {
        restore_ctx_fail(q->ask->ctx, err, NULL);
    }
    q->ask->ctx->progress.articles_fetched += err == OK;
    answered(q, err, "");
}

static void on_body(void *arg, const struct news_result *result, struct buf *body)
{
    struct question *q = arg;
    struct volume_ask *a = q->ask;
    struct open_article article = {
        .keys = &a->volume->keys,
        .place = &q->place,
        .kind = q->place.index < a->volume->k ? SEAL_KIND_DATA : SEAL_KIND_PARITY,
        .wire = body,
    };
    enum err err;

    q->op = NULL;
    if (result->err != OK) {
        answered(q, sure(result), result->text);
        return;
    }
    a->ctx->progress.bytes_fetched += body->len;
    err = open_errand_start(a->ctx, &article, on_opened, q);
    if (err != OK) {
        restore_ctx_fail(a->ctx, err, NULL);
    }
}

/* --- questions -------------------------------------------------------------------------------- */

static enum err ask(struct volume_ask *a, uint32_t index)
{
    struct list *node = list_take(&a->idle);
    struct question *q = node != NULL ? LIST_ITEM(node, struct question, node) : NULL;
    struct article_id id;
    enum err err;

    if (q == NULL) {
        q = calloc(1, sizeof(*q));
    }
    if (q == NULL) {
        return ERR_NO_MEMORY;
    }
    q->ask = a;
    q->op = NULL;
    list_init(&q->node);
    list_push(&a->busy, &q->node);
    a->busy_count++;
    err = volume_info_place(a->volume, a->ctx->sealer, index, &q->place, &id);
    if (err != OK) {
        return err;
    }
    err = a->way == ASK_BY_NAME ? news_stat_start(a->ctx->env.news, &id, on_stat, q, &q->op)
                                : news_fetch_start(a->ctx->env.news, &id, on_body, q, &q->op);
    return err == ERR_BAD_REQUEST ? ERR_BAD_FORMAT : err; /* no such id may be asked for */
}

/* Articles and what becomes of them are some memory each. */
static size_t width(const struct volume_ask *a)
{
    size_t fetches = news_fetch_width(a->ctx->env.news);
    size_t room = a->ctx->env.window_bytes / (3 * (size_t)SEGMENT_LEN) + 1;

    if (a->way == ASK_BY_NAME) {
        return news_stat_width(a->ctx->env.news);
    }
    return fetches < room ? fetches : room;
}

/* The next segment that this round asks for; a->count: none. */
static uint32_t next_wanted(struct volume_ask *a)
{
    while (a->next < a->count && a->round == ROUND_AGAIN && a->answers[a->next] == ASK_THERE) {
        a->next++;
    }
    return a->next;
}

static void ask_more(struct volume_ask *a)
{
    size_t most = width(a);
    enum err err = OK;

    while (a->ctx->err == OK && err == OK && a->busy_count < most && next_wanted(a) < a->count) {
        err = ask(a, a->next++);
    }
    if (err != OK) {
        restore_ctx_fail(a->ctx, err, NULL);
    }
    if (a->ctx->err != OK || a->busy_count > 0 || a->round == ROUNDS_OVER) {
        return;
    }
    a->next = 0;
    a->round = a->round == ROUND_ALL ? ROUND_AGAIN : ROUNDS_OVER;
    if (a->round == ROUND_AGAIN && next_wanted(a) < a->count) {
        ask_more(a);
        return;
    }
    a->round = ROUNDS_OVER;
    a->done(a->arg);
}

enum err volume_ask_start(struct restore_ctx *ctx, const struct volume_ask_options *options,
    volume_ask_fn done, void *arg, struct volume_ask **out)
{
    uint32_t count = options->volume->k + options->volume->m;
    struct volume_ask *a = calloc(1, sizeof(*a) + count);

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    a->ctx = ctx;
    a->volume = volume_info_keep(options->volume);
    a->way = options->way;
    a->silent = options->silent;
    a->count = count;
    list_init(&a->busy);
    list_init(&a->idle);
    a->done = done;
    a->arg = arg;
    *out = a;
    ask_more(a);
    return OK;
}
