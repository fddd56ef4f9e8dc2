/* Calls whose work would block the loop (folders, estimates): done on a few threads of their own,
 * so that a disk that does not answer keeps neither the loop nor the flows' workers waiting. */
#ifndef APP_CONTROL_CLERK_H
#define APP_CONTROL_CLERK_H

#include <stdatomic.h>

#include "app/control/control_own.h"

enum { CLERK_THREADS = 2 };

/* Lies at the front of the verb's own structure, zeroed. */
struct clerk_work {
    struct work_job job;
    struct list node;          /* in control->errands */
    struct control *control;   /* clerk_start()'s */
    struct control_call *call; /* NULL: nobody asks, or not any more */
    atomic_bool gone;          /* the same, for `run` to look at */
    /* On a clerk's thread; touches only this work, the store and the disk. */
    void (*run)(struct clerk_work *work);
    /* At home, with work->call still there: clerk_again() for another run, or clerk_end() and then
     * answer the call. */
    void (*home)(struct clerk_work *work);
    /* Free the work; from clerk_end(), or when the asker has gone. */
    void (*free)(struct clerk_work *work);
};

/* Take the work over and begin. run, home and free are set. */
void clerk_start(struct control_call *call, struct clerk_work *work);

/* The same for work that nobody waits for: it is run, then freed; `home` is not used. */
void clerk_send(struct control *control, struct clerk_work *work);

/* From `home`: run it once more. */
void clerk_again(struct clerk_work *work);

/* From `home`: the work is freed. The call is the verb's again, to be answered. */
void clerk_end(struct clerk_work *work);

/* The same, and end the call with an error; `text` is the sentence, "": the error's own. */
void clerk_fail(struct clerk_work *work, enum err err, const char *text);

/* Begin and end of the threads. */
MUST_USE enum err clerks_new(struct control *control);
void clerks_free(struct control *control);

#endif
