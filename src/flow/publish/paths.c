/* Paths of entries. A share of one folder has its contents at the top; any other has each path
 * under a name of its own, the first component of everything below it. */
#include "flow/publish/paths.h"

#include <stdlib.h>
#include <string.h>

static enum err add_top(void *arg, const struct store_path *path)
{
    struct publish_paths *paths = arg;
    struct buf *tops = realloc(paths->tops, (paths->count + 1) * 2 * sizeof(*tops));
    enum err err;

    if (tops == NULL) {
        return ERR_NO_MEMORY;
    }
    paths->tops = tops;
    tops += paths->count * 2;
    tops[0] = (struct buf){0};
    tops[1] = (struct buf){0};
    paths->count++;
    err = buf_append(&tops[0], path->path);
    return err == OK ? buf_append(&tops[1], path->name) : err;
}

enum err publish_paths_init(struct publish_paths *paths, const struct publish_ctx *ctx)
{
    *paths = (struct publish_paths){0};
    return store_share_paths(ctx->o.store, ctx->share.id, add_top, paths);
}

void publish_paths_clear(struct publish_paths *paths)
{
    for (size_t i = 0; i < paths->count * 2; i++) {
        buf_clear(&paths->tops[i]);
    }
    free(paths->tops);
    buf_clear(&paths->below);
    *paths = (struct publish_paths){0};
}

/* The top path whose name is `name`. */
static const struct buf *find_top(const struct publish_paths *paths, struct bytes name)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (bytes_equal(buf_view(&paths->tops[2 * i + 1]), name)) {
            return &paths->tops[2 * i];
        }
    }
    return NULL;
}

/* Split an absolute path: the folder it lies in, and its last component. */
static void split_last(struct bytes path, struct bytes *folder, struct bytes *last)
{
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    *last = bytes_at(path.ptr + at, path.len - at);
    *folder = bytes_at(path.ptr, at > 1 ? at - 1 : at);
}

/* The entry is a top path itself: a file or symlink that was named on the command line. */
static enum err top_entry(
    const struct publish_paths *paths, struct bytes name, struct buf *root, struct buf *path)
{
    const struct buf *top = find_top(paths, name);
    struct bytes folder, last;
    enum err err;

    if (top == NULL) {
        return ERR_NOT_FOUND;
    }
    split_last(buf_view(top), &folder, &last);
    err = buf_append(root, folder);
    return err == OK ? buf_append(path, last) : err;
}

/* Append below[skip..] and name, joined by '/'. */
static enum err join(struct bytes below, struct bytes name, struct buf *path)
{
    enum err err = buf_append(path, below);

    if (err == OK && below.len > 0) {
        err = buf_append_byte(path, '/');
    }
    return err == OK ? buf_append(path, name) : err;
}

enum err publish_paths_of(struct publish_paths *paths, const struct publish_ctx *ctx,
    const struct store_entry *entry, struct buf *root, struct buf *path)
{
    struct bytes below, first;
    const struct buf *top;
    const uint8_t *slash;
    enum err err = OK;

    if (paths->folder != entry->folder) {
        paths->below.len = 0;
        paths->folder = entry->folder;
        err = store_folder_path(ctx->o.store, ctx->share.id, entry->folder, &paths->below);
        if (err != OK) {
            paths->folder = 0;
            return err;
        }
    }
    below = buf_view(&paths->below);
    if (paths->count == 1 && paths->tops[1].len == 0) {
        err = buf_append(root, buf_view(&paths->tops[0]));
        return err == OK ? join(below, entry->name, path) : err;
    }
    if (below.len == 0) {
        return top_entry(paths, entry->name, root, path);
    }
    slash = memchr(below.ptr, '/', below.len);
    first = bytes_at(below.ptr, slash != NULL ? (size_t)(slash - below.ptr) : below.len);
    bytes_skip(&below, first.len + 1);
    top = find_top(paths, first);
    if (top == NULL) {
        return ERR_NOT_FOUND;
    }
    err = buf_append(root, buf_view(top));
    return err == OK ? join(below, entry->name, path) : err;
}
