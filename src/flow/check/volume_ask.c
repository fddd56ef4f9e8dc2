/* Two rounds over the articles of a volume; in each a pass for every server. */
#include "flow/check/volume_ask.h"

#include <stdlib.h>

#include "flow/restore/open_errand.h"

/* A question under way. */
struct question {
    struct list node;
    struct volume_ask *ask;
    struct news_op *op; /* NULL: a worker looks at what came */
    struct seal_place place;
    size_t server; /* of the list */
};

enum { ROUNDS = 2 };

struct volume_ask {
    struct restore_ctx *ctx;
    struct volume_info *volume;
    enum ask_way way;
    struct ask_servers *servers;
    unsigned round; /* ROUNDS: over */
    size_t server;  /* of the list: who is asked now */
    uint32_t next;  /* segment to ask for next */
    uint32_t count;
    struct list busy, idle; /* struct question */
    size_t busy_count;
    volume_ask_fn done;
    void *arg;
    uint8_t answers[]; /* enum ask_answer: `count` of each server */
};

void ask_servers_init(struct ask_servers *servers, const struct news *news)
{
    uint32_t bits = news_providers_for(news, NEWS_ROLE_CONFIRM);

    *servers = (struct ask_servers){.count = 0};
    for (size_t i = 0; i < ASK_SERVERS_MAX; i++) {
        if ((bits >> i & 1) != 0) {
            servers->at[servers->count++] = i;
        }
    }
}

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
    return a->round == ROUNDS;
}

enum ask_answer volume_ask_by(const struct volume_ask *a, size_t i, uint32_t index)
{
    return (enum ask_answer)a->answers[i * a->count + index];
}

enum ask_answer volume_ask_at(const struct volume_ask *a, uint32_t index)
{
    static const unsigned weight[] = {
        [ASK_NONE] = 0, [ASK_MISSING] = 1, [ASK_DAMAGED] = 2, [ASK_UNKNOWN] = 3, [ASK_THERE] = 4};
    enum ask_answer best = ASK_NONE;

    for (size_t i = 0; i < a->servers->count; i++) {
        enum ask_answer answer = volume_ask_by(a, i, index);

        best = weight[answer] > weight[best] ? answer : best;
    }
    return best;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void ask_more(struct volume_ask *a);

static bool all_away(const struct ask_servers *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        if (!servers->away[i]) {
            return false;
        }
    }
    return true;
}

/* Many questions that a server does not answer: it cannot be reached. */
static void count_silence(struct volume_ask *a, size_t server, enum err err, const char *text)
{
    struct ask_servers *servers = a->servers;

    if (++servers->silent[server] > ASK_SILENT_MAX) {
        servers->away[server] = true;
    }
    if (all_away(servers)) {
        restore_ctx_fail(a->ctx, err, text);
    }
}

/* Is this the last that is asked about the segment? */
static bool is_last(const struct volume_ask *a)
{
    return a->round + 1 == ROUNDS && a->server + 1 == a->servers->count;
}

static void note(struct volume_ask *a, const struct question *q, enum ask_answer answer)
{
    struct progress *progress = &a->ctx->progress;
    uint32_t index = q->place.index;
    bool was_there = volume_ask_at(a, index) == ASK_THERE;

    a->answers[q->server * a->count + index] = (uint8_t)answer;
    if (answer == ASK_THERE) {
        progress->articles_confirmed += !was_there;
    } else if (!was_there && is_last(a)) {
        progress->articles_missing += volume_ask_at(a, index) != ASK_UNKNOWN;
    } else {
        progress->retries++;
    }
    progress_changed(progress, &a->ctx->env.sink);
}

