/* Putting listings: the transaction around the merge, the listing's row in the queue, the counts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crash_point.h"
#include "io/store/merge.h"
#include "io/store/query.h"

/* --- the listing's row in the queue ------------------------------------------------------------
 */

static enum err on_folder(struct merge *put, const char *sql)
{
    struct query q;

    query_init(&q, put->store, sql);
    query_int(&q, put->share);
    query_int(&q, (int64_t)put->listing->folder);
    return query_run(&q, NULL);
}

/* What the pieces before have counted. */
static enum err read_part(struct merge *put)
{
    static const char sql[] =
        "SELECT mark, files, directories, symlinks, bytes, changed_files, changed_bytes"
        " FROM scan_queue WHERE share = ? AND parent = 0 AND folder = ?";
    struct query q;
    enum err err;

    query_init(&q, put->store, sql);
    query_int(&q, put->share);
    query_int(&q, (int64_t)put->listing->folder);
    err = query_step(&q);
    if (err == OK) {
        put->mark = (uint64_t)query_get_int(&q);
        put->part.files = (uint64_t)query_get_int(&q);
        put->part.directories = (uint64_t)query_get_int(&q);
        put->part.symlinks = (uint64_t)query_get_int(&q);
        put->part.bytes = (uint64_t)query_get_int(&q);
        put->part.changed_files = (uint64_t)query_get_int(&q);
        put->part.changed_bytes = (uint64_t)query_get_int(&q);
    }
    query_end(&q);
    return err == ERR_NO_ROW ? ERR_BUG : err; /* a listing nobody waits for */
}

static enum err write_part(struct merge *put)
{
    static const char sql[] =
        "UPDATE scan_queue SET mark = ?, files = ?, directories = ?, symlinks = ?, bytes = ?,"
        " changed_files = ?, changed_bytes = ? WHERE share = ? AND parent = 0 AND folder = ?";
    struct query q;

    query_init(&q, put->store, sql);
    query_int(&q, (int64_t)put->mark);
    query_int(&q, (int64_t)put->part.files);
    query_int(&q, (int64_t)put->part.directories);
    query_int(&q, (int64_t)put->part.symlinks);
    query_int(&q, (int64_t)put->part.bytes);
    query_int(&q, (int64_t)put->part.changed_files);
    query_int(&q, (int64_t)put->part.changed_bytes);
    query_int(&q, put->share);
    query_int(&q, (int64_t)put->listing->folder);
    return query_run(&q, NULL);
}

/* Starting anew: folders that an earlier attempt's pieces found are found again. */
static enum err listing_begin(struct merge *put)
{
    static const char forget[] = "DELETE FROM scan_queue WHERE share = ? AND parent = ?";
    const struct store_listing *l = put->listing;

    put->part = (struct store_scan_counts){0};
    put->mark = 0;
    put->unsent = false;
    if (!l->first) {
        return read_part(put);
    }
    if (l->order == STORE_LOOSE) {
        put->mark = ++put->marks;
    }
    return on_folder(put, forget);
}

static enum err listing_end(struct merge *put)
{
    static const char unsent[] = "INSERT INTO unsent (share, folder) VALUES (?, ?)"
                                 " ON CONFLICT (share, folder) DO NOTHING";
    static const char done[] = "DELETE FROM scan_queue WHERE share = ? AND parent = 0"
                               " AND folder = ?";
    static const char ready[] = "UPDATE scan_queue SET parent = 0 WHERE share = ? AND parent = ?";
    const struct store_listing *l = put->listing;
    enum err err = put->unsent ? on_folder(put, unsent) : OK;

    if (err == OK && !l->last) {
        /* These two are kept at once: a piece put anew would not see its changes again. */
        put->counts.changed_entries += put->part.changed_entries;
        put->counts.removed += put->part.removed;
        return write_part(put);
    }
    if (err == OK) {
        err = on_folder(put, done);
    }
    if (err == OK && !l->first) {
        err = on_folder(put, ready);
    }
    merge_counts_add(&put->counts, &put->part);
    return err;
}

