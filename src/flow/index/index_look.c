/* The rules of a scan, asked without one. */
#include "flow/index/index_look.h"

#include <stdlib.h>
#include <string.h>

#include "flow/index/index_look_own.h"

static enum err look_init(struct index_look *look, const struct index_look_options *options)
{
    enum err err = index_tops_make(&look->tops, options->paths, options->count, options->exclude);

    if (err == OK && options->ignore.len > 0) {
        err = ignore_new(options->ignore, &look->ignore);
    }
    look->reach = options->reach;
    index_rules_init(&look->rules, &look->tops, look->ignore);
    return err;
}

enum err index_look_new(const struct index_look_options *options, struct index_look **out)
{
    struct index_look *look = calloc(1, sizeof(*look));
    enum err err = look != NULL ? look_init(look, options) : ERR_NO_MEMORY;

    if (err != OK) {
        index_look_free(look);
        return err;
    }
    *out = look;
    return OK;
}

void index_look_free(struct index_look *look)
{
    if (look != NULL) {
        index_rules_clear(&look->rules);
        index_tops_clear(&look->tops);
        ignore_free(look->ignore);
        buf_clear(&look->place);
        free(look);
    }
}

/* What of `real` lies below the folder `path`; false: it lies elsewhere. */
static bool rest_below(struct bytes real, struct bytes path, struct bytes *rest)
{
    *rest = real;
    if (path.len == 1) { /* "/" */
        bytes_skip(rest, 1);
        return true;
    }
    if (real.len < path.len || memcmp(real.ptr, path.ptr, path.len) != 0) {
        return false;
    }
    bytes_skip(rest, path.len);
    if (rest->len > 0 && rest->ptr[0] != '/') {
        return false;
    }
    bytes_skip(rest, 1);
    return true;
}

enum err index_look_place(const struct index_look *look, struct bytes real, struct buf *path)
{
    for (size_t i = 0; i < look->tops.count; i++) {
        const struct index_top *top = &look->tops.tops[i];
        struct bytes rest;
        enum err err;

        if (!rest_below(real, buf_view(&top->path), &rest)) {
            continue;
        }
        err = buf_append(path, buf_view(&top->name));
        if (err == OK && top->name.len > 0 && rest.len > 0) {
            err = buf_append_byte(path, '/');
        }
        return err == OK ? buf_append(path, rest) : err;
    }
    return ERR_PATH_NOT_IN_SHARE;
}

static size_t components(struct bytes path)
{
    size_t count = path.len > 0;

    for (size_t i = 0; i < path.len; i++) {
        count += path.ptr[i] == '/';
    }
    return count;
}

enum err index_look_enter(struct index_look *look, struct bytes path)
{
    enum err err;

    look->place.len = 0;
    err = buf_append(&look->place, path);
    look->depth = components(path);
    look->top = index_tops_find(&look->tops, path, &(struct bytes){0});
    return err == OK ? index_rules_enter(&look->rules, path) : err;
}

static bool is_too_long(const struct index_look *look, struct bytes name)
{
    return name.len > NAME_MAX_LEN || look->place.len + 1 + name.len > PATH_MAX_LEN ||
           look->depth + 1 > PATH_DEPTH_MAX;
}

enum err index_look_ask(
    struct index_look *look, struct bytes name, const struct disk_stat *stat, enum index_why *why)
{
    enum ignore_kind kind = stat->type == DISK_DIRECTORY ? IGNORE_FOLDER : IGNORE_NO_FOLDER;
    bool out = false;
    enum err err = index_rules_ask(&look->rules, name, kind, &out);

    *why = out                                      ? INDEX_RULE
           : index_tops_excluded(&look->tops, stat) ? INDEX_OWN
           : stat->type == DISK_OTHER               ? INDEX_TYPE
           : is_too_long(look, name)                ? INDEX_NAME
           : look->reach == INDEX_ONE_FILE_SYSTEM && look->top != NULL &&
                   stat->type == DISK_DIRECTORY && stat->device != look->top->stat.device
               ? INDEX_MOUNT
               : INDEX_TAKEN;
    return err;
}