/* The answer to `q` is in. */
static void answered(struct question *q, enum err err, const char *text)
{
    struct volume_ask *a = q->ask;

    q->op = NULL;
    list_remove(&q->node);
    list_push(&a->idle, &q->node);
    a->busy_count--;
    if (err == OK) {
        note(a, q, ASK_THERE);
    } else if (err == ERR_NO_ARTICLE) {
        note(a, q, ASK_MISSING);
    } else if (err_kind(err) == KIND_CORRUPT) {
        note(a, q, ASK_DAMAGED);
    } else {
        note(a, q, ASK_UNKNOWN);
        count_silence(a, q->server, err, text);
        ask_more(a);
        return;
    }
    a->servers->silent[q->server] = 0;
    ask_more(a);
}

/* "Missing" is only what the server itself said no to. */
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
    struct news_question question = {
        .role = NEWS_ROLE_CONFIRM, .skip = ~(UINT32_C(1) << a->servers->at[a->server])};
    enum err err;

    if (q == NULL) {
        q = calloc(1, sizeof(*q));
    }
    if (q == NULL) {
        return ERR_NO_MEMORY;
    }
    q->ask = a;
    q->op = NULL;
    q->server = a->server;
    list_init(&q->node);
    list_push(&a->busy, &q->node);
    a->busy_count++;
    err = volume_info_place(a->volume, a->ctx->sealer, index, &q->place, &question.id);
    if (err != OK) {
        return err;
    }
    err = a->way == ASK_BY_NAME ? news_stat_by(a->ctx->env.news, &question, on_stat, q, &q->op)
                                : news_fetch_by(a->ctx->env.news, &question, on_body, q, &q->op);
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

/* Is the server asked for this segment? What others have need not be fetched; what is there need
 * not be asked for again. */
static bool wanted(const struct volume_ask *a, uint32_t index)
{
    if (a->servers->away[a->server]) {
        return false;
    }
    if (a->way == ASK_BY_CONTENTS && volume_ask_at(a, index) == ASK_THERE) {
        return false;
    }
    return a->round == 0 || volume_ask_by(a, a->server, index) != ASK_THERE;
}

/* Who is away was not asked: nobody knows. */
static void note_away(struct volume_ask *a)
{
    for (uint32_t i = 0; i < a->count && a->servers->away[a->server]; i++) {
        uint8_t *answer = &a->answers[a->server * a->count + i];

        *answer = *answer == ASK_NONE ? ASK_UNKNOWN : *answer;
    }
}

static void next_pass(struct volume_ask *a)
{
    note_away(a);
    a->next = 0;
    a->server++;
    if (a->server == a->servers->count) {
        a->server = 0;
        a->round++;
    }
}

/* Ask as much of this pass as there is room for. True: the pass is over. */
static bool ask_some(struct volume_ask *a)
{
    size_t most = width(a);
    enum err err = OK;

    while (a->ctx->err == OK && err == OK && a->busy_count < most && a->next < a->count) {
        uint32_t index = a->next++;

        err = wanted(a, index) ? ask(a, index) : OK;
    }
    if (err != OK) {
        restore_ctx_fail(a->ctx, err, NULL);
    }
    return a->ctx->err == OK && a->next == a->count && a->busy_count == 0;
}

static void ask_more(struct volume_ask *a)
{
    while (a->round < ROUNDS && ask_some(a)) {
        next_pass(a);
        if (a->round == ROUNDS) {
            a->done(a->arg);
            return;
        }
    }
}

enum err volume_ask_start(struct restore_ctx *ctx, const struct volume_ask_options *options,
    volume_ask_fn done, void *arg, struct volume_ask **out)
{
    uint32_t count = options->volume->k + options->volume->m;
    size_t servers = options->servers->count;
    struct volume_ask *a = servers > 0 ? calloc(1, sizeof(*a) + count * servers) : NULL;

    if (a == NULL) {
        return servers > 0 ? ERR_NO_MEMORY : ERR_NO_PROVIDER;
    }
    a->ctx = ctx;
    a->volume = volume_info_keep(options->volume);
    a->way = options->way;
    a->servers = options->servers;
    a->count = count;
    list_init(&a->busy);
    list_init(&a->idle);
    a->done = done;
    a->arg = arg;
    *out = a;
    ask_more(a);
    return OK;
}
