/* Events: they tell the story of jobs (store_job.h) and of the daemon. */
#ifndef IO_STORE_STORE_EVENT_H
#define IO_STORE_STORE_EVENT_H

#include "io/store/store.h"

struct store_event {
    int64_t id;
    int64_t job;     /* 0: of the daemon itself */
    int64_t time_ns; /* since 1970 */
    int level;       /* enum log_level */
    struct bytes text;
};

typedef enum err (*store_event_fn)(void *arg, const struct store_event *event);

/* Append events (id is ignored); the oldest go when there are more than 100,000. */
MUST_USE enum err store_event_add(
    struct store *store, const struct store_event *events, size_t count);

/* Events with id > after, oldest first; of one job, or of all when `job` is 0. */
MUST_USE enum err store_event_each(
    struct store *store, int64_t job, int64_t after, size_t limit, store_event_fn each, void *arg);

/* Some of them, newest first, up to `limit`, with id < before (0: from the newest). */
struct store_event_filter {
    int64_t job;      /* 0: of all */
    int level;        /* this enum log_level and worse */
    const char *find; /* only texts that hold this, ASCII letters in any case; "": all */
    int64_t before;
    size_t limit;
};
MUST_USE enum err store_event_select(
    struct store *store, const struct store_event_filter *filter, store_event_fn each, void *arg);

#endif
