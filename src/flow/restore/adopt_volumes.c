/* From entries of volume tables to rows of the catalogue. All segments count as confirmed: a
 * published head lists them. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/seal/sealer.h"
#include "flow/restore/adopt_room.h"
#include "io/store/store_adopt.h"
#include "io/store/store_known.h"

enum { ALL_CONFIRMED = 0xaa, STATES_A_BYTE = 4 };

_Static_assert(STORE_CONFIRMED == 2, "two bits, 10, for each segment");

static enum err put_states(uint32_t count, struct buf *states)
{
    enum err err = buf_resize(states, (count + STATES_A_BYTE - 1) / STATES_A_BYTE);

    if (err == OK && count > 0) {
        uint32_t last = (count - 1) % STATES_A_BYTE;

        memset(states->ptr, ALL_CONFIRMED, states->len);
        states->ptr[states->len - 1] &= (uint8_t)(0xff >> (2 * (STATES_A_BYTE - 1 - last)));
    }
    return err;
}

/* The catalogue's form: the length of the attempts, the attempts, the changed ids. */
static enum err put_exceptions(const struct volume_entry *entry, struct buf *out)
{
    enum err err = OK;

    if (entry->attempts.len == 0 && entry->changed.len == 0) {
        return OK;
    }
    err = varint_put(out, entry->attempts.len);
    if (err == OK) {
        err = buf_append(out, entry->attempts);
    }
    return err == OK ? buf_append(out, entry->changed) : err;
}

static enum err write_volume(struct adopt_place *place, uint64_t version,
    const struct volume_entry *entry, struct bytes cids)
{
    struct store_volume row = {
        .number = entry->number,
        .kind = entry->kind == VOLUME_DATA ? STORE_VOLUME_DATA : STORE_VOLUME_META,
        .state = STORE_VOLUME_LIVE,
        .version = version,
        .k = entry->k,
        .m = entry->m,
        .cids = cids,
    };
    struct buf states = {0}, exceptions = {0};
    enum err err = OK;

    if (cids.len != ((size_t)entry->k + entry->m) * sizeof(struct cid)) {
        return ERR_BAD_FORMAT;
    }
    memcpy(row.key, entry->vk, sizeof(row.key));
    err = put_states(entry->k + entry->m, &states);
    if (err == OK) {
        err = put_exceptions(entry, &exceptions);
    }
    row.states = buf_view(&states);
    row.exceptions = buf_view(&exceptions);
    if (err == OK) {
        err = store_adopt_volume(place->store, place->share, &row);
    }
    if (err == OK && entry->kind == VOLUME_DATA) {
        err = store_block_note(place->store, place->share, entry->number);
    }
    place->volumes += err == OK;
    place->articles += err == OK ? (uint64_t)entry->k + entry->m : 0;
    bytes_wipe(&row, sizeof(row));
    buf_clear(&states);
    buf_clear(&exceptions);
    return err;
}

enum err adopt_note(struct adopt_place *place, const struct head *head, const struct pointer *at,
    struct bytes plain)
{
    struct store_object object = {0};
    struct buf encoded = {0};
    struct cid id;
    enum err err;

    if (at->volume == 0) {
        return OK; /* what rode in a head is nowhere else */
    }
    err = seal_cid(place->sealer, head->ck, plain, &id);
    if (err == OK) {
        err = pointer_put(&encoded, at);
    }
    if (err == OK && encoded.len <= sizeof(object.pointer)) {
        memcpy(object.id, id.b, sizeof(object.id));
        memcpy(object.pointer, encoded.ptr, encoded.len);
        object.pointer_len = (uint8_t)encoded.len;
        err = store_object_note(place->store, place->share, head->n, &object, 1);
    }
    buf_clear(&encoded);
    return err;
}

/* The entry at hand, once its list of cids is here. */
static enum answer copy_entry(struct adopt_table *table, struct share_reader *reader,
    const struct adopt_source *source, struct adopt_place *place, enum err *err)
{
    const struct head *head = share_reader_head(reader);
    struct volume_entry entry;
    struct bytes cids = {0};
    enum answer answer = ANSWER_READY;

    *err = volume_entry_decode(table->number, buf_view(&table->value), &entry);
    if (*err == OK && (entry.kind != source->kind || entry.number >= head->next_volume)) {
        *err = ERR_BAD_FORMAT;
    }
    if (*err != OK) {
        return ANSWER_FAILED;
    }
    cids = entry.cids;
    if (entry.list.length > 0) {
        answer = share_object_in(
            reader, &(struct share_want){&entry.list, OBJECT_PLAIN_MAX, source->scope}, &cids, err);
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = write_volume(place, head->n, &entry, cids);
    if (*err == OK && entry.list.length > 0) {
        *err = adopt_note(place, head, &entry.list, cids);
    }
    bytes_wipe(&entry, sizeof(entry));
    table->number = 0;
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* The table of older meta volumes is written anew by every version: its pages are not noted. */
static enum answer feed(struct adopt_table *table, struct share_reader *reader,
    const struct adopt_source *source, struct adopt_place *place, enum err *err)
{
    const struct pointer *need = &table->need;
    struct bytes page;
    enum answer answer =
        share_object_in(reader, &(struct share_want){need, PAGE_MAX, source->scope}, &page, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = tree_cursor_feed(table->cursor, page);
    if (*err == OK && source->kind == VOLUME_DATA) {
        *err = adopt_note(place, share_reader_head(reader), need, page);
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum err take_entry(struct adopt_table *table, const struct tree_item *item)
{
    enum err err = volume_key_decode(item->key, &table->number);

    table->value.len = 0;
    return err == OK ? buf_append(&table->value, item->value) : err;
}

enum answer adopt_table_step(struct adopt_table *table, struct share_reader *reader,
    const struct adopt_source *source, struct adopt_place *place, enum err *err)
{
    struct tree_item item = {0};

    *err = OK;
    if (table->number != 0) {
        return copy_entry(table, reader, source, place, err);
    }
    if (table->cursor == NULL) {
        *err = tree_cursor_new(source->root, (struct bytes){0}, (struct bytes){0}, &table->cursor);
    }
    if (*err != OK) {
        return ANSWER_FAILED;
    }
    switch (tree_cursor_step(table->cursor, &item)) {
    case TREE_ENTRY:
        *err = take_entry(table, &item);
        break;
    case TREE_NEED:
        table->need = item.need;
        return feed(table, reader, source, place, err);
    case TREE_END:
        table->ended = true;
        break;
    case TREE_BAD:
        *err = item.err;
        break;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

void adopt_table_clear(struct adopt_table *table)
{
    tree_cursor_free(table->cursor);
    buf_wipe(&table->value);
    *table = (struct adopt_table){0};
}

enum err adopt_own_volumes(const struct head *head, struct adopt_place *place)
{
    struct bytes list = head->metas;
    struct volume_entry entry;
    enum err err = OK;

    while (err == OK && list.len > 0) {
        err = volume_entry_take(&list, &entry);
        if (err == OK) {
            err = write_volume(place, head->n, &entry, entry.cids);
        }
    }
    bytes_wipe(&entry, sizeof(entry));
    return err;
}
