/* Errands: jobs for workers that a flow may forget at any time. What an errand holds is let go of
 * exactly once, by whoever has it last: the flow, or the worker that finds itself forgotten. */
#ifndef FLOW_RESTORE_ERRAND_H
#define FLOW_RESTORE_ERRAND_H

#include <stdatomic.h>

#include "io/loop/workers.h"

/* The errands of one flow that are out. */
struct errands {
    struct loop *loop;
    struct workers *workers;
    struct list out;
};

struct errand;
typedef void (*errand_fn)(struct errand *errand);

/* The first member of a heap structure. Set run, done and clear; the rest is private. */
struct errand {
    struct work_job work;
    errand_fn run;   /* on a worker */
    errand_fn done;  /* on the loop's thread: the errand is yours again, errand_free() it */
    errand_fn clear; /* free what the structure holds, not itself; on any thread */
    struct list node;
    struct errands *owner; /* NULL: forgotten */
    atomic_int phase;
};

/* `loop` is the home of `workers`. */
void errands_init(struct errands *errands, struct loop *loop, struct workers *workers);

/* Give `errand` to a worker. */
void errand_submit(struct errands *errands, struct errand *errand);

/* Clear and free an errand that is not out. */
void errand_free(struct errand *errand);

/* Forget all that are out: no done runs any more, and what they hold is freed at the latest when
 * their worker is through with them. */
void errands_forget(struct errands *errands);

#endif
