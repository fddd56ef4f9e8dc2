/* events: what happened, newest first, by job, level and words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/control/control_args.h"
#include "app/control/control_verbs.h"
#include "app/control/event_view.h"
#include "app/control/jobs.h"

enum { FIND_MAX = 255 };

struct page {
    json_t *items;
    size_t limit;
    int64_t last;
    bool more;
};

static enum err on_event(void *arg, const struct store_event *event)
{
    struct page *page = arg;

    if (json_array_size(page->items) == page->limit) {
        page->more = true;
        return OK;
    }
    page->last = event->id;
    return json_array_append_new(page->items, event_view(event)) == 0 ? OK : ERR_NO_MEMORY;
}

/* The cursor is the last event's number in digits. */
static enum err read_before(const json_t *args, int64_t *before)
{
    struct buf key = {0};
    enum err err = control_args_cursor(args, &key);

    *before = 0;
    if (err == OK && key.len > 0) {
        char *end = NULL;

        err = buf_append_byte(&key, '\0');
        *before = err == OK ? strtoll((const char *)key.ptr, &end, 10) : 0;
        if (err == OK && (*end != '\0' || *before < 1)) {
            err = ERR_BAD_REQUEST;
        }
    }
    buf_clear(&key);
    return err;
}

static enum err read_filter(const json_t *args, struct store_event_filter *filter, size_t *limit)
{
    static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
    size_t level = LOG_INFO;
    enum err err = control_args_int(args, "job", 1, INT64_MAX, &filter->job);

    if (err == OK) {
        err = control_args_word(args, "level", levels, &level);
    }
    if (err == OK) {
        err = control_args_text(args, "find", FIND_MAX, &filter->find);
    }
    if (err == OK) {
        err = read_before(args, &filter->before);
    }
    if (err == OK) {
        err = control_args_limit(args, limit);
    }
    filter->level = (int)level;
    filter->limit = *limit + 1;
    return err;
}

/* What running jobs have not written down yet belongs to it, too. */
static void flush_all(struct control *control)
{
    LIST_EACH(node, after, &control->jobs)
    {
        job_flush_events(LIST_ITEM(node, struct job, node));
    }
}

void verb_events(struct control_call *call)
{
    struct store_event_filter filter = {.find = ""};
    struct page page = {.limit = 0};
    enum err err = read_filter(call->args, &filter, &page.limit);
    json_t *next = NULL;

    if (err == OK) {
        flush_all(call->control);
        page.items = json_array();
        err = store_event_select(call->control->store, &filter, on_event, &page);
    }
    if (err != OK) {
        json_decref(page.items);
        control_fail(call, err, NULL);
        return;
    }
    if (page.more) {
        char text[24];
        int len = snprintf(text, sizeof(text), "%" PRId64, page.last);

        next = control_cursor_json(bytes_at(text, (size_t)len));
    }
    control_answer(call,
        json_pack("{s:o, s:o}", "items", page.items, "next", next != NULL ? next : json_null()));
}
