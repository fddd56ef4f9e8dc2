/* Reading the entries of a share, by keyset: the next page starts after the last key. */
#include "io/store/store_entry.h"

#include <string.h>

#include "io/store/entry_row.h"
#include "io/store/tree.h"

enum err entry_row(void *arg, struct query *q)
{
    struct entry_call *call = arg;
    struct store_entry entry = {.folder = (uint64_t)query_get_int(q)};

    entry.name = query_get_bytes(q);
    entry.type = (enum store_type)query_get_int(q);
    entry.mode = (uint32_t)query_get_int(q);
    entry.size = (uint64_t)query_get_int(q);
    entry.mtime_ns = query_get_int(q);
    entry.ctime_ns = query_get_int(q);
    entry.inode = (uint64_t)query_get_int(q);
    entry.device = (uint64_t)query_get_int(q);
    entry.child = (uint64_t)query_get_int(q);
    entry.sent = query_get_int(q) != 0;
    entry.links = (uint32_t)query_get_int(q);
    entry.target = query_get_bytes(q);
    entry.extents = query_get_bytes(q);
    call->rows++;
    return call->each(call->arg, &entry);
}

enum err store_entry_after(struct store *store, int64_t share, uint64_t folder, struct bytes name,
    size_t limit, store_entry_fn each, void *arg)
{
    static const char sql[] = ENTRY_COLUMNS " WHERE share = ? AND (folder, name) > (?, ?)"
                                            " ORDER BY folder, name LIMIT ?";
    struct entry_call call = {each, arg, 0};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    query_bytes(&q, name);
    query_int(&q, (int64_t)limit);
    return store_end(store, query_each(&q, entry_row, &call));
}

/* --- totals ------------------------------------------------------------------------------------
 */

enum { TOTALS_PAGE = 1000 };

struct totals_call {
    struct store_totals *totals;
    uint64_t folder; /* the last key of the page */
    uint8_t name[STORE_NAME_MAX];
    size_t name_len;
    size_t rows;
};

/* What the listing needs to know of a file. */
struct totals_file {
    uint64_t size;
    bool sent, link;
};

static void count_file(struct store_totals *totals, const struct totals_file *file)
{
    if (file->link) {
        totals->links++;
        return;
    }
    totals->files++;
    totals->bytes += file->size;
    if (!file->sent) {
        totals->unsent_files++;
        totals->unsent_bytes += file->size;
    }
}

static enum err totals_row(void *arg, struct query *q)
{
    struct totals_call *call = arg;
    struct totals_file file;
    enum store_type type;
    struct bytes name;

    call->folder = (uint64_t)query_get_int(q);
    name = query_get_bytes(q);
    if (name.len > sizeof(call->name)) {
        return ERR_STORE_CORRUPT;
    }
    memcpy(call->name, name.ptr, name.len);
    call->name_len = name.len;
    call->rows++;
    file.size = (uint64_t)query_get_int(q);
    type = (enum store_type)query_get_int(q);
    file.sent = query_get_int(q) != 0;
    file.link = query_get_int(q) != 0;
    switch (type) {
    case STORE_FILE:
        count_file(call->totals, &file);
        break;
    case STORE_DIRECTORY:
        call->totals->directories++;
        break;
    case STORE_SYMLINK:
        call->totals->symlinks++;
        break;
    }
    return OK;
}

static enum err totals_page(struct store *store, int64_t share, struct totals_call *call)
{
    static const char sql[] = "SELECT folder, name, size, type, sent, " ENTRY_IS_LINK
                              " FROM entries WHERE share = ? AND (folder, name) > (?, ?)"
                              " ORDER BY folder, name LIMIT ?";
    uint8_t name[STORE_NAME_MAX];
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    memcpy(name, call->name, call->name_len); /* the rows overwrite call->name */
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)call->folder);
    query_bytes(&q, bytes_at(name, call->name_len));
    query_int(&q, TOTALS_PAGE);
    call->rows = 0;
    return store_end(store, query_each(&q, totals_row, call));
}

/* In pages, so that others get the connection in between. */
enum err store_entry_totals(struct store *store, int64_t share, struct store_totals *totals)
{
    struct totals_call call = {.totals = totals};
    enum err err;

    *totals = (struct store_totals){0};
    do {
        err = totals_page(store, share, &call);
    } while (err == OK && call.rows == TOTALS_PAGE);
    return err;
}

/* --- single entries ----------------------------------------------------------------------------
 */

enum err store_entry_first(struct store *store, int64_t share, const struct store_entry *entry,
    store_entry_fn each, void *arg)
{
    /* The comparison says nothing, but without it SQLite does not take the index. */
    static const char sql[] = ENTRY_COLUMNS " WHERE share = ? AND device = ? AND inode = ?"
                                            " AND links > 1 AND (folder, name) > (0, x'')"
                                            " ORDER BY folder, name LIMIT 1";
    struct entry_call call = {each, arg, 0};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)entry->device);
    query_int(&q, (int64_t)entry->inode);
    err = store_end(store, query_each(&q, entry_row, &call));
    return err == OK && call.rows == 0 ? ERR_NO_ROW : err;
}

enum err store_entry_drop(struct store *store, int64_t share, uint64_t folder, struct bytes name)
{
    uint8_t room[STORE_NAME_MAX + 1];
    struct tree_range range = {folder, name, tree_after(name, room)};
    uint64_t removed = 0;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    err = tree_remove(store, share, &range, &removed);
    return store_end(store, err == OK && removed == 0 ? ERR_NO_ROW : err);
}

enum err store_folder_path(struct store *store, int64_t share, uint64_t folder, struct buf *path)
{
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    return store_end(store, tree_path(store, share, folder, path));
}
