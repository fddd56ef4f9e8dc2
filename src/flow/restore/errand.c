/* A worker and a cancelling flow may meet: one atomic word decides which of them clears up. */
#include "flow/restore/errand.h"

#include <stdlib.h>

#include "io/loop/loop_local.h"

enum errand_phase { ERRAND_OUT, ERRAND_FINISHED, ERRAND_FORGOTTEN };

/* The empty shells of errands that were forgotten while a worker had them. They go when they come
 * home; if their pool ends before that, when the loop ends. */
struct shells {
    struct loop_local local;
    struct list list;
};

static const char shells_key;

static void shells_free(struct loop_local *local)
{
    struct shells *shells = (struct shells *)(void *)local;

    LIST_EACH(node, after, &shells->list)
    {
        free(LIST_ITEM(node, struct errand, node));
    }
    free(shells);
}

static void shell_keep(struct loop *loop, struct errand *e)
{
    struct shells *shells = (struct shells *)(void *)loop_local_get(loop, &shells_key);

    if (shells == NULL) {
        shells = calloc(1, sizeof(*shells));
        if (shells == NULL) {
            return; /* it goes when it comes home */
        }
        shells->local.key = &shells_key;
        shells->local.free = shells_free;
        list_init(&shells->list);
        loop_local_put(loop, &shells->local);
    }
    list_push(&shells->list, &e->node);
}

void errands_init(struct errands *errands, struct loop *loop, struct workers *workers)
{
    errands->loop = loop;
    errands->workers = workers;
    list_init(&errands->out);
}

static void on_worker(void *arg)
{
    struct errand *e = arg;

    e->run(e);
    if (atomic_exchange(&e->phase, ERRAND_FINISHED) == ERRAND_FORGOTTEN) {
        e->clear(e);
    }
}

static void on_home(void *arg)
{
    struct errand *e = arg;

    list_remove(&e->node);
    if (e->owner == NULL) {
        free(e); /* cleared already */
        return;
    }
    e->done(e);
}

void errand_submit(struct errands *errands, struct errand *e)
{
    e->owner = errands;
    atomic_store(&e->phase, ERRAND_OUT);
    list_push(&errands->out, &e->node);
    e->work.run = on_worker;
    e->work.done = on_home;
    e->work.arg = e;
    workers_submit(errands->workers, &e->work);
}

void errand_free(struct errand *e)
{
    e->clear(e);
    free(e);
}

void errands_forget(struct errands *errands)
{
    struct list *node;

    while ((node = list_take(&errands->out)) != NULL) {
        struct errand *e = LIST_ITEM(node, struct errand, node);

        e->owner = NULL;
        if (workers_recall(&e->work)) {
            errand_free(e);
            continue;
        }
        shell_keep(errands->loop, e);
        if (atomic_exchange(&e->phase, ERRAND_FORGOTTEN) == ERRAND_FINISHED) {
            e->clear(e);
        }
    }
}
