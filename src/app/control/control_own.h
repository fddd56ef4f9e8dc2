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

/* One row of the table of verbs: `path` may hold words like ":job" that become arguments. */
struct control_verb {
    const char *name;
    const char *method;
    const char *path;
    void (*run)(struct control_call *call);
};

/* The verb for method and path, its words put into `args`. NULL: none. */
const struct control_verb *control_verb_find(const char *method, const char *path, json_t *args);

void verb_version(struct control_call *call);
void verb_status(struct control_call *call);
void verb_stop(struct control_call *call);
void verb_share(struct control_call *call);
void verb_shares(struct control_call *call);
void verb_share_one(struct control_call *call);
void verb_share_change(struct control_call *call);
void verb_share_publish(struct control_call *call);
void verb_share_health(struct control_call *call);
void verb_share_entries(struct control_call *call);
void verb_share_forget(struct control_call *call);
void verb_link(struct control_call *call);
void verb_link_entries(struct control_call *call);
void verb_get(struct control_call *call);
void verb_ls(struct control_call *call);
void verb_check(struct control_call *call);
void verb_export(struct control_call *call);
void verb_versions(struct control_call *call);
void verb_adopt(struct control_call *call);
void verb_jobs(struct control_call *call);
void verb_job(struct control_call *call);
void verb_logs(struct control_call *call);
void verb_pause(struct control_call *call);
void verb_resume(struct control_call *call);
void verb_cancel(struct control_call *call);
void verb_retry(struct control_call *call);
void verb_priority(struct control_call *call);
void verb_move(struct control_call *call);
void verb_job_forget(struct control_call *call);
void verb_queue_pause(struct control_call *call);
void verb_queue_resume(struct control_call *call);
void verb_queue_cancel(struct control_call *call);
void verb_queue_retry(struct control_call *call);
void verb_queue_forget(struct control_call *call);
void verb_events(struct control_call *call);
void verb_support(struct control_call *call);
void verb_settings(struct control_call *call);
void verb_settings_change(struct control_call *call);
void verb_rates(struct control_call *call);
void verb_roots(struct control_call *call);
void verb_folders(struct control_call *call);
void verb_folder_create(struct control_call *call);
void verb_preview(struct control_call *call);
void verb_estimate(struct control_call *call);
void verb_server_add(struct control_call *call);
void verb_server_list(struct control_call *call);
void verb_server_test(struct control_call *call);
void verb_server_try(struct control_call *call);
void verb_server_one(struct control_call *call);
void verb_server_change(struct control_call *call);
void verb_server_pause(struct control_call *call);
void verb_server_resume(struct control_call *call);
void verb_server_remove(struct control_call *call);

#endif
