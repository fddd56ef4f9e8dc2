/* The event loop's face: one loop belongs to one thread; other threads reach it only through
 * loop_post(). */
#ifndef IO_LOOP_LOOP_H
#define IO_LOOP_LOOP_H

#include <stdint.h>

#include "base/err.h"
#include "base/list.h"

struct loop;

typedef void (*loop_fn)(void *arg);

/* Make a loop. The caller frees it with loop_free() after loop_run() has returned and everything
 * that was made on it is gone. */
MUST_USE enum err loop_new(struct loop **loop);
void loop_free(struct loop *loop);

/* Run callbacks on this thread until loop_stop(). */
void loop_run(struct loop *loop);

/* Make loop_run() return soon. From any thread. */
void loop_stop(struct loop *loop);

/* Run the loop on a thread of its own, named `name` (at most 15 characters). loop_thread_join()
 * stops the loop and waits for the thread. */
MUST_USE enum err loop_thread_start(struct loop *loop, const char *name);
void loop_thread_join(struct loop *loop);

/* The uv_loop_t behind it, for libraries that bring their own libuv glue (libwebsockets). */
void *loop_uv(struct loop *loop);

/* Work for another thread's loop. It lies inside the caller's own structure, so that posting cannot
 * fail; it must not be posted again before it has run. Zeroed is idle. */
struct loop_task {
    struct list node;
    loop_fn fn;
    void *arg;
    int queued; /* the loop's own: is it in a mailbox? */
};

/* Run fn(arg) on the loop's thread, soon, in the order of posting; never inside this call.
 * From any thread. */
void loop_post(struct loop *loop, struct loop_task *task, loop_fn fn, void *arg);

/* Take back a task that was posted and has not run. Only on the loop's own thread.
 * A task that is not queued is left alone. */
void loop_unpost(struct loop *loop, struct loop_task *task);

/* A timer: fn(arg) runs once, `ms` after loop_timer_set(); setting it again moves it. Loop thread
 * only. loop_timer_free(NULL) is allowed; after it, fn never runs. */
struct loop_timer;
MUST_USE enum err loop_timer_new(
    struct loop *loop, loop_fn fn, void *arg, struct loop_timer **timer);
void loop_timer_set(struct loop_timer *timer, uint64_t ms);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/* Call fn(arg) on the loop's thread at each arrival of the signal `number`, until
 * loop_signal_free(). */
struct loop_signal;
MUST_USE enum err loop_signal_new(
    struct loop *loop, int number, loop_fn fn, void *arg, struct loop_signal **signal);
void loop_signal_free(struct loop_signal *signal);

#endif
