/* The table: who is pinned, whose place may be taken, and whose turn it is to be fetched. */
#include "flow/restore/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/open_errand.h"

enum { FETCHES_MAX = 2 }; /* times an article is asked for until it counts as lost */

struct arrival {
    struct list node; /* in idle, or in the table's list of pinned ones */
    struct arrivals *table;
    struct volume_info *volume;
    struct seal_place place;
    struct article_id id;
    enum arrival_state state;
    unsigned pins;
    unsigned fetches;
    struct list turn;     /* in `queue` while ARRIVAL_QUEUED */
    struct news_op *op;   /* only while ARRIVAL_FETCHING */
    struct held *payload; /* only when ARRIVAL_HERE */
    struct list waiters;
};

struct arrivals {
    struct restore_ctx *ctx;
    size_t slots;
    size_t count;    /* of arrivals in both lists; at most `slots` */
    size_t fetching; /* of ARRIVAL_FETCHING */
    struct list pinned;
    struct list idle;  /* not pinned, the longest unused first */
    struct list queue; /* ARRIVAL_QUEUED, in the order they were wanted */
    enum { NOBODY_REFUSED, SOMEBODY_REFUSED } room; /* who is to be woken by a free place? */
};

static void fetch_more(struct arrivals *t);

enum err arrivals_new(struct restore_ctx *ctx, size_t slots, struct arrivals **out)
{
    struct arrivals *t = calloc(1, sizeof(*t));

    if (t == NULL) {
        return ERR_NO_MEMORY;
    }
    t->ctx = ctx;
    t->slots = slots < 2 ? 2 : slots;
    list_init(&t->pinned);
    list_init(&t->idle);
    list_init(&t->queue);
    *out = t;
    return OK;
}

static void arrival_free(struct arrival *a)
{
    list_remove(&a->node);
    list_remove(&a->turn);
    if (a->op != NULL) {
        news_cancel(a->op);
        a->table->fetching--;
    }
    a->table->count--;
    held_drop(a->payload);
    volume_info_drop(a->volume);
    free(a);
}

static void free_all(struct list *list)
{
    LIST_EACH(node, after, list)
    {
        arrival_free(LIST_ITEM(node, struct arrival, node));
    }
}

void arrivals_free(struct arrivals *t)
{
    if (t == NULL) {
        return;
    }
    free_all(&t->pinned);
    free_all(&t->idle);
    free(t);
}

/* Somebody may be waiting for this, or for a free place. */
static void settle(struct arrival *a, enum arrival_state state)
{
    struct list *node;

    a->state = state;
    while ((node = list_take(&a->waiters)) != NULL) {
        struct arrival_waiter *w = LIST_ITEM(node, struct arrival_waiter, node);

        w->fn(w->arg);
    }
    restore_ctx_wake(a->table->ctx);
}

/* This segment is gone from the servers, and with it, for now, what lies in it. The volume's
 * parity is what can bring it back: repair begins here. */
static void give_up(struct arrival *a)
{
    settle(a, ARRIVAL_LOST);
}

/* The article did not come, or not whole: once more, then it counts as lost. */
static void fetch_failed(struct arrival *a)
{
    if (a->fetches >= FETCHES_MAX) {
        give_up(a);
        return;
    }
    a->table->ctx->progress.retries++;
    a->state = ARRIVAL_QUEUED;
    list_push_front(&a->table->queue, &a->turn);
}

static void on_opened(void *arg, enum err err, struct held *payload)
{
    struct arrival *a = arg;
    struct arrivals *t = a->table;

    if (err == OK) {
        t->ctx->progress.articles_fetched++;
        a->payload = payload;
        settle(a, ARRIVAL_HERE);
    } else if (err_kind(err) == KIND_CORRUPT) {
        fetch_failed(a);
    } else {
        restore_ctx_fail(t->ctx, err, NULL);
    }
    progress_changed(&t->ctx->progress, &t->ctx->env.sink);
    fetch_more(t);
}

static void on_body(void *arg, const struct news_result *result, struct buf *body)
{
    struct arrival *a = arg;
    struct arrivals *t = a->table;
    struct open_article article = {&a->volume->keys, &a->place, body};
    enum err err;

    a->op = NULL;
    t->fetching--;
    t->ctx->progress.bytes_fetched += body->len;
    if (result->err == OK) {
        a->state = ARRIVAL_OPENING;
        err = open_errand_start(t->ctx, &article, on_opened, a);
        if (err != OK) {
            restore_ctx_fail(t->ctx, err, NULL);
        }
    } else if (result->err == ERR_NO_ARTICLE || err_kind(result->err) == KIND_CORRUPT) {
        fetch_failed(a);
    } else {
        restore_ctx_fail(t->ctx, result->err, result->text);
    }
    fetch_more(t);
}

