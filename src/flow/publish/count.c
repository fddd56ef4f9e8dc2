/* With millions of entries this takes seconds, in which the loop has others to serve. */
#include "flow/publish/count.h"

#include <stdlib.h>

struct count {
    struct work_job job;
    struct store *store;
    int64_t share;
    struct store_totals found; /* out */
    enum err err;              /* out */
    struct store_totals *totals;
    publish_step_fn done; /* NULL: nobody waits any more */
    void *arg;
};

static void run(void *arg)
{
    struct count *count = arg;

    count->err = store_entry_totals(count->store, count->share, &count->found);
}

static void on_counted(void *arg)
{
    struct count *count = arg;
    publish_step_fn done = count->done;
    void *done_arg = count->arg;
    enum err err = count->err;

    if (done != NULL && err == OK) {
        *count->totals = count->found;
    }
    free(count);
    if (done != NULL) {
        done(done_arg, err);
    }
}

enum err count_start(struct publish_ctx *ctx, struct store_totals *totals, publish_step_fn done,
    void *arg, struct count **out)
{
    struct count *count = calloc(1, sizeof(*count));

    if (count == NULL) {
        return ERR_NO_MEMORY;
    }
    count->store = ctx->o.store;
    count->share = ctx->share.id;
    count->totals = totals;
    count->done = done;
    count->arg = arg;
    count->job = (struct work_job){.run = run, .done = on_counted, .arg = count};
    *out = count;
    workers_submit(ctx->o.workers, &count->job);
    return OK;
}

void count_cancel(struct count *count)
{
    if (count == NULL) {
        return;
    }
    count->done = NULL;
    if (workers_recall(&count->job)) {
        free(count);
    }
}
