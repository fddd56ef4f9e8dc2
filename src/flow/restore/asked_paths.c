/* Cleaned copies, less what is covered by another. */
#include "flow/restore/asked_paths.h"

#include <stdlib.h>

#include "flow/restore/share_path.h"

/* All texts first: the views begin when nothing moves any more. */
static enum err copy(struct asked_paths *asked, const struct bytes *paths, size_t *ends)
{
    struct buf one = {0};
    enum err err = OK;

    for (size_t i = 0; i < asked->count && err == OK; i++) {
        one.len = 0;
        err = share_path_clean(paths[i], &one);
        if (err == OK) {
            err = buf_append(&asked->texts, buf_view(&one));
        }
        ends[i + 1] = asked->texts.len;
    }
    for (size_t i = 0; i < asked->count && err == OK; i++) {
        asked->list[i] = asked->texts.len == 0
                             ? bytes_str("")
                             : bytes_at(asked->texts.ptr + ends[i], ends[i + 1] - ends[i]);
    }
    buf_clear(&one);
    return err;
}

/* Is path i inside another one, or the same as an earlier one? */
static bool is_covered(const struct asked_paths *asked, size_t i)
{
    for (size_t k = 0; k < asked->count; k++) {
        if (k == i || !share_path_inside(asked->list[i], asked->list[k])) {
            continue;
        }
        if (k < i || asked->list[k].len < asked->list[i].len) {
            return true;
        }
    }
    return false;
}

/* The top among them means everything. */
static void drop_covered(struct asked_paths *asked)
{
    size_t i = 0;

    while (i < asked->count) {
        if (is_covered(asked, i)) {
            asked->list[i] = asked->list[--asked->count];
        } else {
            i++;
        }
    }
    if (asked->count == 1 && asked->list[0].len == 0) {
        asked->count = 0;
    }
}

enum err asked_paths_init(struct asked_paths *asked, const struct bytes *paths, size_t count)
{
    size_t *ends = calloc(count + 1, sizeof(*ends));
    enum err err = ERR_NO_MEMORY;

    *asked = (struct asked_paths){.count = count};
    asked->list = calloc(count + 1, sizeof(*asked->list));
    if (ends != NULL && asked->list != NULL) {
        err = copy(asked, paths, ends);
    }
    if (err == OK) {
        drop_covered(asked);
    }
    free(ends);
    return err;
}

void asked_paths_clear(struct asked_paths *asked)
{
    buf_clear(&asked->texts);
    free(asked->list);
    *asked = (struct asked_paths){0};
}
