/* Names of one file: where the bytes are already. Folders are gone through by their names, which is
 * not the order of keys: a link may come before the file that it names. Then the link gets the
 * bytes, and stands in for the file when that comes. */
#include "flow/restore/unfold_link.h"

/* The folder with this id, if it is not finished yet. */
static const struct out_dir *unfinished_folder(const struct unfold *u, uint64_t folder)
{
    LIST_EACH(node, after, &u->o.out->dirs)
    {
        const struct out_dir *dir = LIST_ITEM(node, struct out_dir, node);

        if (dir->folder == folder && dir != u->making) {
            return dir;
        }
    }
    return NULL;
}

/* Was everything up to `name` in `folder` gone through? In a folder around us, up to where we went
 * in; any other is done. */
static bool was_passed(const struct unfold *u, const struct out_dir *folder, struct bytes name)
{
    struct bytes at = restore_name_last(u->path);

    for (const struct out_dir *dir = u->dir; dir != NULL; dir = dir->parent) {
        if (dir == folder) {
            return bytes_compare(name, at) < 0;
        }
        at = restore_name_last(out_dir_path(dir));
    }
    return true;
}

/* u->first becomes the way to u->link's file in the folder at `path`. */
static enum err set_first(struct unfold *u, struct bytes path)
{
    enum err err = buf_append(&u->first, path);

    if (err == OK && path.len > 0) {
        err = buf_append_byte(&u->first, '/');
    }
    return err == OK ? buf_append(&u->first, u->link.text) : err;
}

/* All files handed out so far have ended. */
enum err unfold_link_find(struct unfold *u, enum link_trust trust)
{
    const struct restore_out *out = u->o.out;
    const struct out_dir *dir;
    bool sure = trust == LINK_ALL_CHECKED && out->result.lost_files == 0 &&
                out->result.blocked_entries == 0;
    struct bytes path;
    enum place_kind kind;

    u->first.len = 0;
    if (places_get(&out->places, u->link.folder, u->link.text, &path, &kind)) {
        return buf_append(&u->first, path);
    }
    dir = unfinished_folder(u, u->link.folder);
    if (dir != NULL) {
        bool usable = dir->state == DIR_FRESH || (sure && was_passed(u, dir, u->link.text));

        return usable ? set_first(u, out_dir_path(dir)) : OK;
    }
    if (places_get(&out->places, u->link.folder, (struct bytes){0}, &path, &kind) &&
        (sure || kind == PLACE_FRESH)) {
        return set_first(u, path);
    }
    return OK;
}

void unfold_link_remember(struct unfold *u)
{
    places_put(&u->o.out->places, u->link.folder, u->link.text, buf_view(&u->place), PLACE_FRESH);
}

bool unfold_link_stand_in(const struct unfold *u, struct bytes *path)
{
    enum place_kind kind;

    return u->record.type == RECORD_FILE && u->o.out->places.bytes > 0 &&
           places_get(&u->o.out->places, u->dir->folder, restore_name_last(u->path), path, &kind);
}
