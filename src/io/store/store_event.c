/* The events that tell the story of the jobs: a ring of the newest EVENTS_KEPT. */
#include "io/store/store_event.h"
#include "io/store/query.h"

enum { EVENTS_KEPT = 100000 };

static enum err insert_event(struct store *store, const struct store_event *event)
{
    static const char sql[] = "INSERT INTO events (job, time_ns, level, text) VALUES (?, ?, ?, ?)";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, event->job);
    query_int(&q, event->time_ns);
    query_int(&q, event->level);
    query_bytes(&q, event->text);
    return query_run(&q, NULL);
}

/* Ids rise by one, so the newest id says which are too old. */
static enum err drop_old(struct store *store)
{
    static const char sql[] = "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, EVENTS_KEPT);
    return query_run(&q, NULL);
}

enum err store_event_add(struct store *store, const struct store_event *events, size_t count)
{
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    for (size_t i = 0; err == OK && i < count; i++) {
        err = insert_event(store, &events[i]);
    }
    if (err == OK) {
        err = drop_old(store);
    }
    return store_end(store, err);
}

struct event_call {
    store_event_fn each;
    void *arg;
};

static enum err event_row(void *arg, struct query *q)
{
    const struct event_call *call = arg;
    struct store_event event = {.id = query_get_int(q)};

    event.job = query_get_int(q);
    event.time_ns = query_get_int(q);
    event.level = (int)query_get_int(q);
    event.text = query_get_bytes(q);
    return call->each(call->arg, &event);
}

enum err store_event_each(
    struct store *store, int64_t job, int64_t after, size_t limit, store_event_fn each, void *arg)
{
    static const char all[] =
        "SELECT id, job, time_ns, level, text FROM events WHERE id > ? ORDER BY id LIMIT ?";
    static const char of_job[] =
        "SELECT id, job, time_ns, level, text FROM events WHERE job = ? AND id > ?"
        " ORDER BY id LIMIT ?";
    struct event_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, job != 0 ? of_job : all);
    if (job != 0) {
        query_int(&q, job);
    }
    query_int(&q, after);
    query_int(&q, (int64_t)limit);
    return store_end(store, query_each(&q, event_row, &call));
}

enum err store_event_select(
    struct store *store, const struct store_event_filter *filter, store_event_fn each, void *arg)
{
    static const char all[] =
        "SELECT id, job, time_ns, level, text FROM events WHERE id < ? AND level <= ?"
        " AND instr(lower(CAST(text AS TEXT)), lower(?)) > 0 ORDER BY id DESC LIMIT ?";
    static const char of_job[] =
        "SELECT id, job, time_ns, level, text FROM events WHERE job = ? AND id < ? AND level <= ?"
        " AND instr(lower(CAST(text AS TEXT)), lower(?)) > 0 ORDER BY id DESC LIMIT ?";
    struct event_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, filter->job != 0 ? of_job : all);
    if (filter->job != 0) {
        query_int(&q, filter->job);
    }
    query_int(&q, filter->before > 0 ? filter->before : INT64_MAX);
    query_int(&q, filter->level);
    query_text(&q, filter->find);
    query_int(&q, (int64_t)filter->limit);
    return store_end(store, query_each(&q, event_row, &call));
}
