/* One range of the tree for each folder. The innermost folders keep their cursors; one further out
 * makes its cursor again, behind the name where it left off. */
#include "flow/restore/tree_walk.h"

#include <stdlib.h>
#include <string.h>

enum { CURSORS_MAX = 12 }; /* kept open; each may hold a page a level of the tree */

struct walk_level {
    uint64_t folder;
    struct tree_cursor *cursor; /* NULL: make it again */
    size_t path_len;            /* of the folder's own path */
    size_t name_from;           /* where the last entry's name lies in `path` ... */
    size_t name_len;            /* ... while it is on the way; 0: none given yet */
};

struct tree_walk {
    struct share_reader *reader;
    enum { STEP_NEXT, STEP_ENTER, STEP_OVER } step; /* ENTER: the last entry is a folder to enter */
    bool recursive;
    uint64_t entered; /* STEP_ENTER: its id */
    uint64_t entries_left;
    size_t depth; /* levels in use, at least 1 until the end */
    size_t path_len;
    uint8_t path[PATH_MAX_LEN];
    struct walk_level levels[PATH_DEPTH_MAX + 1]; /* the top, and a folder for each component */
};

/* Put `name` behind the folder's path. */
static enum err path_set(struct tree_walk *w, struct walk_level *level, struct bytes name)
{
    size_t from = level->path_len + (level->path_len > 0);

    if (from + name.len > PATH_MAX_LEN || w->depth > PATH_DEPTH_MAX) {
        return ERR_LIMIT;
    }
    if (level->path_len > 0) {
        w->path[level->path_len] = '/';
    }
    memcpy(w->path + from, name.ptr, name.len);
    w->path_len = from + name.len;
    level->name_from = from;
    level->name_len = name.len;
    return OK;
}

enum err tree_walk_new(
    struct share_reader *reader, const struct walk_options *options, struct tree_walk **out)
{
    const struct head *head = share_reader_head(reader);
    struct tree_walk *w;

    if (options->path.len > PATH_MAX_LEN || options->after.len > NAME_MAX_LEN) {
        return ERR_LIMIT;
    }
    w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return ERR_NO_MEMORY;
    }
    w->reader = reader;
    w->recursive = options->depth == WALK_RECURSIVE;
    w->entries_left = head->files + head->directories + head->symlinks + head->others;
    w->depth = 1;
    w->levels[0] = (struct walk_level){.folder = options->folder, .path_len = options->path.len};
    w->path_len = options->path.len;
    if (options->path.len > 0) {
        memcpy(w->path, options->path.ptr, options->path.len);
    }
    if (options->after.len > 0) {
        enum err err = path_set(w, &w->levels[0], options->after);

        if (err != OK) {
            free(w);
            return err;
        }
    }
    *out = w;
    return OK;
}

void tree_walk_free(struct tree_walk *w)
{
    if (w == NULL) {
        return;
    }
    for (size_t i = 0; i < w->depth; i++) {
        tree_cursor_free(w->levels[i].cursor);
    }
    free(w);
}

/* Make the level's cursor: all of its folder, or what lies behind the last name. */
static enum err level_open(struct tree_walk *w, struct walk_level *level)
{
    uint8_t first[8], end[8];
    struct buf from = {0};
    enum err err;

    record_key_range(level->folder, first, end);
    if (level->name_len == 0) {
        err = buf_append(&from, bytes_at(first, sizeof(first)));
    } else {
        err = record_key_put(
            &from, level->folder, bytes_at(w->path + level->name_from, level->name_len));
        if (err == OK) {
            err = buf_append_byte(&from, 0);
        }
    }
    if (err == OK) {
        err = tree_cursor_new(&share_reader_head(w->reader)->tree, buf_view(&from),
            bytes_at(end, sizeof(end)), &level->cursor);
    }
    buf_clear(&from);
    return err;
}

/* Is `folder` one that we are inside of? */
static bool is_inside(const struct tree_walk *w, uint64_t folder)
{
    for (size_t i = 0; i < w->depth; i++) {
        if (w->levels[i].folder == folder) {
            return true;
        }
    }
    return false;
}

