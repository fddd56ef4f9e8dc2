/* Threads that share out a list of tasks while the caller waits. For this room only. */
#ifndef FLOW_PAR2FILES_CREW_H
#define FLOW_PAR2FILES_CREW_H

#include <stddef.h>
#include <stdint.h>

#include "flow/par2files/par2files.h"
#include "io/loop/workers.h"

struct crew {
    struct loop *loop;
    struct workers *workers;
    unsigned threads;
    unsigned readers;        /* tasks that may read at a time */
    struct crew_task *tasks; /* of this run */
    size_t count;
    size_t running;
    size_t reading; /* of the running ones */
    size_t held;    /* the first task that may have to wait for a reader */
    struct progress progress;
    const struct progress_sink *sink;
};

/* `run` gets `arg` on some thread; when it is home, `bytes` more are done. The rest is the crew's.
 */
enum crew_kind { CREW_WORK, CREW_READ };

struct crew_task {
    loop_fn run;
    void *arg;
    uint64_t bytes;
    enum crew_kind kind; /* does it read input files? */
    struct work_job job;
    struct crew *crew;
};

/* A zeroed crew is idle and may be cleared. */
MUST_USE enum err crew_init(struct crew *crew, const struct par2files_place *place);
void crew_clear(struct crew *crew);

/* A phase starts, in which so many bytes will be done. */
void crew_phase(struct crew *crew, enum progress_phase phase, uint64_t bytes);

/* Run all tasks, the first ones first, and wait for the last. */
void crew_run(struct crew *crew, struct crew_task *tasks, size_t count);

/* A growing list of tasks. Zeroed is empty; free(list) frees it. */
struct crew_tasks {
    struct crew_task *list;
    size_t count;
    size_t room;
};

MUST_USE enum err crew_add(struct crew_tasks *tasks, const struct crew_task *task);

#endif