/* Names are what a file system allows, and rise where they must. */
static enum err check_listing(const struct store_listing *l)
{
    struct bytes before = l->after;

    for (size_t i = 0; i < l->count; i++) {
        struct bytes name = l->entries[i].name;

        if (name.len == 0 || name.len > STORE_NAME_MAX || memchr(name.ptr, 0, name.len) != NULL) {
            return ERR_LIMIT;
        }
        if (l->order == STORE_SORTED && before.len > 0 && bytes_compare(before, name) >= 0) {
            return ERR_BUG;
        }
        before = name;
    }
    return OK;
}

static enum err put_listing(struct merge *put, const struct store_listing *listing)
{
    enum err err = listing->ticket == put->ticket ? check_listing(listing) : ERR_CANCELLED;

    put->listing = listing;
    if (err == OK) {
        err = listing_begin(put);
    }
    if (err == OK) {
        err = merge_listing(put);
    }
    return err == OK ? listing_end(put) : err;
}

/* --- the whole put -----------------------------------------------------------------------------
 */

static enum err read_numbers(struct merge *put)
{
    static const char sql[] =
        "SELECT ticket, next_folder, marks FROM scans WHERE share = ? AND running = 1";
    struct query q;
    enum err err;

    query_init(&q, put->store, sql);
    query_int(&q, put->share);
    err = query_step(&q);
    if (err == OK) {
        put->ticket = (uint64_t)query_get_int(&q);
        put->next_folder = (uint64_t)query_get_int(&q);
        put->marks = (uint64_t)query_get_int(&q);
    }
    query_end(&q);
    return err == ERR_NO_ROW ? ERR_BUG : err; /* no scan was begun */
}

static enum err write_numbers(struct merge *put)
{
    static const char sql[] =
        "UPDATE scans SET next_folder = ?, marks = ?, files = files + ?,"
        " directories = directories + ?, symlinks = symlinks + ?, bytes = bytes + ?,"
        " changed_files = changed_files + ?, changed_bytes = changed_bytes + ?,"
        " changed_entries = changed_entries + ?, removed = removed + ? WHERE share = ?";
    const struct store_scan_counts *c = &put->counts;
    struct query q;

    query_init(&q, put->store, sql);
    query_int(&q, (int64_t)put->next_folder);
    query_int(&q, (int64_t)put->marks);
    query_int(&q, (int64_t)c->files);
    query_int(&q, (int64_t)c->directories);
    query_int(&q, (int64_t)c->symlinks);
    query_int(&q, (int64_t)c->bytes);
    query_int(&q, (int64_t)c->changed_files);
    query_int(&q, (int64_t)c->changed_bytes);
    query_int(&q, (int64_t)c->changed_entries);
    query_int(&q, (int64_t)c->removed);
    query_int(&q, put->share);
    return query_run(&q, NULL);
}

static enum err put_all(struct merge *put, const struct store_listing *listings, size_t count)
{
    enum err err = read_numbers(put);

    for (size_t i = 0; err == OK && i < count; i++) {
        err = put_listing(put, &listings[i]);
    }
    return err == OK ? write_numbers(put) : err;
}

enum err store_scan_put(struct store *store, int64_t share, const struct store_listing *listings,
    size_t count, struct store_scan_counts *counts)
{
    struct merge put = {.store = store, .share = share};
    size_t entries = 0;
    enum err err;

    for (size_t i = 0; i < count; i++) {
        entries += listings[i].count;
    }
    if (entries > STORE_BATCH_MAX) {
        return ERR_BUG;
    }
    put.known = merge_known_new();
    if (put.known == NULL) {
        return ERR_NO_MEMORY;
    }
    err = store_begin(store, STORE_WRITE);
    if (err == OK) {
        err = store_end(store, put_all(&put, listings, count));
    }
    crash_point("listing of a folder put");
    free(put.known);
    if (err == OK) {
        merge_counts_add(counts, &put.counts);
    }
    return err;
}