/* Keep the news servers busy. */
static void fetch_more(struct arrivals *t)
{
    size_t width = news_fetch_width(t->ctx->env.news);
    struct list *node;

    while (t->ctx->err == OK && t->fetching < width && (node = list_take(&t->queue)) != NULL) {
        struct arrival *a = LIST_ITEM(node, struct arrival, turn);
        enum err err = news_fetch_start(t->ctx->env.news, &a->id, on_body, a, &a->op);

        if (err != OK) { /* an id that nobody may be asked for comes from a share that is wrong */
            restore_ctx_fail(t->ctx, err == ERR_BAD_REQUEST ? ERR_BAD_FORMAT : err, NULL);
            return;
        }
        a->state = ARRIVAL_FETCHING;
        a->fetches++;
        t->fetching++;
    }
}

static struct arrival *known_in(struct list *list, uint32_t volume, uint32_t index)
{
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what arrival_free() frees has left its list */
    LIST_EACH(node, after, list)
    {
        struct arrival *a = LIST_ITEM(node, struct arrival, node);

        if (a->place.index == index && a->volume->number == volume) {
            return a;
        }
    }
    return NULL;
}

/* See that there is a place for one more, at the cost of one that nobody has use for. */
static bool make_room(struct arrivals *t)
{
    struct list *node = t->idle.next;
    struct arrival *a;

    if (t->count < t->slots) {
        return true;
    }
    for (; node != &t->idle; node = node->next) {
        a = LIST_ITEM(node, struct arrival, node);
        if (a->state == ARRIVAL_HERE || a->state == ARRIVAL_LOST) {
            break;
        }
    }
    if (node == &t->idle) {
        return false;
    }
    arrival_free(LIST_ITEM(node, struct arrival, node));
    return true;
}

static enum err arrival_new(
    struct arrivals *t, struct volume_info *volume, uint32_t index, struct arrival **out)
{
    struct arrival *a = calloc(1, sizeof(*a));
    enum err err;

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    err = volume_info_place(volume, t->ctx->sealer, index, &a->place, &a->id);
    if (err != OK) {
        free(a);
        return err;
    }
    a->table = t;
    a->volume = volume_info_keep(volume);
    list_init(&a->waiters);
    list_init(&a->node);
    list_push(&t->queue, &a->turn);
    t->count++;
    *out = a;
    return OK;
}

enum err arrivals_pin(
    struct arrivals *t, struct volume_info *volume, uint32_t index, struct arrival **out)
{
    struct arrival *a = known_in(&t->pinned, volume->number, index);
    enum err err;

    *out = NULL;
    if (index >= volume->k) {
        return ERR_BAD_FORMAT; /* only data segments are asked for */
    }
    if (a == NULL) {
        a = known_in(&t->idle, volume->number, index);
    }
    if (a == NULL) {
        if (!make_room(t)) {
            t->room = SOMEBODY_REFUSED;
            return OK;
        }
        err = arrival_new(t, volume, index, &a);
        if (err != OK) {
            return err;
        }
    }
    a->pins++;
    list_remove(&a->node);
    list_push(&t->pinned, &a->node);
    *out = a;
    fetch_more(t);
    return OK;
}

static void let_go(struct arrival *a)
{
    if (--a->pins == 0) {
        list_remove(&a->node);
        list_push(&a->table->idle, &a->node);
    }
}

enum err arrivals_pin_two(
    struct arrivals *t, struct volume_info *volume, const uint32_t index[2], struct arrival *out[2])
{
    enum err err = arrivals_pin(t, volume, index[0], &out[0]);

    out[1] = NULL;
    if (err == OK && out[0] != NULL) {
        err = arrivals_pin(t, volume, index[1], &out[1]);
    }
    if (out[0] != NULL && out[1] == NULL) {
        let_go(out[0]); /* wakes nobody: nothing has become free that was not */
        out[0] = NULL;
    }
    return err;
}

void arrival_unpin(struct arrival *a)
{
    struct arrivals *t;

    if (a == NULL) {
        return;
    }
    t = a->table;
    let_go(a);
    if (t->room == SOMEBODY_REFUSED) {
        t->room = NOBODY_REFUSED;
        restore_ctx_wake(t->ctx);
    }
}

enum arrival_state arrival_state(const struct arrival *a)
{
    return a->state;
}

struct held *arrival_payload(const struct arrival *a)
{
    return a->payload;
}

void arrival_wait(struct arrival *a, struct arrival_waiter *waiter)
{
    list_push(&a->waiters, &waiter->node);
}
