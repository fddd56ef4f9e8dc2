/* A byte of state for each segment, and what is on its way. */
#include "flow/check/export_slices.h"

#include <stdlib.h>

/* A segment under way. */
struct slice_fetch {
    struct list node;
    struct export_slices *slices;
    uint32_t index;
};

enum err export_slices_init(struct export_slices *s)
{
    list_init(&s->fetches);
    s->volume = volume_info_keep(s->volume);
    s->states = calloc((size_t)s->volume->k + s->volume->m, sizeof(*s->states));
    return s->states == NULL ? ERR_NO_MEMORY : OK;
}

void export_slices_clear(struct export_slices *s)
{
    if (s->volume == NULL) {
        return;
    }
    LIST_EACH(node, after, &s->fetches)
    {
        free(LIST_ITEM(node, struct slice_fetch, node));
    }
    volume_info_drop(s->volume);
    free(s->states);
    *s = (struct export_slices){0};
}

void export_slices_have(struct export_slices *s, uint32_t index)
{
    s->states[index] = SLICE_HERE;
    if (index < s->volume->k) {
        s->ctx->progress.bytes_done += SEGMENT_LEN;
    }
    progress_changed(&s->ctx->progress, &s->ctx->env.sink);
}

uint32_t export_slices_count(
    const struct export_slices *s, uint32_t from, uint32_t to, enum slice_state state)
{
    uint32_t count = 0;

    for (uint32_t i = from; i < to; i++) {
        count += s->states[i] == state;
    }
    return count;
}

static void on_fetched(void *arg, const struct fetched *got)
{
    struct slice_fetch *f = arg;
    struct export_slices *s = f->slices;
    uint32_t index = f->index;

    list_remove(&f->node);
    free(f);
    s->fetch_count--;
    held_drop(got->payload);
    if (got->err == OK) {
        s->fetched++;
        s->ctx->progress.bytes_written += SEGMENT_LEN;
        export_slices_have(s, index);
    } else {
        s->states[index] = SLICE_LOST;
    }
    s->moved(s->arg);
}

static enum err start(struct export_slices *s, struct disk_scratch *into, uint32_t index)
{
    struct slice_fetch *f = calloc(1, sizeof(*f));
    struct fetch_want want = {s->volume, index, on_fetched, f};
    struct fetch *fetch;
    enum err err;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    f->slices = s;
    f->index = index;
    err = fetch_start(s->ctx->fetcher, &want, &fetch);
    if (err != OK) {
        free(f);
        return err;
    }
    fetch_keep(fetch, into, (uint64_t)index * SEGMENT_LEN);
    list_init(&f->node);
    list_push(&s->fetches, &f->node);
    s->fetch_count++;
    s->states[index] = SLICE_COMING;
    return OK;
}

/* So many at once: twice what the connections take, since some are with workers; each is some
 * memory. */
static size_t width(const struct export_slices *s)
{
    size_t fetches = 2 * news_fetch_width(s->ctx->env.news);
    size_t room = s->ctx->env.window_bytes / (3 * (size_t)SEGMENT_LEN) + 1;

    return fetches < room ? fetches : room;
}

enum err export_slices_fetch(
    struct export_slices *s, struct disk_scratch *into, uint32_t end, uint32_t most)
{
    size_t at_once = width(s);
    enum err err = OK;

    while (
        err == OK && s->ctx->err == OK && s->fetch_count < at_once && s->next < end && most > 0) {
        if (s->states[s->next] == SLICE_WANTED) {
            err = start(s, into, s->next);
            most--;
        }
        s->next++;
    }
    return err;
}
