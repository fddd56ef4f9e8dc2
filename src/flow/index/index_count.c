/* Counting depth first, with one open folder a level: memory is that of the depth, not the size. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/ids.h"
#include "flow/index/index_look_own.h"

enum { LOOK_AT_CLOCK = 256, NS_IN_MS = 1000000 };

struct level {
    struct disk_dir *dir;
    size_t len; /* of `path` up to this folder */
};

struct index_count {
    struct index_look *look;
    struct index_sum sum;
    size_t next_top; /* the path to begin with when no folder is open */
    struct buf path; /* of the folder at hand, below the share's top */
    struct level levels[PATH_DEPTH_MAX + 1];
    size_t depth; /* of levels */
    enum { COUNT_TOPS, COUNT_FOLDERS, COUNT_OVER } state;
};

enum err index_count_new(struct index_look *look, struct index_count **out)
{
    struct index_count *count = calloc(1, sizeof(*count));

    if (count == NULL) {
        return ERR_NO_MEMORY;
    }
    count->look = look;
    *out = count;
    return OK;
}

void index_count_free(struct index_count *count)
{
    if (count != NULL) {
        while (count->depth > 0) {
            disk_dir_free(count->levels[--count->depth].dir);
        }
        buf_clear(&count->path);
        free(count);
    }
}

const struct index_sum *index_count_sum(const struct index_count *count)
{
    return &count->sum;
}

/* Errors that mean that no folder at all can be counted. */
static bool is_grave(enum err err)
{
    return err == ERR_NO_MEMORY || err == ERR_TOO_MANY_FILES || err == ERR_DISK_IO;
}

/* Open the folder that count->path names. One that cannot be read is skipped. */
static enum err open_folder(struct index_count *count)
{
    struct bytes path = buf_view(&count->path);
    struct bytes rest;
    const struct index_top *top = index_tops_find(&count->look->tops, path, &rest);
    struct level *level = &count->levels[count->depth];
    enum err err = OK;

    if (top == NULL || count->depth > PATH_DEPTH_MAX) {
        return OK;
    }
    *level = (struct level){.len = path.len};
    err = disk_dir_open(buf_view(&top->path), rest, &level->dir);
    if (err == OK) {
        err = index_look_enter(count->look, path);
    }
    if (err == OK) {
        count->depth++;
        return OK;
    }
    disk_dir_free(level->dir);
    count->sum.skipped++;
    return is_grave(err) ? err : OK;
}

/* Back to the folder above, if there is one. */
static enum err close_folder(struct index_count *count)
{
    const struct level *level = &count->levels[--count->depth];

    disk_dir_free(level->dir);
    if (count->depth == 0) {
        return OK;
    }
    count->path.len = count->levels[count->depth - 1].len;
    return index_look_enter(count->look, buf_view(&count->path));
}

static enum err go_into(struct index_count *count, struct bytes name)
{
    enum err err = OK;

    if (count->path.len > 0) {
        err = buf_append_byte(&count->path, '/');
    }
    if (err == OK) {
        err = buf_append(&count->path, name);
    }
    if (err == OK) {
        size_t depth = count->depth;

        err = open_folder(count);
        if (err == OK && count->depth == depth && depth > 0) { /* it was skipped */
            count->path.len = count->levels[depth - 1].len;
            err = index_look_enter(count->look, buf_view(&count->path));
        }
    }
    return err;
}

/* An entry that is taken. */
static void add(struct index_sum *sum, const struct disk_stat *stat)
{
    sum->directories += stat->type == DISK_DIRECTORY;
    sum->symlinks += stat->type == DISK_SYMLINK;
    if (stat->type == DISK_FILE) {
        sum->files++;
        sum->bytes += stat->size;
        sum->blocks += stat->size / PAYLOAD_LEN;
    }
}

static enum err take_entry(
    struct index_count *count, struct bytes name, const struct disk_stat *stat)
{
    enum index_why why = INDEX_TAKEN;
    enum err err = index_look_ask(count->look, name, stat, &why);

    if (err != OK) {
        return err;
    }
    count->sum.ignored += why == INDEX_RULE;
    count->sum.skipped += why == INDEX_TYPE || why == INDEX_NAME;
    if (why == INDEX_TAKEN || why == INDEX_MOUNT) { /* that one is taken, but empty */
        add(&count->sum, stat);
    }
    return why == INDEX_TAKEN && stat->type == DISK_DIRECTORY ? go_into(count, name) : OK;
}

/* One entry of the folder at hand, or its end. */
static enum err step_folder(struct index_count *count)
{
    struct disk_stat stat;
    struct bytes name;
    enum err err = disk_dir_next(count->levels[count->depth - 1].dir, &name, &stat);

    if (err == OK) {
        return take_entry(count, name, &stat);
    }
    if (is_grave(err)) {
        return err;
    }
    count->sum.skipped += err != ERR_NOT_FOUND;
    return name.len > 0 ? OK : close_folder(count);
}

/* The next path of the share. The top itself is no entry when it is one folder's contents. */
static enum err step_top(struct index_count *count)
{
    const struct index_tops *tops = &count->look->tops;
    const struct index_top *top;

    if (count->next_top == tops->count) {
        count->state = COUNT_OVER;
        return OK;
    }
    top = &tops->tops[count->next_top++];
    count->path.len = 0;
    if (!index_tops_virtual(tops)) {
        return open_folder(count);
    }
    add(&count->sum, &top->stat);
    return top->stat.type == DISK_DIRECTORY ? go_into(count, buf_view(&top->name)) : OK;
}

enum err index_count_run(struct index_count *count, uint64_t ms)
{
    uint64_t end = clock_mono_ns() + ms * NS_IN_MS;
    enum err err = OK;

    for (unsigned i = 1; err == OK && count->state != COUNT_OVER; i++) {
        if (i % LOOK_AT_CLOCK == 0 && clock_mono_ns() >= end) {
            return ERR_CHANGED;
        }
        err = count->depth > 0 ? step_folder(count) : step_top(count);
    }
    return err;
}
