/* The inside of the room: what its verbs and jobs share. Nobody outside includes this. */
#ifndef APP_CONTROL_CONTROL_OWN_H
#define APP_CONTROL_CONTROL_OWN_H

#include <stdbool.h>

#include "app/control/control.h"
#include "app/control/control_call.h"
#include "app/control/control_waits.h"
#include "codec/seal/seal_keys.h"
#include "io/loop/workers.h"
#include "io/news/news.h"

struct control {
    struct loop *loop, *net;
    struct store *store;
    struct news *news;
    struct workers *workers;
    unsigned threads; /* of them, while the settings say nothing */
    struct control_waits waits;
    struct sealer *sealer;
    char *state;
    char *home;         /* the user's own folder */
    const char *helper; /* the program of restores' helpers */
    unsigned jobs_at_once;
    int64_t
        interrupted[CONTROL_JOBS_MAX]; /* jobs that ran when the last daemon ended, go on first */
    size_t interrupted_at, interrupted_count;
    loop_fn on_stop;
    void *stop_arg;
    struct list calls; /* struct control_call, unanswered */
    struct list jobs;  /* struct job, under way */
    char **servers;    /* names, in the order the pool has them; server_count of them */
    uint64_t *spent;   /* of each, as the catalogue has it */
    size_t server_count;
    uint32_t servers_paused; /* a bit each */

    struct settings *settings;
    struct {
        uint64_t shares, jobs, servers; /* so often: who watches asks for the list again */
    } changed;
    struct limits *limits;
    struct rates *rates;
    struct workers *clerks; /* for what blocks and belongs to no job: clerk.h */
    struct list errands;    /* struct clerk_work */
    struct folder_cache *folders;
    struct link_sessions *sessions;
    struct live *live;
    struct care *care;       /* of published shares */
    struct check *check;     /* of the catalogue, while it runs */
    bool damaged;            /* it found that the catalogue is */
    struct loop_timer *pump; /* starts queued jobs */
    int64_t started;         /* unix seconds */
    char page[300];          /* the web page's address; "": none */
};

/* A request under way. A verb answers at once or sets `cancel` and answers later. */
struct control_call {
    struct list node;
    struct control *control;
    void (*run)(struct control_call *call);
    void (*cancel)(struct control_call *call); /* give up and free `work`; NULL: nothing to do */
    void *work;                                /* the verb's own */
    bool confined; /* the asker may name paths within the allowed roots only */
    json_t *args;  /* an object: the request's, with the words of its path */
    struct control_reply reply;
    struct loop_task task;
};

/* Send one row; takes it over. NULL (no memory for it) is left out. */
void control_row(struct control_call *call, json_t *row);

/* End the call with an answer, which is taken over. The call is gone. */
void control_answer(struct control_call *call, json_t *answer);

/* The same; the answer names a job that has begun and does the rest. */
void control_answer_job(struct control_call *call, json_t *answer);

/* End the call after its rows. The call is gone. */
void control_end(struct control_call *call);

/* End the call with an error. NULL `format`: the error's own sentence. The call is gone. */
void control_fail(struct control_call *call, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
