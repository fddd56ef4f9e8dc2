/* A volume's entry and cid list, copied out of the tables. */
#include "flow/restore/volume_info.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum err volume_info_new(struct sealer *sealer, const struct volume_entry *entry,
    const uint8_t ck[KEY_LEN], struct bytes cids, struct volume_info **out)
{
    struct volume_info *v;
    enum err err;

    if (cids.len != ((size_t)entry->k + entry->m) * sizeof(struct cid)) {
        return ERR_BAD_FORMAT;
    }
    v = secret_new(sizeof(*v));
    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    v->holders = 1;
    v->number = entry->number;
    v->kind = entry->kind;
    v->k = entry->k;
    v->m = entry->m;
    err = seal_volume_keys(sealer, entry->vk, ck, &v->keys);
    if (err == OK) {
        err = buf_append(&v->cids, cids);
    }
    if (err == OK) {
        err = buf_append(&v->attempts, entry->attempts);
    }
    if (err == OK) {
        err = buf_append(&v->changed, entry->changed);
    }
    if (err != OK) {
        volume_info_drop(v);
        return err;
    }
    *out = v;
    return OK;
}

struct volume_info *volume_info_keep(struct volume_info *v)
{
    v->holders++;
    return v;
}

void volume_info_drop(struct volume_info *v)
{
    if (v == NULL || --v->holders > 0) {
        return;
    }
    buf_clear(&v->cids);
    buf_clear(&v->attempts);
    buf_clear(&v->changed);
    bytes_wipe(&v->keys, sizeof(v->keys));
    secret_free(v);
}

enum err volume_info_place(const struct volume_info *v, struct sealer *sealer, uint32_t index,
    struct seal_place *place, struct article_id *id)
{
    struct volume_entry entry = {
        .attempts = buf_view(&v->attempts), .changed = buf_view(&v->changed)};
    struct seal_names names;
    struct bytes renamed;
    enum err err;

    if (index >= v->k + v->m) {
        return ERR_BAD_FORMAT;
    }
    place->cid = volume_cid_at(buf_view(&v->cids), index);
    place->index = index;
    place->attempt = volume_attempt_of(&entry, index);
    if (volume_changed_of(&entry, index, &renamed)) {
        if (renamed.len > ARTICLE_ID_MAX) {
            return ERR_LIMIT;
        }
        memcpy(id->text, renamed.ptr, renamed.len);
        id->text[renamed.len] = '\0';
        return OK;
    }
    err = seal_segment_names(sealer, &v->keys, place, &names);
    if (err == OK) {
        *id = names.id;
    }
    return err;
}

size_t volume_info_size(const struct volume_info *v)
{
    return sizeof(*v) + v->cids.cap + v->attempts.cap + v->changed.cap;
}
