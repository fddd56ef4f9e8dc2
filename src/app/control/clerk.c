/* The clerks. */
#include "app/control/clerk.h"

static void drop(struct clerk_work *work)
{
    list_remove(&work->node);
    work->free(work);
}

static void on_run(void *arg)
{
    struct clerk_work *work = arg;

    if (!atomic_load(&work->gone)) {
        work->run(work);
    }
}

static void on_home(void *arg)
{
    struct clerk_work *work = arg;

    if (work->call == NULL) {
        drop(work);
    } else {
        work->home(work);
    }
}

static void on_cancel(struct control_call *call)
{
    struct clerk_work *work = call->work;

    work->call = NULL;
    atomic_store(&work->gone, true);
    if (workers_recall(&work->job)) {
        drop(work);
    }
}

void clerk_send(struct control *control, struct clerk_work *work)
{
    work->control = control;
    list_push(&control->errands, &work->node);
    work->job = (struct work_job){.run = on_run, .done = on_home, .arg = work};
    workers_submit(control->clerks, &work->job);
}

void clerk_start(struct control_call *call, struct clerk_work *work)
{
    work->call = call;
    call->work = work;
    call->cancel = on_cancel;
    clerk_send(call->control, work);
}

void clerk_again(struct clerk_work *work)
{
    workers_submit(work->control->clerks, &work->job);
}

void clerk_end(struct clerk_work *work)
{
    work->call->work = NULL;
    work->call->cancel = NULL;
    drop(work);
}

void clerk_fail(struct clerk_work *work, enum err err, const char *text)
{
    struct control_call *call = work->call;
    struct buf copy = {0};
    enum err copied = buf_append_str(&copy, text);

    if (copied == OK) {
        copied = buf_append_byte(&copy, '\0');
    }
    clerk_end(work);
    if (copied == OK && copy.len > 1) {
        control_fail(call, err, "%s", (const char *)copy.ptr);
    } else {
        control_fail(call, err, NULL);
    }
    buf_clear(&copy);
}

enum err clerks_new(struct control *control)
{
    return workers_new(control->loop, CLERK_THREADS, &control->clerks);
}

void clerks_free(struct control *control)
{
    workers_free(control->clerks); /* those that run end first: their askers have gone */
    control->clerks = NULL;
    LIST_EACH(node, after, &control->errands)
    {
        drop(LIST_ITEM(node, struct clerk_work, node));
    }
}
