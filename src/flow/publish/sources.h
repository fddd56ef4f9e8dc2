/* The files of one sending: which is read next, and what becomes of each: sent, tried again, or
 * left out. */
#ifndef FLOW_PUBLISH_SOURCES_H
#define FLOW_PUBLISH_SOURCES_H

#include "flow/publish/flush.h"
#include "io/store/store_unsent.h"

struct sources_plan;

struct sources {
    struct publish_ctx *ctx;
    struct flush *flush; /* the sender's; where complete files go */
    struct publish_paths paths;
    struct list planned; /* to read */
    size_t planned_count;
    struct list retry;         /* changed while they were read: once more, at the end */
    struct list alive;         /* being read, or read and not safe yet */
    size_t count;              /* in all three */
    struct store_unsent at;    /* behind this, planning goes on */
    struct sources_plan *plan; /* a worker looks for more; or NULL */
    bool plan_void;            /* what it finds may be out of date */
    enum err plan_err;
    void (*on_planned)(void *arg);
    void *arg;
};

/* `on_planned(arg)` is called when a worker has found more files, or their end, or failed. */
MUST_USE enum err sources_init(
    struct sources *sources, struct publish_ctx *ctx, void (*on_planned)(void *arg), void *arg);
void sources_clear(struct sources *sources);

/* The next planned file, begun; NULL when there is none, or none for now. */
MUST_USE enum err sources_next(struct sources *sources, struct source **next);

/* Once all planned ones are read: the next that has to be read again, begun; NULL: none. */
MUST_USE enum err sources_next_changed(struct sources *sources, struct source **next);

/* Up to `limit` of those that are open, with what is safe of them. */
void sources_open(const struct sources *sources, size_t limit, progress_file_fn each, void *arg);

/* Is planning at its end, and every file taken? */
bool sources_all_taken(const struct sources *sources);

/* Are so many files read and not safe that no more are planned for now? */
bool sources_full(const struct sources *sources);

/* Every block of it was read and packed, or could not be. It may be gone after this. */
MUST_USE enum err sources_read_out(struct sources *sources, struct source *source);

/* Some bytes of it became safe, or a pin went. It may be gone after this. */
void sources_safe(struct sources *sources, struct source *source);

#endif
