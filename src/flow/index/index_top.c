/* The paths a share is made of. */
#include "flow/index/index_top.h"

#include <stdlib.h>

#include "io/store/store_share.h"

enum { VIRTUAL_MODE = 0755, TOPS_MAX = 100000 };

/* --- loading -----------------------------------------------------------------------------------
 */

static enum err on_path(void *arg, const struct store_path *path)
{
    struct index_tops *tops = arg;
    struct index_top *top;
    struct index_top *grown;
    enum err err;

    if (tops->count >= TOPS_MAX) {
        return ERR_LIMIT;
    }
    grown = realloc(tops->tops, (tops->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return ERR_NO_MEMORY;
    }
    tops->tops = grown;
    top = &tops->tops[tops->count++];
    *top = (struct index_top){0};
    err = buf_append(&top->path, path->path);
    return err == OK ? buf_append(&top->name, path->name) : err;
}

/* With one path its contents are the top: then it must be a folder. */
static enum err look_at(const struct index_tops *tops, struct index_top *top)
{
    enum err err = disk_stat_path(buf_view(&top->path), &top->stat);

    if (err != OK) {
        return err;
    }
    if (!index_tops_virtual(tops) && top->stat.type != DISK_DIRECTORY) {
        return ERR_NOT_DIRECTORY;
    }
    if (top->stat.type == DISK_OTHER || index_tops_excluded(tops, &top->stat)) {
        return ERR_NOTHING_TO_SHARE;
    }
    return OK;
}

/* A missing folder needs no leaving out. */
static enum err load_exclude(struct index_tops *tops, const char *exclude)
{
    enum err err;

    if (exclude == NULL) {
        return OK;
    }
    err = disk_stat_path(bytes_str(exclude), &tops->exclude);
    tops->has_exclude = err == OK;
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err look_at_all(
    struct index_tops *tops, const char *exclude, const struct index_top **bad)
{
    enum err err = load_exclude(tops, exclude);

    if (err == OK && tops->count == 0) {
        err = ERR_NOTHING_TO_SHARE;
    }
    for (size_t i = 0; err == OK && i < tops->count; i++) {
        err = look_at(tops, &tops->tops[i]);
        *bad = err != OK ? &tops->tops[i] : NULL;
    }
    return err;
}

enum err index_tops_load(
    struct index_tops *tops, const struct index_options *options, const struct index_top **bad)
{
    enum err err = store_share_paths(options->store, options->share, on_path, tops);

    *bad = NULL;
    return err == OK ? look_at_all(tops, options->exclude, bad) : err;
}

enum err index_tops_make(
    struct index_tops *tops, const struct store_path *paths, size_t count, const char *exclude)
{
    const struct index_top *bad;
    enum err err = OK;

    for (size_t i = 0; err == OK && i < count; i++) {
        err = on_path(tops, &paths[i]);
    }
    return err == OK ? look_at_all(tops, exclude, &bad) : err;
}

void index_tops_clear(struct index_tops *tops)
{
    for (size_t i = 0; i < tops->count; i++) {
        buf_clear(&tops->tops[i].path);
        buf_clear(&tops->tops[i].name);
    }
    free(tops->tops);
    *tops = (struct index_tops){0};
}

/* --- asking ------------------------------------------------------------------------------------
 */

bool index_tops_virtual(const struct index_tops *tops)
{
    return tops->count != 1 || tops->tops[0].name.len > 0;
}

const struct index_top *index_tops_find(
    const struct index_tops *tops, struct bytes path, struct bytes *rest)
{
    struct bytes first = path;

    *rest = path;
    if (!index_tops_virtual(tops)) {
        return &tops->tops[0];
    }
    for (first.len = 0; first.len < path.len && path.ptr[first.len] != '/';) {
        first.len++;
    }
    for (size_t i = 0; i < tops->count; i++) {
        if (bytes_equal(buf_view(&tops->tops[i].name), first)) {
            bytes_skip(rest, first.len + 1);
            return &tops->tops[i];
        }
    }
    return NULL;
}

bool index_tops_excluded(const struct index_tops *tops, const struct disk_stat *stat)
{
    return tops->has_exclude && stat->type == DISK_DIRECTORY &&
           stat->inode == tops->exclude.inode && stat->device == tops->exclude.device;
}

/* A list of paths is no folder of the disk: it is as new as its newest path. */
void index_tops_root(const struct index_tops *tops, uint32_t *mode, int64_t *mtime_ns)
{
    *mode = index_tops_virtual(tops) ? VIRTUAL_MODE : tops->tops[0].stat.mode;
    *mtime_ns = tops->tops[0].stat.mtime_ns;
    for (size_t i = 1; i < tops->count; i++) {
        if (tops->tops[i].stat.mtime_ns > *mtime_ns) {
            *mtime_ns = tops->tops[i].stat.mtime_ns;
        }
    }
}

enum err index_top_target(const struct index_top *top, struct buf *target)
{
    struct bytes path = buf_view(&top->path);
    struct disk_dir *dir = NULL;
    size_t at = path.len;
    enum err err;

    while (at > 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    err = disk_dir_open(bytes_at(path.ptr, at), (struct bytes){0}, &dir);
    if (err == OK) {
        err = disk_dir_readlink(dir, bytes_at(path.ptr + at, path.len - at), target);
    }
    disk_dir_free(dir);
    return err;
}
