/* A queue for each look, in the order of time, since all wait equally long for the same one. No
 * clock wakes this: questions go out behind an accepted article, when enough have come due. */
#include "flow/publish/early.h"

#include <stdlib.h>

#include "base/clock.h"
#include "flow/publish/replan.h"

enum {
    EARLY_MAX = 1 << 16,   /* articles that are waited for */
    EARLY_BATCH = 64,      /* questions that go out together */
    EARLY_MISSES = 2,      /* so often not there: lost */
    EARLY_WRITE_AT = 4096, /* places that are written down together */
    NS_IN_MS = 1000000,
};

static const uint64_t default_ages_ms[PUBLISH_CONFIRM_ROUNDS] = {5000, 60000, 900000};

/* An article that waits for its next look. */
struct waiting {
    struct list node; /* in a queue, or in `asked` */
    struct early *early;
    struct news_op *op; /* not NULL: asked for just now */
    uint64_t place;     /* volume << 32 | index */
    uint64_t posted;    /* ms */
    unsigned look;      /* the next one */
    unsigned misses;
    struct article_id id;
};

/* Places, in the order they came. */
struct places {
    uint64_t *at;
    size_t count, cap;
};

struct early {
    struct publish_ctx *ctx;
    early_volume_fn find;
    void *arg;
    struct list queues[PUBLISH_CONFIRM_ROUNDS];
    struct list asked;
    size_t count, asked_count;
    size_t accepted;    /* since the last batch */
    struct places seen; /* of volumes that nobody had in memory */
    struct places lost;
};

static uint64_t now_ms(void)
{
    return clock_mono_ns() / NS_IN_MS;
}

