/* A pool of threads for work that computes or blocks: reading, sealing, encoding. A worker touches
 * only its job; the loop's thread owns everything else. */
#ifndef IO_LOOP_WORKERS_H
#define IO_LOOP_WORKERS_H

#include <stdbool.h>

#include "base/list.h"
#include "io/loop/loop.h"

struct workers;

/* A job lies inside the caller's structure. Zeroed is idle. `run` is called on a worker thread,
 * then `done` on the home loop's thread of the pool; between submit and done the job belongs to the
 * pool. */
struct work_job {
    struct list node;
    loop_fn run;
    loop_fn done;
    void *arg;
    struct loop_task task; /* the pool's own: the way home */
    struct workers *pool;  /* the pool's own */
    int state;             /* the pool's own */
};

enum { WORKERS_MAX = 64 };

/* Start `threads` (at least 1) threads whose jobs come home to `home`. */
MUST_USE enum err workers_new(struct loop *home, unsigned threads, struct workers **pool);

/* Wait for the running jobs, drop the queued ones without calling `done`, end the threads.
 * Home loop's thread only; no `done` runs after it. */
void workers_free(struct workers *pool);

/* Use so many threads (1 to WORKERS_MAX) from now on: more are started, those too many rest when
 * they are done with what they have. ERR_SYSTEM: as many are used
 * as could be started. Home loop's thread only. */
MUST_USE enum err workers_use(struct workers *pool, unsigned threads);

/* Let the threads be so much nicer (0 to 19, nice(2)) than the home loop's. New ones take over; the
 * others leave when they are through with the job they have. ERR_SYSTEM: none could be started, all
 * is as it was. Home loop's thread only. */
MUST_USE enum err workers_nice(struct workers *pool, int nice);

/* How many threads are used now. Home loop's thread only. */
unsigned workers_used(struct workers *pool);

/* Queue `job` (run, done and arg are set). First in, first out. Cannot fail. Home loop's thread
 * only. */
void workers_submit(struct workers *pool, struct work_job *job);

/* Take back a job, while its pool lives. True: it is idle (again) and `done` will not run. False: a
 * worker has it, or had it; `done` will run. Home loop's thread only. */
bool workers_recall(struct work_job *job);

/* Wait until every job so far has been run; their `done` wait in the home loop's mailbox then. For
 * taking things apart after flows were cancelled: turn the loop once more, and whatever workers
 * held has freed itself. Blocks. Home loop's thread only. */
void workers_settle(struct workers *pool);

#endif
