/* The flush: what a send did since the last one, in one transaction; and looking it up again. */
#include "base/crash_point.h"
#include "io/store/query.h"
#include "io/store/store_volume.h"

static enum err write_volume(struct store *store, int64_t share, const struct store_volume *volume)
{
    static const char sql[] =
        "UPDATE volumes SET state = ?, version = ?, k = ?, m = ?,"
        " exceptions = ?, states = ?, cids = ? WHERE share = ? AND number = ?";
    struct query q;
    uint64_t changed = 0;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, volume->state);
    query_int(&q, (int64_t)volume->version);
    query_int(&q, volume->k);
    query_int(&q, volume->m);
    query_bytes(&q, volume->exceptions);
    query_bytes(&q, volume->states);
    query_bytes(&q, volume->cids);
    query_int(&q, share);
    query_int(&q, volume->number);
    err = query_run(&q, &changed);
    return err == OK && changed == 0 ? ERR_NO_ROW : err;
}

static enum err write_piece(struct store *store, int64_t share, const struct store_piece *piece)
{
    static const char sql[] = "INSERT INTO pieces (share, folder, name, block, blocks, extents)"
                              " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (share, folder, name, block)"
                              " DO UPDATE SET blocks = excluded.blocks, extents = excluded.extents";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)piece->folder);
    query_bytes(&q, piece->name);
    query_int(&q, (int64_t)piece->block);
    query_int(&q, (int64_t)piece->count);
    query_bytes(&q, piece->extents);
    return query_run(&q, NULL);
}

static enum err drop_pieces(struct store *store, int64_t share, uint64_t folder, struct bytes name)
{
    static const char sql[] = "DELETE FROM pieces WHERE share = ? AND folder = ? AND name = ?";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    query_bytes(&q, name);
    return query_run(&q, NULL);
}

/* An entry that a scan has removed meanwhile is not made again: only its row is updated. */
static enum err write_sent(struct store *store, int64_t share, const struct store_sent *sent)
{
    static const char sql[] =
        "UPDATE entries SET sent = 1, mode = ?, size = ?, mtime = ?, ctime = ?, inode = ?,"
        " device = ?, extents = ? WHERE share = ? AND folder = ? AND name = ? AND type = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, sent->mode);
    query_int(&q, (int64_t)sent->size);
    query_int(&q, sent->mtime_ns);
    query_int(&q, sent->ctime_ns);
    query_int(&q, (int64_t)sent->inode);
    query_int(&q, (int64_t)sent->device);
    query_bytes(&q, sent->extents);
    query_int(&q, share);
    query_int(&q, (int64_t)sent->folder);
    query_bytes(&q, sent->name);
    query_int(&q, STORE_FILE);
    err = query_run(&q, NULL);
    if (err != OK || sent->extents.len == 0) {
        return err; /* the pieces are its extents */
    }
    return drop_pieces(store, share, sent->folder, sent->name);
}

/* Planning looks into noted folders only. */
static enum err note_unsent(struct store *store, int64_t share, uint64_t folder)
{
    static const char sql[] = "INSERT INTO unsent (share, folder) VALUES (?, ?)"
                              " ON CONFLICT (share, folder) DO NOTHING";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    return query_run(&q, NULL);
}

enum err store_entry_unsend(struct store *store, int64_t share, uint64_t folder, struct bytes name)
{
    static const char sql[] = "UPDATE entries SET sent = 0, extents = ? WHERE share = ? AND"
                              " folder = ? AND name = ? AND type = ? AND size > 0";
    static const char note[] = "INSERT INTO unsent (share, folder) VALUES (?, ?)"
                               " ON CONFLICT (share, folder) DO NOTHING";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_bytes(&q, bytes_at(NULL, 0));
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    query_bytes(&q, name);
    query_int(&q, STORE_FILE);
    err = query_run(&q, NULL);
    if (err == OK) {
        err = drop_pieces(store, share, folder, name);
    }
    if (err == OK) {
        query_init(&q, store, note); /* or store_entry_unsent() would pass its folder over */
        query_int(&q, share);
        query_int(&q, (int64_t)folder);
        err = query_run(&q, NULL);
    }
    if (err == OK) {
        err = note_unsent(store, share, folder);
    }
    return store_end(store, err);
}

static enum err write_item(struct store *store, int64_t share, const struct store_item *item)
{
    static const char sql[] =
        "INSERT INTO items (share, id, extent, volume, segment, next_segment)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (share, id) DO UPDATE SET"
        " extent = excluded.extent, volume = excluded.volume, segment = excluded.segment,"
        " next_segment = excluded.next_segment";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_bytes(&q, bytes_at(item->id, sizeof(item->id)));
    query_bytes(&q, item->extent);
    query_int(&q, item->volume);
    query_int(&q, item->segment);
    query_int(&q, item->next_segment);
    return query_run(&q, NULL);
}

enum err store_flush(struct store *store, int64_t share, const struct store_flush *flush)
{
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    for (size_t i = 0; err == OK && i < flush->volume_count; i++) {
        err = write_volume(store, share, &flush->volumes[i]);
        err = err == ERR_NO_ROW ? ERR_BUG : err; /* roll back: the caller flushes to nowhere */
    }
    for (size_t i = 0; err == OK && i < flush->piece_count; i++) {
        err = write_piece(store, share, &flush->pieces[i]);
    }
    for (size_t i = 0; err == OK && i < flush->sent_count; i++) {
        err = write_sent(store, share, &flush->sent[i]);
    }
    for (size_t i = 0; err == OK && i < flush->item_count; i++) {
        err = write_item(store, share, &flush->items[i]);
    }
    crash_point("flush written, not committed");
    err = store_end(store, err);
    crash_point("flush committed");
    return err;
}

struct piece_call {
    store_piece_fn each;
    void *arg;
    uint64_t folder;
    struct bytes name;
};

static enum err piece_row(void *arg, struct query *q)
{
    const struct piece_call *call = arg;
    struct store_piece piece = {.folder = call->folder, .name = call->name};

    piece.block = (uint64_t)query_get_int(q);
    piece.count = (uint64_t)query_get_int(q);
    piece.extents = query_get_bytes(q);
    return call->each(call->arg, &piece);
}

enum err store_piece_each(struct store *store, int64_t share, uint64_t folder, struct bytes name,
    store_piece_fn each, void *arg)
{
    static const char sql[] = "SELECT block, blocks, extents FROM pieces"
                              " WHERE share = ? AND folder = ? AND name = ? ORDER BY block";
    struct piece_call call = {each, arg, folder, name};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    query_bytes(&q, name);
    return store_end(store, query_each(&q, piece_row, &call));
}
