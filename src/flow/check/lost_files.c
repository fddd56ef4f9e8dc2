/* A walk over the tree, and over the extents of each file until one of them is lost. */
#include "flow/check/lost_files.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/file_extents.h"
#include "flow/restore/tree_walk.h"

/* --- places ----------------------------------------------------------------------------------- */

struct lost_volume {
    uint32_t number;
    uint32_t k;
    uint8_t *map; /* bit i: data segment i is lost */
};

static size_t map_len(uint32_t k)
{
    return ((size_t)k + 7) / 8;
}

static enum err volume_add(struct lost_places *p, uint32_t number, uint32_t k)
{
    size_t bytes = p->bytes + sizeof(*p->volumes) + map_len(k);
    struct lost_volume *grown;

    if (bytes > LOST_PLACES_MAX) {
        return ERR_LIMIT;
    }
    if (p->count == p->cap) {
        size_t cap = p->cap == 0 ? 16 : 2 * p->cap;

        grown = realloc(p->volumes, cap * sizeof(*grown));
        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        p->volumes = grown;
        p->cap = cap;
    }
    p->volumes[p->count] = (struct lost_volume){number, k, calloc(1, map_len(k))};
    if (p->volumes[p->count].map == NULL) {
        return ERR_NO_MEMORY;
    }
    p->count++;
    p->bytes = bytes;
    return OK;
}

enum err lost_places_add(struct lost_places *p, uint32_t volume, uint32_t k, uint32_t index)
{
    if (p->count == 0 || p->volumes[p->count - 1].number != volume) {
        enum err err = volume_add(p, volume, k);

        if (err != OK) {
            return err;
        }
    }
    p->volumes[p->count - 1].map[index / 8] |= (uint8_t)(1U << index % 8);
    return OK;
}

void lost_places_clear(struct lost_places *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->volumes[i].map);
    }
    free(p->volumes);
    *p = (struct lost_places){0};
}

static int by_number(const void *key, const void *row)
{
    uint32_t number = *(const uint32_t *)key;
    const struct lost_volume *v = row;

    return (number > v->number) - (number < v->number);
}

bool lost_places_has(const struct lost_places *p, uint32_t volume, uint32_t index)
{
    const struct lost_volume *v =
        p->count == 0 ? NULL
                      : bsearch(&volume, p->volumes, p->count, sizeof(*p->volumes), by_number);

    return v != NULL && index < v->k && (v->map[index / 8] >> index % 8 & 1) != 0;
}

/* --- the walk --------------------------------------------------------------------------------- */

struct lost_files {
    const struct lost_places *places;
    struct tree_walk *tree;
    struct file_extents extents;
    bool in_file;      /* its extents are being looked at */
    struct bytes path; /* the file's, until the tree's next step */
    uint64_t size;
    lost_file_fn each;
    void *arg;
};

void lost_files_free(struct lost_files *f)
{
    if (f == NULL) {
        return;
    }
    file_extents_clear(&f->extents);
    tree_walk_free(f->tree);
    free(f);
}

enum err lost_files_new(struct restore_ctx *ctx, struct share_reader *reader,
    const struct lost_files_options *options, struct lost_files **out)
{
    const struct walk_options top = {
        .path = bytes_str(""), .folder = share_reader_head(reader)->root, .depth = WALK_RECURSIVE};
    struct lost_files *f = calloc(1, sizeof(*f));
    enum err err;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    f->places = options->places;
    f->extents = (struct file_extents){.ctx = ctx, .reader = reader};
    f->each = options->each;
    f->arg = options->arg;
    err = tree_walk_new(reader, &top, &f->tree);
    if (err != OK) {
        free(f);
        return err;
    }
    *out = f;
    return OK;
}

static bool is_lost(const struct lost_files *f, const struct extent *e)
{
    if (e->kind == EXTENT_HOLE || e->volume == 0) {
        return false;
    }
    for (uint32_t i = 0; e->kind == EXTENT_RAW && i < e->blocks; i++) {
        if (lost_places_has(f->places, e->volume, e->index + i)) {
            return true;
        }
    }
    return e->kind == EXTENT_PACKED &&
           (lost_places_has(f->places, e->volume, e->index) ||
               (extent_is_cut(e) && lost_places_has(f->places, e->volume, e->next_index)));
}

static enum answer step_extent(struct lost_files *f, enum err *err)
{
    struct extent e;
    enum answer answer = file_extents_next(&f->extents, &e, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    if (e.plain_len == 0) {
        f->in_file = false;
    } else if (is_lost(f, &e)) {
        f->each(f->arg, f->path, f->size);
        f->in_file = false;
    }
    return ANSWER_READY;
}

static enum answer take_entry(struct lost_files *f, const struct walk_item *item, enum err *err)
{
    const struct record *record = &item->record;

    if (record->type != RECORD_FILE || record->size == 0) {
        return ANSWER_READY;
    }
    f->path = item->path;
    f->size = record->size;
    f->in_file = true;
    *err = file_extents_start(&f->extents, record);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

enum answer lost_files_step(struct lost_files *f, bool *more, enum err *err)
{
    struct walk_item item;

    *err = OK;
    *more = true;
    if (f->in_file) {
        return step_extent(f, err);
    }
    switch (tree_walk_step(f->tree, &item)) {
    case WALK_ENTRY:
        return take_entry(f, &item, err);
    case WALK_LEAVE:
        return ANSWER_READY;
    case WALK_WAIT:
        return ANSWER_WAIT;
    case WALK_END:
        *more = false;
        return ANSWER_READY;
    case WALK_BAD:
        *err = item.err;
        break;
    }
    return ANSWER_FAILED;
}
