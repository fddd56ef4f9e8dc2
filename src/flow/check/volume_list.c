/* Three lists read as one. */
#include "flow/check/volume_list.h"

/* The table that list->part is; what stands in the older one may lie in the head's own volumes
 * only. */
static struct share_tree table_of(const struct volume_list *list)
{
    const struct head *head = share_reader_head(list->reader);

    return list->part == VOLUME_PART_OLDER ? (struct share_tree){&head->older, SHARE_OWN_VOLUMES}
                                           : (struct share_tree){&head->volumes, SHARE_ANYWHERE};
}

void volume_list_clear(struct volume_list *list)
{
    tree_cursor_free(list->cursor);
    bytes_wipe(&list->entry, sizeof(list->entry));
    buf_wipe(&list->value);
    *list = (struct volume_list){0};
}

void volume_list_begin(struct volume_list *list, struct share_reader *reader)
{
    volume_list_clear(list);
    list->reader = reader;
    list->own = share_reader_head(reader)->metas;
}

void volume_list_skip(struct volume_list *list)
{
    tree_cursor_free(list->cursor);
    list->cursor = NULL;
    if (list->part != VOLUME_PART_END) {
        list->part++;
    }
}

static enum err take_entry(struct volume_list *list, const struct tree_item *item)
{
    enum volume_kind kind = list->part == VOLUME_PART_DATA ? VOLUME_DATA : VOLUME_META;
    uint32_t number;
    enum err err = volume_key_decode(item->key, &number);

    list->value.len = 0;
    if (err == OK) {
        err = buf_append(&list->value, item->value);
    }
    if (err == OK) {
        err = volume_entry_decode(number, buf_view(&list->value), &list->entry);
    }
    if (err == OK &&
        (list->entry.kind != kind || number >= share_reader_head(list->reader)->next_volume)) {
        err = ERR_BAD_FORMAT;
    }
    return err;
}

static enum answer feed(struct volume_list *list, const struct tree_item *item, enum err *err)
{
    struct share_want want = {&item->need, PAGE_MAX, table_of(list).scope};
    struct bytes page;
    enum answer answer = share_object_in(list->reader, &want, &page, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = tree_cursor_feed(list->cursor, page);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* The next entry of a table, or the step to the next part. */
static enum answer table_step(struct volume_list *list, bool *found, enum err *err)
{
    struct tree_item item = {0};

    if (list->cursor == NULL) {
        *err = tree_cursor_new(
            table_of(list).root, (struct bytes){0}, (struct bytes){0}, &list->cursor);
        if (*err != OK) {
            return ANSWER_FAILED;
        }
    }
    switch (tree_cursor_step(list->cursor, &item)) {
    case TREE_ENTRY:
        *err = take_entry(list, &item);
        *found = true;
        break;
    case TREE_NEED:
        return feed(list, &item, err);
    case TREE_END:
        volume_list_skip(list);
        break;
    case TREE_BAD:
        *err = item.err;
        break;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer own_step(struct volume_list *list, bool *found, enum err *err)
{
    if (list->own.len == 0) {
        volume_list_skip(list);
        return ANSWER_READY;
    }
    *err = volume_entry_take(&list->own, &list->entry);
    *found = true;
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

enum answer volume_list_next(struct volume_list *list, bool *more, enum err *err)
{
    enum answer answer = ANSWER_READY;

    *err = OK;
    *more = false;
    while (answer == ANSWER_READY && !*more && list->part != VOLUME_PART_END) {
        answer =
            list->part == VOLUME_PART_OWN ? own_step(list, more, err) : table_step(list, more, err);
    }
    return answer;
}

enum answer volume_list_open(struct volume_list *list, struct volume_info **out, enum err *err)
{
    const struct volume_entry *entry = &list->entry;
    enum answer answer =
        entry->kind == VOLUME_DATA
            ? share_data_volume(list->reader, entry->number, out, err)
            : share_meta_volume(list->reader, entry->number, SHARE_OWN_VOLUMES, out, err);

    if (answer == ANSWER_READY && ((*out)->k != entry->k || (*out)->m != entry->m)) {
        volume_info_drop(*out); /* the head and a table each have a volume of this number */
        *out = NULL;
        *err = ERR_BAD_FORMAT;
        answer = ANSWER_FAILED;
    }
    return answer;
}
