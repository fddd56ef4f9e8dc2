/* An entry: looked at, and asked about in the catalogue. */
#include "app/control/folder_item.h"

#include "app/control/control_name.h"
#include "app/control/folder_list.h"

/* The number of the share made of exactly this path, as share_paths.h names it; 0: none. */
static int64_t share_of(const struct folder_eye *eye, struct bytes name, enum disk_type type)
{
    struct buf path = {0};
    int64_t id = 0;
    enum err err = buf_append(&path, eye->path);

    if (err == OK && eye->path.len > 1) {
        err = buf_append_byte(&path, '/');
    }
    if (err == OK) {
        err = buf_append(&path, name);
    }
    if (err == OK) {
        struct store_path one = {
            buf_view(&path), type == DISK_DIRECTORY ? (struct bytes){0} : name};

        err = store_share_find(eye->store, &one, 1, &id);
    }
    buf_clear(&path);
    return err == OK ? id : 0;
}

static void put_number(json_t *item, const char *key, int64_t value)
{
    (void)json_object_set_new(item, key, json_integer(value));
}

json_t *folder_item_json(const struct folder_eye *eye, struct bytes name, struct disk_stat *stat)
{
    struct disk_stat own;
    struct disk_stat *st = stat != NULL ? stat : &own;
    bool readable = false;
    json_t *item;
    int64_t share = 0;
    enum err err = disk_names_look(eye->names, name, st, &readable);

    if (err == ERR_NOT_FOUND) {
        return NULL;
    }
    if (err != OK) { /* it is there, but may not be looked at */
        *st = (struct disk_stat){.type = DISK_OTHER};
    }
    item = json_pack("{s:s, s:b, s:b}", "type", folder_type_word(st->type), "hidden",
        name.ptr[0] == '.', "readable", readable);
    if (item == NULL || control_name_put(item, "name", name) != OK) {
        json_decref(item);
        return NULL;
    }
    if (err == OK) {
        put_number(item, "mtime_ns", st->mtime_ns);
    }
    if (err == OK && st->type == DISK_FILE) {
        put_number(item, "size", (int64_t)st->size);
    }
    if (st->type == DISK_DIRECTORY || st->type == DISK_FILE) {
        share = share_of(eye, name, st->type);
    }
    if (share != 0) {
        put_number(item, "share", share);
    }
    return item;
}
