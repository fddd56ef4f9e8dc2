/* The table: who is pinned, whose place may be taken, and who brings it: the fetcher, or the repair
 * of a volume that lost segments. */
#include "flow/restore/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/repairs.h"

struct arrival {
    struct list node; /* in idle, or in the table's list of pinned ones */
    struct arrivals *table;
    struct volume_info *volume;
    uint32_t index;
    enum arrival_state state;
    unsigned pins;
    struct fetch *fetch;     /* NULL: it is here, lost, or the repair's affair */
    struct repair_want want; /* of the volume's repair, if there is one */
    struct held *payload;    /* only when ARRIVAL_HERE */
    struct list waiters;
};

struct arrivals {
    struct restore_ctx *ctx;
    size_t slots;
    size_t count; /* of arrivals in both lists; no new one at `slots` or more */
    struct list pinned;
    struct list idle;                               /* not pinned, the longest unused first */
    enum { NOBODY_REFUSED, SOMEBODY_REFUSED } room; /* who is to be woken by a free place? */
};

void arrivals_set_slots(struct arrivals *t, size_t slots)
{
    t->slots = slots < 2 ? 2 : slots;
}

enum err arrivals_new(struct restore_ctx *ctx, size_t slots, struct arrivals **out)
{
    struct arrivals *t = calloc(1, sizeof(*t));

    if (t == NULL) {
        return ERR_NO_MEMORY;
    }
    t->ctx = ctx;
    arrivals_set_slots(t, slots);
    list_init(&t->pinned);
    list_init(&t->idle);
    *out = t;
    return OK;
}

static void arrival_free(struct arrival *a)
{
    list_remove(&a->node);
    list_remove(&a->want.node);
    fetch_cancel(a->fetch);
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

/* The volume is in repair: it knows best who is to bring this one. */
static void join(struct arrival *a, struct volume_repair *repair)
{
    struct fetch *fetch = a->fetch;

    list_remove(&a->want.node);
    if (a->state == ARRIVAL_LOST) {
        return;
    }
    if (a->state == ARRIVAL_HERE) {
        a->want.payload = a->payload;
        volume_repair_lend(repair, &a->want);
        return;
    }
    a->fetch = NULL;
    if (volume_repair_want(repair, &a->want, fetch) == REPAIR_NEVER) {
        settle(a, ARRIVAL_LOST);
    }
}

static void join_list(struct list *list, uint32_t volume, struct volume_repair *repair)
{
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what arrival_free() frees has left its list */
    LIST_EACH(node, after, list)
    {
        struct arrival *a = LIST_ITEM(node, struct arrival, node);

        if (a->volume->number == volume) {
            join(a, repair);
        }
    }
}

/* All that is wanted of the volume goes by way of its repair, which is new: it has nothing to tell
 * anybody yet, so the lists stay as they are meanwhile. */
static void join_all(struct arrivals *t, uint32_t volume, struct volume_repair *repair)
{
    join_list(&t->pinned, volume, repair);
    join_list(&t->idle, volume, repair);
}

/* This segment is gone from the servers. The volume's parity is what can bring it back. */
static void lost(struct arrival *a)
{
    struct arrivals *t = a->table;
    struct volume_repair *repair;
    enum err err = repairs_begin(t->ctx->repairs, a->volume, a->index, &repair);

    if (err != OK) {
        restore_ctx_fail(t->ctx, err, NULL);
    } else if (repair == NULL && restore_ctx_lost(t->ctx)) {
        settle(a, ARRIVAL_LOST);
    } else if (repair != NULL) {
        join_all(t, a->volume->number, repair);
    }
}

static void on_repaired(void *arg, enum err err, struct held *payload)
{
    struct arrival *a = arg;

    a->payload = payload;
    settle(a, err == OK ? ARRIVAL_HERE : ARRIVAL_LOST);
}

static void on_fetched(void *arg, const struct fetched *got)
{
    struct arrival *a = arg;

    a->fetch = NULL;
    if (got->err != OK) {
        lost(a);
        return;
    }
    a->payload = got->payload;
    settle(a, ARRIVAL_HERE);
}

static struct arrival *known_in(struct list *list, uint32_t volume, uint32_t index)
{
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what arrival_free() frees has left its list */
    LIST_EACH(node, after, list)
    {
        struct arrival *a = LIST_ITEM(node, struct arrival, node);

        if (a->index == index && a->volume->number == volume) {
            return a;
        }
    }
    return NULL;
}

/* The first in the table that nobody has use for, NULL: none. */
static struct arrival *unused(const struct arrivals *t)
{
    for (struct list *node = t->idle.next; node != &t->idle; node = node->next) {
        struct arrival *a = LIST_ITEM(node, struct arrival, node);

        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what was freed has left its list */
        if (a->state == ARRIVAL_HERE || a->state == ARRIVAL_LOST) {
            return a;
        }
    }
    return NULL;
}

/* See that there is a place for one more, at the cost of those that nobody has use for. */
static bool make_room(struct arrivals *t)
{
    while (t->count >= t->slots) {
        struct arrival *a = unused(t);

        if (a == NULL) {
            return false;
        }
        arrival_free(a);
    }
    return true;
}

/* Let it come. */
static enum err begin(struct arrival *a)
{
    struct restore_ctx *ctx = a->table->ctx;
    struct volume_repair *repair = repairs_find(ctx->repairs, a->volume);
    struct fetch_want want = {a->volume, a->index, on_fetched, a};
    enum err err = OK;

    if (repair == NULL) {
        err = repairs_watch(ctx->repairs, a->volume, &repair);
        if (err == OK && repair != NULL) {
            join_all(a->table, a->volume->number, repair);
        }
    }
    if (err == OK && repair != NULL) {
        join(a, repair);
        return OK;
    }
    return err == OK ? fetch_start(ctx->fetcher, &want, &a->fetch) : err;
}

static enum err arrival_new(
    struct arrivals *t, struct volume_info *volume, uint32_t index, struct arrival **out)
{
    struct arrival *a = calloc(1, sizeof(*a));
    enum err err;

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    a->table = t;
    a->volume = volume_info_keep(volume);
    a->index = index;
    a->want.index = index;
    a->want.fn = on_repaired;
    a->want.arg = a;
    list_init(&a->want.node);
    list_init(&a->waiters);
    list_init(&a->node);
    t->count++;
    err = begin(a);
    if (err != OK) {
        arrival_free(a);
        return err;
    }
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
