/* Packed items are known by their ids, which stand in the extents of the files that have them. */
#include <stdlib.h>
#include <string.h>

#include "flow/restore/adopt_room.h"

enum err adopt_items_file(struct adopt_items *items, const struct record *record)
{
    extent_walk_free(items->walk);
    items->walk = NULL;
    if (items->rows == NULL) {
        items->rows = calloc(STORE_BATCH_MAX, sizeof(*items->rows));
        items->from = calloc(STORE_BATCH_MAX + 1, sizeof(*items->from));
    }
    if (items->rows == NULL || items->from == NULL) {
        return ERR_NO_MEMORY;
    }
    return extent_walk_new(record->depth, record->extents, record->size, &items->walk);
}

enum err adopt_items_flush(struct adopt_items *items, struct adopt_place *place)
{
    struct store_flush flush = {.items = items->rows, .item_count = items->count};
    enum err err;

    if (items->count == 0) {
        return OK;
    }
    for (size_t i = 0; i < items->count; i++) {
        items->rows[i].extent =
            bytes_at(items->bytes.ptr + items->from[i], items->from[i + 1] - items->from[i]);
    }
    err = store_flush(place->store, place->share, &flush);
    place->items += err == OK ? items->count : 0;
    items->count = 0;
    items->bytes.len = 0;
    return err;
}

static enum err take(struct adopt_items *items, struct adopt_place *place, const struct extent *e)
{
    struct extent_writer writer = {0};
    struct store_item *row = &items->rows[items->count];
    enum err err;

    /* What rode in a head is nowhere else: it is not known to a later version. */
    if (e->kind != EXTENT_PACKED || e->volume == 0) {
        return OK;
    }
    *row = (struct store_item){.volume = e->volume,
        .segment = e->index,
        .next_segment = extent_is_cut(e) ? e->next_index : e->index};
    memcpy(row->id, e->item, sizeof(row->id));
    err = extent_writer_put(&writer, e);
    if (err == OK) {
        err = buf_append(&items->bytes, buf_view(&writer.out));
    }
    buf_clear(&writer.out);
    if (err == OK) {
        items->from[++items->count] = items->bytes.len;
    }
    return err == OK && items->count == STORE_BATCH_MAX ? adopt_items_flush(items, place) : err;
}

static enum answer feed(struct adopt_items *items, struct share_reader *reader,
    struct adopt_place *place, const struct pointer *need, enum err *err)
{
    struct bytes plain;
    enum answer answer = share_object(reader, need, OBJECT_PLAIN_MAX, &plain, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = extent_walk_feed(items->walk, plain);
    if (*err == OK) {
        *err = adopt_note(place, share_reader_head(reader), need, plain);
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

enum answer adopt_items_step(struct adopt_items *items, struct share_reader *reader,
    struct adopt_place *place, bool *more, enum err *err)
{
    struct extent_item item = {0};

    *more = true;
    switch (extent_walk_step(items->walk, &item)) {
    case EXTENT_WALK_ENTRY:
        *err = take(items, place, &item.extent);
        break;
    case EXTENT_WALK_NEED:
        return feed(items, reader, place, &item.need, err);
    case EXTENT_WALK_END:
        *more = false;
        *err = OK;
        break;
    case EXTENT_WALK_BAD:
        *err = item.err;
        break;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

void adopt_items_clear(struct adopt_items *items)
{
    extent_walk_free(items->walk);
    free(items->rows);
    free(items->from);
    buf_clear(&items->bytes);
    *items = (struct adopt_items){0};
}
