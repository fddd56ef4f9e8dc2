/* Volumes: found in the head's own list or in the tables it points to. */
#include <stdlib.h>

#include "flow/restore/share_room.h"

struct share_volume {
    struct list node;
    struct volume_info *info;
};

/* Free what was taken out of the list. */
static void kept_free(struct share_reader *r, struct share_volume *kept)
{
    r->volume_count--;
    r->volume_bytes -= volume_info_size(kept->info);
    volume_info_drop(kept->info);
    free(kept);
}

void share_volumes_clear(struct share_reader *r)
{
    struct list *node;

    while ((node = list_take(&r->volumes)) != NULL) {
        kept_free(r, LIST_ITEM(node, struct share_volume, node));
    }
}

static struct volume_info *kept_volume(
    struct share_reader *r, uint32_t number, enum volume_kind kind)
{
    LIST_EACH(node, after, &r->volumes)
    {
        struct share_volume *kept = LIST_ITEM(node, struct share_volume, node);

        if (kept->info->number == number && kept->info->kind == kind) {
            list_remove(&kept->node);
            list_push(&r->volumes, &kept->node);
            return kept->info;
        }
    }
    return NULL;
}

/* Make the volume of `entry` and keep it; *out gets a holder. */
static enum err keep(struct share_reader *r, const struct volume_entry *entry, struct bytes cids,
    struct volume_info **out)
{
    struct share_volume *kept = calloc(1, sizeof(*kept));
    enum err err = kept == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        err = volume_info_new(r->ctx->sealer, entry, r->head.ck, cids, &kept->info);
    }
    if (err != OK) {
        free(kept);
        return err;
    }
    *out = volume_info_keep(kept->info);
    list_push(&r->volumes, &kept->node);
    r->volume_count++;
    r->volume_bytes += volume_info_size(kept->info);
    while (r->volume_count > SHARE_VOLUMES_MAX ||
           (r->volume_bytes > SHARE_VOLUME_BYTES_MAX && r->volume_count > 1)) {
        kept_free(r, LIST_ITEM(list_take(&r->volumes), struct share_volume, node));
    }
    return OK;
}

/* An entry of a table: its list of cids stands in it or is an object. */
static enum answer from_value(struct share_reader *r, struct volume_entry *entry,
    enum share_scope scope, struct volume_info **out, enum err *err)
{
    struct share_want want = {&entry->list, OBJECT_PLAIN_MAX, scope};
    struct bytes cids = entry->cids;
    enum answer answer = ANSWER_READY;

    if (cids.len == 0) {
        answer = share_object_in(r, &want, &cids, err);
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = keep(r, entry, cids, out);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* Look `number` up in a table. A volume that is used but not listed is a broken share. */
static enum answer from_table(struct share_reader *r, const struct share_tree *table,
    struct volume_entry *entry, struct volume_info **out, enum err *err)
{
    uint8_t key[VOLUME_KEY_LEN];
    uint32_t number = entry->number;
    enum volume_kind kind = entry->kind;
    struct buf value = {0};
    enum answer answer;

    volume_key(number, key);
    answer = share_find(r, table, bytes_at(key, sizeof(key)), &value, err);
    if (answer == ANSWER_READY) {
        *err = volume_entry_decode(number, buf_view(&value), entry);
        if (*err == OK && entry->kind != kind) {
            *err = ERR_BAD_FORMAT;
        }
        answer = *err == OK ? from_value(r, entry, table->scope, out, err) : ANSWER_FAILED;
    } else if (answer == ANSWER_FAILED && *err == ERR_NOT_FOUND) {
        *err = ERR_BAD_FORMAT;
    }
    buf_clear(&value);
    return answer;
}

/* The head's own list. ERR_NOT_FOUND: it does not name this volume. */
static enum err from_head(struct share_reader *r, uint32_t number, struct volume_info **out)
{
    struct bytes list = r->head.metas;
    struct volume_entry entry;

    while (list.len > 0) {
        enum err err = volume_entry_take(&list, &entry);

        if (err != OK) {
            return err;
        }
        if (entry.number == number) {
            return keep(r, &entry, entry.cids, out);
        }
    }
    return ERR_NOT_FOUND;
}

enum answer share_data_volume(
    struct share_reader *r, uint32_t number, struct volume_info **out, enum err *err)
{
    struct share_tree table = {&r->head.volumes, SHARE_ANYWHERE};
    struct volume_entry entry = {.number = number, .kind = VOLUME_DATA};
    struct volume_info *info = kept_volume(r, number, VOLUME_DATA);

    if (info != NULL) {
        *out = volume_info_keep(info);
        return ANSWER_READY;
    }
    return from_table(r, &table, &entry, out, err);
}

enum answer share_meta_volume(struct share_reader *r, uint32_t number, enum share_scope scope,
    struct volume_info **out, enum err *err)
{
    struct share_tree table = {&r->head.older, SHARE_OWN_VOLUMES};
    struct volume_entry entry = {.number = number, .kind = VOLUME_META};
    struct volume_info *info = kept_volume(r, number, VOLUME_META);

    if (info != NULL) {
        *out = volume_info_keep(info);
        return ANSWER_READY;
    }
    *err = from_head(r, number, out);
    if (*err == OK) {
        return ANSWER_READY;
    }
    if (*err != ERR_NOT_FOUND || scope == SHARE_OWN_VOLUMES) {
        *err = *err == ERR_NOT_FOUND ? ERR_BAD_FORMAT : *err;
        return ANSWER_FAILED;
    }
    return from_table(r, &table, &entry, out, err);
}
