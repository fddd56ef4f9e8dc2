/* The reader itself, and looking one key up. */
#include "flow/restore/share_reader.h"

#include <stdlib.h>
#include <string.h>

#include "flow/restore/share_room.h"

enum err share_reader_new(struct restore_ctx *ctx, struct held *payload, struct share_reader **out)
{
    struct share_reader *r = calloc(1, sizeof(*r));
    enum err err;

    if (r == NULL) {
        held_drop(payload);
        return ERR_NO_MEMORY;
    }
    r->ctx = ctx;
    r->payload = payload;
    list_init(&r->objects);
    list_init(&r->opening);
    list_init(&r->volumes);
    err = head_decode(payload->bytes, &r->head);
    if (err == OK) {
        err = arrivals_new(ctx, SHARE_META_BYTES_MAX / SEGMENT_LEN, &r->metas);
    }
    if (err != OK) {
        share_reader_free(r);
        return err;
    }
    *out = r;
    return OK;
}

void share_reader_free(struct share_reader *r)
{
    if (r == NULL) {
        return;
    }
    share_objects_clear(r);
    share_volumes_clear(r);
    arrivals_free(r->metas);
    held_drop(r->payload);
    free(r);
}

const struct head *share_reader_head(const struct share_reader *r)
{
    return &r->head;
}

/* One event of a cursor that looks for one key. ANSWER_WAIT with *err OK: step again. */
static enum answer find_step(struct share_reader *r, enum share_scope scope,
    struct tree_cursor *cursor, struct tree_item *item, enum err *err)
{
    struct share_want want = {&item->need, PAGE_MAX, scope};
    struct bytes page;
    enum answer answer = share_object_in(r, &want, &page, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = tree_cursor_feed(cursor, page);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer find_with(struct share_reader *r, enum share_scope scope,
    struct tree_cursor *cursor, struct buf *value, enum err *err)
{
    struct tree_item item = {0};
    enum answer answer = ANSWER_READY;

    while (answer == ANSWER_READY) {
        switch (tree_cursor_step(cursor, &item)) {
        case TREE_ENTRY:
            *err = buf_append(value, item.value);
            return *err == OK ? ANSWER_READY : ANSWER_FAILED;
        case TREE_NEED:
            answer = find_step(r, scope, cursor, &item, err);
            break;
        case TREE_END:
            *err = ERR_NOT_FOUND;
            return ANSWER_FAILED;
        case TREE_BAD:
            *err = item.err;
            return ANSWER_FAILED;
        }
    }
    return answer;
}

/* The cursor is made anew each time: its pages are at hand when the answer can be given. */
enum answer share_find(struct share_reader *r, const struct share_tree *tree, struct bytes key,
    struct buf *value, enum err *err)
{
    struct tree_cursor *cursor = NULL;
    struct buf end = {0}; /* the next key that could be */
    enum answer answer = ANSWER_FAILED;

    *err = buf_append(&end, key);
    if (*err == OK) {
        *err = buf_append_byte(&end, 0);
    }
    if (*err == OK) {
        *err = tree_cursor_new(tree->root, key, buf_view(&end), &cursor);
    }
    if (*err == OK) {
        answer = find_with(r, tree->scope, cursor, value, err);
    }
    tree_cursor_free(cursor);
    buf_clear(&end);
    return answer;
}
