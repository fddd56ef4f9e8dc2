/* The loop itself: its mailbox, its thread, its end. libuv turns; we only hand over. */
#include "io/loop/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "base/log.h"
#include "io/loop/loop_local.h"

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    struct list locals;
    atomic_int stopping;
    int threaded;
    pthread_t thread;
    char name[16];

    pthread_mutex_t lock; /* guards what follows, and each task's `queued` and `node` */
    struct list mailbox;  /* posted; a wake is under way when it is not empty */
    struct list ready;    /* taken out by the loop's thread, about to run */
};

/* Tasks run in rounds: what a task posts waits for the next round, so that I/O gets its turn. */
static void run_mail(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    while (!list_empty(&loop->mailbox)) {
        list_push(&loop->ready, list_take(&loop->mailbox));
    }
    while (!list_empty(&loop->ready)) {
        struct loop_task *task = LIST_ITEM(list_take(&loop->ready), struct loop_task, node);
        loop_fn fn = task->fn;
        void *arg = task->arg;

        task->queued = 0;
        pthread_mutex_unlock(&loop->lock);
        fn(arg); /* may free the task */
        pthread_mutex_lock(&loop->lock);
    }
    pthread_mutex_unlock(&loop->lock);
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;

    run_mail(loop);
    if (atomic_exchange(&loop->stopping, 0)) {
        uv_stop(&loop->uv);
    }
}

enum err loop_new(struct loop **out)
{
    struct loop *loop = calloc(1, sizeof(*loop));

    if (loop == NULL) {
        return ERR_NO_MEMORY;
    }
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return ERR_TOO_MANY_FILES; /* epoll and event descriptors are all it needs */
    }
    if (uv_async_init(&loop->uv, &loop->wake, on_wake) != 0) {
        (void)uv_loop_close(&loop->uv);
        free(loop);
        return ERR_TOO_MANY_FILES;
    }
    loop->wake.data = loop;
    list_init(&loop->locals);
    list_init(&loop->mailbox);
    list_init(&loop->ready);
    pthread_mutex_init(&loop->lock, NULL);
    *out = loop;
    return OK;
}

/* A handle that nobody closed is our own mistake. It must not keep loop_free() waiting. */
static void on_left_over(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle)) {
        log_error("loop", "left open at the end: kind=%s", uv_handle_type_name(handle->type));
        uv_unref(handle);
    }
}

static void free_locals(struct loop *loop)
{
    struct list *node;

    while ((node = list_take(&loop->locals)) != NULL) {
        struct loop_local *local = LIST_ITEM(node, struct loop_local, node);

        local->free(local);
    }
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    free_locals(loop);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_walk(&loop->uv, on_left_over, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* until every closed handle and look-up has ended */
    if (uv_loop_close(&loop->uv) != 0) {
        return; /* its memory is still referred to: better lost than used twice */
    }
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stopping, 1);
    uv_async_send(&loop->wake);
}

static void *thread_main(void *arg)
{
    struct loop *loop = arg;

    (void)pthread_setname_np(pthread_self(), loop->name);
    loop_run(loop);
    return NULL;
}

enum err loop_thread_start(struct loop *loop, const char *name)
{
    size_t i;

    for (i = 0; i + 1 < sizeof(loop->name) && name[i] != '\0'; i++) {
        loop->name[i] = name[i];
    }
    loop->name[i] = '\0';
    if (pthread_create(&loop->thread, NULL, thread_main, loop) != 0) {
        return ERR_SYSTEM;
    }
    loop->threaded = 1;
    return OK;
}

void loop_thread_join(struct loop *loop)
{
    if (!loop->threaded) {
        return;
    }
    loop_stop(loop);
    pthread_join(loop->thread, NULL);
    loop->threaded = 0;
}

void *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

/* The wake is sent under the lock: a task that lets the loop be freed cannot run before we are
 * done with it. */
void loop_post(struct loop *loop, struct loop_task *task, loop_fn fn, void *arg)
{
    pthread_mutex_lock(&loop->lock);
    if (list_empty(&loop->mailbox)) {
        uv_async_send(&loop->wake);
    }
    task->fn = fn;
    task->arg = arg;
    task->queued = 1;
    list_push(&loop->mailbox, &task->node);
    pthread_mutex_unlock(&loop->lock);
}

void loop_unpost(struct loop *loop, struct loop_task *task)
{
    pthread_mutex_lock(&loop->lock);
    if (task->queued) {
        list_remove(&task->node);
        task->queued = 0;
    }
    pthread_mutex_unlock(&loop->lock);
}

struct loop_local *loop_local_get(struct loop *loop, const void *key)
{
    LIST_EACH(node, after, &loop->locals)
    {
        struct loop_local *local = LIST_ITEM(node, struct loop_local, node);

        if (local->key == key) {
            return local;
        }
    }
    return NULL;
}

void loop_local_put(struct loop *loop, struct loop_local *local)
{
    list_push(&loop->locals, &local->node);
}
