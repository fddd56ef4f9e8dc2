/* The paths that were asked for: each lands at its own place below the target, in folders made with
 * the modes they have in the share. */
#include <stdlib.h>

#include "flow/restore/share_path.h"
#include "flow/restore/unfold_room.h"

static struct out_dir *known_parent(const struct unfold *u, struct bytes path)
{
    for (size_t i = 0; i < u->parent_count; i++) {
        if (bytes_equal(out_dir_path(u->parents[i]), path)) {
            return u->parents[i];
        }
    }
    return NULL;
}

/* The outermost folder on the way to `path` that is not there yet; empty: its parent is. */
static struct bytes missing_parent(const struct unfold *u, struct bytes path)
{
    struct bytes missing = bytes_at(path.ptr, 0);

    for (path = share_path_parent(path); known_parent(u, path) == NULL;
         path = share_path_parent(path)) {
        missing = path;
    }
    return missing;
}

enum err unfold_parents_reserve(struct unfold *u)
{
    struct out_dir **more = realloc(u->parents, (u->parent_count + 1) * sizeof(struct out_dir *));

    if (more == NULL) {
        return ERR_NO_MEMORY;
    }
    u->parents = more;
    return OK;
}

/* Make the next parent, or come to the entry itself. */
static enum answer path_step(struct unfold *u, struct bytes path, enum err *err)
{
    struct bytes missing = missing_parent(u, path);
    struct bytes next = missing.len > 0 ? missing : path;
    enum answer answer = share_path_find(u->o.reader, next, &u->value, &u->record, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    if (missing.len == 0) {
        u->next_path++;
        u->path = path;
        u->dir = known_parent(u, share_path_parent(path));
        u->state = UNFOLD_ENTRY;
        return ANSWER_READY;
    }
    u->made = MAKE_PARENT;
    *err = unfold_parents_reserve(u);
    if (*err == OK) {
        *err = unfold_folder(u, known_parent(u, share_path_parent(next)), next);
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

enum answer unfold_path_step(struct unfold *u, enum err *err)
{
    if (u->next_path < u->o.path_count) {
        return path_step(u, u->o.paths[u->next_path], err);
    }
    while (u->parent_count > 0) {
        out_dir_drop(u->parents[--u->parent_count]);
    }
    u->state = UNFOLD_OVER;
    return ANSWER_READY;
}
