/* A worker and a cancelling flow may meet: one atomic word decides which of them clears up. */
#include "flow/restore/errand.h"

#include <stdlib.h>

enum errand_phase { ERRAND_OUT, ERRAND_FINISHED, ERRAND_FORGOTTEN };

void errands_init(struct errands *errands, struct workers *workers)
{
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

    if (e->owner == NULL) {
        free(e); /* cleared already */
        return;
    }
    list_remove(&e->node);
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
        } else if (atomic_exchange(&e->phase, ERRAND_FORGOTTEN) == ERRAND_FINISHED) {
            e->clear(e);
        }
    }
}
