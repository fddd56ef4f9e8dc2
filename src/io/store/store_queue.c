/* The order of waiting jobs, and when paused ones go on. */
#include <stdlib.h>

#include "io/store/query.h"
#include "io/store/store_job.h"

enum { QUEUE_MAX = 10000 };

struct place {
    int64_t id, priority, position;
};

struct queue {
    size_t count, at; /* at: where the job stands that moves; count: nowhere */
    int64_t id;
    struct place places[QUEUE_MAX];
};

static enum err queue_row(void *arg, struct query *q)
{
    struct queue *queue = arg;
    struct place *place = &queue->places[queue->count];

    place->id = query_get_int(q);
    place->priority = query_get_int(q);
    place->position = query_get_int(q);
    queue->at = place->id == queue->id ? queue->count : queue->at;
    queue->count++;
    return OK;
}

static enum err queue_read(struct store *store, struct queue *queue)
{
    static const char sql[] = "SELECT id, priority, position FROM jobs WHERE state = ?"
                              " ORDER BY priority DESC, position, id LIMIT ?";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, STORE_JOB_QUEUED);
    query_int(&q, QUEUE_MAX);
    return query_each(&q, queue_row, queue);
}

static enum err place_write(struct store *store, const struct place *place)
{
    static const char sql[] = "UPDATE jobs SET priority = ?, position = ? WHERE id = ?";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, place->priority);
    query_int(&q, place->position);
    query_int(&q, place->id);
    return query_run(&q, NULL);
}

/* Those between the old place and the new one shift by one; the places themselves stay, so that the
 * positions that are there already serve again. */
static enum err queue_shift(struct store *store, struct queue *queue, size_t to)
{
    struct place *p = queue->places;
    int64_t mover = p[queue->at].id;
    int64_t priority = p[to].priority;
    size_t step = queue->at < to ? 1 : (size_t)-1;
    enum err err = OK;

    for (size_t i = 0; i < queue->count; i++) {
        p[i].position = (int64_t)i + 1;
    }
    for (size_t i = queue->at; i != to; i += step) {
        p[i].id = p[i + step].id;
        p[i].priority = p[i + step].priority;
    }
    p[to].id = mover;
    p[to].priority = priority;
    for (size_t i = 0; i < queue->count && err == OK; i++) {
        err = place_write(store, &p[i]);
    }
    return err;
}

static size_t place_of(const struct queue *queue, enum store_job_move move)
{
    size_t last = queue->count - 1;

    switch (move) {
    case STORE_JOB_UP:
        return queue->at > 0 ? queue->at - 1 : 0;
    case STORE_JOB_DOWN:
        return queue->at < last ? queue->at + 1 : last;
    case STORE_JOB_TOP:
        return 0;
    default:
        return last;
    }
}

enum err store_job_move(struct store *store, int64_t id, enum store_job_move move)
{
    struct queue *queue = calloc(1, sizeof(*queue));
    enum err err = queue != NULL ? store_begin(store, STORE_WRITE) : ERR_NO_MEMORY;

    if (err != OK) {
        free(queue);
        return err;
    }
    queue->id = id;
    queue->at = QUEUE_MAX;
    err = queue_read(store, queue);
    if (err == OK && queue->at >= queue->count) {
        err = ERR_NO_ROW;
    }
    if (err == OK && place_of(queue, move) != queue->at) {
        err = queue_shift(store, queue, place_of(queue, move));
    }
    free(queue);
    return store_end(store, err);
}

enum err store_job_last(struct store *store, int64_t id)
{
    static const char sql[] =
        "UPDATE jobs SET position = (SELECT coalesce(max(position), 0) + 1 FROM jobs WHERE"
        " state <= ?) WHERE id = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, STORE_JOB_PAUSED);
    query_int(&q, id);
    return store_end(store, query_run(&q, NULL));
}

enum err store_job_wakes(struct store *store, int64_t *id, int64_t *at)
{
    static const char sql[] = "SELECT id, resume_at FROM jobs WHERE state = ? AND resume_at > 0"
                              " ORDER BY resume_at LIMIT 1";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, STORE_JOB_PAUSED);
    err = query_one(&q);
    if (err == OK) {
        *id = query_get_int(&q);
        *at = query_get_int(&q);
        query_end(&q);
    }
    return store_end(store, err);
}