static bool add_place(struct places *places, uint64_t place)
{
    if (places->count == places->cap) {
        size_t cap = places->cap == 0 ? 256 : places->cap * 2;
        uint64_t *grown = realloc(places->at, cap * sizeof(*grown));

        if (grown == NULL) {
            return false;
        }
        places->at = grown;
        places->cap = cap;
    }
    places->at[places->count++] = place;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void forget(struct waiting *w)
{
    struct early *e = w->early;

    if (w->op != NULL) {
        news_cancel(w->op);
        e->asked_count--;
    }
    list_remove(&w->node);
    e->count--;
    free(w);
}

static void forget_all(struct list *list)
{
    LIST_EACH(node, after, list)
    {
        forget(LIST_ITEM(node, struct waiting, node));
    }
}

static void early_free(struct early *e)
{
    for (size_t i = 0; i < PUBLISH_CONFIRM_ROUNDS; i++) {
        forget_all(&e->queues[i]);
    }
    forget_all(&e->asked);
    free(e->seen.at);
    free(e->lost.at);
    free(e);
}

/* Write down what was seen of volumes that are not in memory. */
static enum err write_seen(struct early *e)
{
    size_t count = 0;
    enum err err = OK;

    for (size_t i = 0; i < e->seen.count; i++) { /* some may have come back */
        if (e->find == NULL || e->find(e->arg, (uint32_t)(e->seen.at[i] >> 32)) == NULL) {
            e->seen.at[count++] = e->seen.at[i];
        }
    }
    if (count > 0) {
        qsort(e->seen.at, count, sizeof(*e->seen.at), by_place);
        err = replan_seen(e->ctx, e->seen.at, count);
    }
    e->seen.count = 0;
    return err;
}

static void warn(const struct early *e, enum err err)
{
    if (err != OK) { /* it is asked again at the end */
        log_warn("publish", "what was seen early is not noted share=%lld err=%s",
            (long long)e->ctx->share.id, err_name(err));
    }
}

enum err early_end(struct early *e)
{
    enum err err = OK;

    if (e == NULL) {
        return OK;
    }
    e->find = NULL; /* nobody has any of them in memory */
    warn(e, write_seen(e));
    if (e->lost.count > 0) {
        progress_event(&e->ctx->o.sink, LOG_WARN,
            "%zu articles were missing twice soon after they were accepted; they are sent again",
            e->lost.count);
        qsort(e->lost.at, e->lost.count, sizeof(*e->lost.at), by_place);
        err = replan_lost(e->ctx, e->lost.at, e->lost.count);
    }
    early_free(e);
    return err;
}

void early_cancel(struct early *e)
{
    if (e != NULL) {
        e->find = NULL;
        warn(e, write_seen(e));
        early_free(e);
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static void seen(struct waiting *w)
{
    struct early *e = w->early;
    struct out_volume *volume = e->find(e->arg, (uint32_t)(w->place >> 32));
    uint32_t index = (uint32_t)w->place;

    if (volume == NULL) {
        (void)add_place(&e->seen, w->place);
    } else if (index < out_volume_count(volume) &&
               out_volume_state_of(volume, index) == STORE_ACCEPTED) {
        out_volume_set_state(volume, index, STORE_CONFIRMED);
    }
    e->ctx->progress.articles_confirmed++;
    progress_changed(&e->ctx->progress, &e->ctx->o.sink);
    forget(w);
    if (e->seen.count >= EARLY_WRITE_AT) {
        warn(e, write_seen(e));
    }
}

/* How long after it was accepted an article is looked for; 0: no more. */
static uint64_t age_ms(const struct early *e, unsigned look)
{
    const uint64_t *ages = e->ctx->o.early_ms[0] != 0 ? e->ctx->o.early_ms : default_ages_ms;

    return look < PUBLISH_CONFIRM_ROUNDS ? ages[look] : 0;
}

/* Not there, or nobody knows: another look, if there is one. */
static void not_seen(struct waiting *w)
{
    struct early *e = w->early;

    list_remove(&w->node);
    list_init(&w->node);
    if (w->misses >= EARLY_MISSES) {
        (void)add_place(&e->lost, w->place);
        forget(w);
    } else if (age_ms(e, ++w->look) != 0) {
        list_push(&e->queues[w->look], &w->node);
    } else {
        forget(w); /* for the end */
    }
}

static void on_answer(void *arg, const struct news_result *r)
{
    struct waiting *w = arg;
    struct early *e = w->early;

    w->op = NULL;
    e->asked_count--;
    if (r->err == OK) {
        seen(w);
    } else {
        w->misses += r->err == ERR_NO_ARTICLE && r->unsure == OK;
        log_info("publish", "not there yet volume=%u index=%u look=%u why=%s",
            (uint32_t)(w->place >> 32), (uint32_t)w->place, w->look, err_name(r->err));
        not_seen(w);
    }
}

/* --- looks ------------------------------------------------------------------------------------ */

/* The article that comes due next, of all queues; NULL: none waits. *due: when, ms. */
static struct waiting *soonest(struct early *e, uint64_t *due)
{
    struct waiting *found = NULL;

    for (size_t i = 0; i < PUBLISH_CONFIRM_ROUNDS; i++) {
        struct list *queue = &e->queues[i];
        struct waiting *w = list_empty(queue) ? NULL : LIST_ITEM(queue->next, struct waiting, node);

        if (w != NULL && (found == NULL || w->posted + age_ms(e, w->look) < *due)) {
            found = w;
            *due = w->posted + age_ms(e, w->look);
        }
    }
    return found;
}

/* How many are due, counted up to `most`. */
static size_t count_due(const struct early *e, uint64_t now, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < PUBLISH_CONFIRM_ROUNDS; i++) {
        const struct list *queue = &e->queues[i];

        for (struct list *node = queue->next; node != queue && count < most; node = node->next) {
            const struct waiting *w = LIST_ITEM(node, struct waiting, node);

            if (w->posted + age_ms(e, w->look) > now) {
                break;
            }
            count++;
        }
    }
    return count;
}

static void ask(struct waiting *w)
{
    struct early *e = w->early;

    list_remove(&w->node);
    list_push(&e->asked, &w->node);
    if (news_stat_start(e->ctx->o.news, &w->id, on_answer, w, &w->op) == OK) {
        e->asked_count++;
    } else {
        w->op = NULL;
        forget(w); /* for the end */
    }
}

/* One batch at a time, none before it is full, and each behind so many articles that were accepted
 * since the one before: there are never more questions than articles. */
static void pump(struct early *e)
{
    size_t batch = e->ctx->o.early_batch != 0 ? e->ctx->o.early_batch : EARLY_BATCH;
    uint64_t now = now_ms(), due;

    if (e->asked_count > 0 || e->accepted < batch || count_due(e, now, batch) < batch) {
        return;
    }
    e->accepted = 0;
    for (size_t i = 0; i < batch; i++) {
        ask(soonest(e, &due));
    }
}

void early_add(struct early *e, const struct out_volume *volume, uint32_t index)
{
    struct waiting *w = NULL;

    e->accepted++;
    if (volume->attempts[index] == 0 && e->count < EARLY_MAX) { /* others are looked into */
        w = calloc(1, sizeof(*w));
    }
    if (w == NULL || out_volume_article_id(volume, e->ctx->sealer, index, &w->id) != OK) {
        free(w);
        return;
    }
    w->early = e;
    w->place = (uint64_t)volume->number << 32 | index;
    w->posted = now_ms();
    list_push(&e->queues[0], &w->node);
    e->count++;
    pump(e);
}

enum err early_new(struct publish_ctx *ctx, early_volume_fn find, void *arg, struct early **early)
{
    struct early *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        return ERR_NO_MEMORY;
    }
    e->ctx = ctx;
    e->find = find;
    e->arg = arg;
    list_init(&e->asked);
    for (size_t i = 0; i < PUBLISH_CONFIRM_ROUNDS; i++) {
        list_init(&e->queues[i]);
    }
    *early = e;
    return OK;
}
