/* What a user can ask for: shares, restores, jobs, news servers. Knows no transport: app/web
 * carries its calls (control_call.h). Everything runs on the home loop's thread. */
#ifndef APP_CONTROL_CONTROL_H
#define APP_CONTROL_CONTROL_H

#include "app/control/control_waits.h"
#include "io/loop/loop.h"
#include "io/store/store.h"

enum { CONTROL_JOBS_AT_ONCE = 2, CONTROL_JOBS_MAX = 8 };

/* The catalogue's file in the state folder. */
#define CONTROL_CATALOGUE "catalogue.db"

struct control_options {
    struct loop *loop; /* home: jobs, calls, timers */
    struct loop *net;  /* where the news connections live; may be the same */
    struct store *store;
    const char *home;   /* the user's own folder, absolute; NULL: "/" */
    const char *state;  /* the state folder, absolute; passwords go to secrets/ below it */
    const char *helper; /* of restores (flow/restore restore.h); outlives it */
    unsigned threads;   /* workers, at least 1 */
    const struct control_waits *waits; /* NULL: the defaults */
    loop_fn on_stop;                   /* somebody asked the daemon to end */
    void *arg;                         /* of on_stop */
};

struct control;

/* Set up the news servers from the catalogue, queue again what was running, start what is queued.
 * Options are copied; loop, net and store must outlive it. */
MUST_USE enum err control_new(const struct control_options *options, struct control **control);

/* Where the web page is, to be told by the status; "" when it is switched off. Copied. */
void control_set_page(struct control *control, const char *address);

/* Stop running jobs so that the next start takes them up again, and write down where they are. The
 * loop should turn a moment before control_free(): what workers have in hand then comes home. */
void control_stop(struct control *control);

/* Stop as above, end every call without an answer, free. NULL is allowed. */
void control_free(struct control *control);

#endif