static enum err entry_take(
    struct tree_walk *w, struct walk_level *level, struct tree_item *tree, struct walk_item *item)
{
    uint64_t folder;
    struct bytes name;
    enum err err = record_key_take(tree->key, &folder, &name);

    if (err == OK && (folder != level->folder || w->entries_left == 0)) {
        err = ERR_BAD_FORMAT;
    }
    if (err == OK) {
        err = record_decode(tree->value, &item->record);
    }
    if (err == OK) {
        err = path_set(w, level, name);
    }
    if (err != OK) {
        return err;
    }
    w->entries_left--;
    item->path = bytes_at(w->path, w->path_len);
    if (item->record.type == RECORD_DIRECTORY) {
        if (is_inside(w, item->record.folder)) {
            return ERR_BAD_FORMAT;
        }
        w->step = w->recursive ? STEP_ENTER : STEP_NEXT;
        w->entered = item->record.folder;
    }
    return OK;
}

/* Go into the folder that was given last. */
static enum err enter(struct tree_walk *w)
{
    if (w->depth == PATH_DEPTH_MAX + 1) {
        return ERR_LIMIT;
    }
    if (w->depth >= CURSORS_MAX) {
        struct walk_level *outer = &w->levels[w->depth - CURSORS_MAX];

        tree_cursor_free(outer->cursor);
        outer->cursor = NULL;
    }
    w->levels[w->depth++] = (struct walk_level){.folder = w->entered, .path_len = w->path_len};
    w->step = STEP_NEXT;
    return OK;
}

static enum walk_event bad(struct tree_walk *w, struct walk_item *item, enum err err)
{
    w->step = STEP_OVER;
    item->err = err;
    return WALK_BAD;
}

static enum walk_event leave(struct tree_walk *w, struct walk_item *item)
{
    struct walk_level *level = &w->levels[w->depth - 1];

    tree_cursor_free(level->cursor);
    level->cursor = NULL;
    if (w->depth == 1) {
        w->step = STEP_OVER;
        return WALK_END;
    }
    w->depth--;
    w->path_len = level->path_len;
    item->path = bytes_at(w->path, w->path_len);
    return WALK_LEAVE;
}

/* Bring the page that the cursor asked for. */
static enum answer feed(
    struct tree_walk *w, struct tree_cursor *cursor, const struct pointer *need, enum err *err)
{
    struct bytes page;
    enum answer answer = share_object(w->reader, need, PAGE_MAX, &page, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = tree_cursor_feed(cursor, page);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum walk_event level_step(
    struct tree_walk *w, struct walk_level *level, struct walk_item *item)
{
    struct tree_item tree = {0};
    enum answer answer;
    enum err err = OK;

    for (;;) {
        switch (tree_cursor_step(level->cursor, &tree)) {
        case TREE_ENTRY:
            err = entry_take(w, level, &tree, item);
            return err == OK ? WALK_ENTRY : bad(w, item, err);
        case TREE_NEED:
            answer = feed(w, level->cursor, &tree.need, &err);
            if (answer != ANSWER_READY) {
                return answer == ANSWER_WAIT ? WALK_WAIT : bad(w, item, err);
            }
            break;
        case TREE_END:
            return leave(w, item);
        case TREE_BAD:
            return bad(w, item, tree.err);
        }
    }
}

enum walk_event tree_walk_step(struct tree_walk *w, struct walk_item *item)
{
    struct walk_level *level;
    enum err err = OK;

    *item = (struct walk_item){0};
    if (w->step == STEP_OVER) {
        return WALK_END;
    }
    if (w->step == STEP_ENTER) {
        err = enter(w);
    }
    if (err != OK) {
        return bad(w, item, err);
    }
    level = &w->levels[w->depth - 1];
    if (level->cursor == NULL) {
        err = level_open(w, level);
    }
    if (err != OK) {
        return bad(w, item, err);
    }
    return level_step(w, level, item);
}
