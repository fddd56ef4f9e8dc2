/* Comparing and writing. A sorted listing is merged with the stored rows of its range, so an
 * unchanged folder costs reads only. A loose one is looked up entry by entry and leaves its mark in
 * `seen`. */
#include "io/store/merge.h"

#include <stdlib.h>
#include <string.h>

#include "io/store/query.h"
#include "io/store/tree.h"

enum entry_state {
    ENTRY_NEW,
    ENTRY_SAME,
    ENTRY_OTHER_MODE, /* or a number of links we did not know; its bytes are as they were */
    ENTRY_CHANGED,
    ENTRY_TWICE, /* a loose listing held this name before */
};

/* What the catalogue says about the entry of a listing, before it is written. */
struct merge_known {
    enum entry_state state;
    enum store_type type; /* the stored one */
    uint64_t child;       /* the stored one */
    bool sent;            /* after the put */
    bool gap;             /* stored entries between the one before and this one are gone */
};

/* --- comparing ---------------------------------------------------------------------------------
 */

#define KNOWN_COLUMNS "type, mode, size, mtime, ctime, inode, device, child, sent, links, seen"

/* Only files are told from their links. */
static uint32_t links_of(const struct store_entry *entry)
{
    return entry->type == STORE_FILE && entry->links > 1 ? entry->links : 1;
}

/* Read KNOWN_COLUMNS of the row that has the entry's name. */
static void compare(
    struct merge *m, struct query *q, const struct store_entry *entry, struct merge_known *known)
{
    bool same, same_mode;

    known->type = (enum store_type)query_get_int(q);
    same_mode = (uint32_t)query_get_int(q) == entry->mode;
    same = known->type == entry->type;
    same &= (uint64_t)query_get_int(q) == entry->size;
    same &= query_get_int(q) == entry->mtime_ns;
    same &= query_get_int(q) == entry->ctime_ns;
    same &= (uint64_t)query_get_int(q) == entry->inode;
    same &= (uint64_t)query_get_int(q) == entry->device;
    known->child = (uint64_t)query_get_int(q);
    known->sent = query_get_int(q) != 0;
    same_mode &= (uint32_t)query_get_int(q) == links_of(entry);
    if (!same) {
        known->state = ENTRY_CHANGED;
    } else {
        known->state = same_mode ? ENTRY_SAME : ENTRY_OTHER_MODE;
    }
    if (m->listing->order == STORE_LOOSE && (uint64_t)query_get_int(q) == m->mark) {
        known->state = ENTRY_TWICE;
    }
}

/* A stored row: entries before it are new; without an entry of its name it is gone. */
static enum err merge_row(void *arg, struct query *q)
{
    struct merge *m = arg;
    const struct store_listing *l = m->listing;
    struct bytes name = query_get_bytes(q);
    int order = 1;

    while (m->at < l->count && (order = bytes_compare(l->entries[m->at].name, name)) < 0) {
        m->at++;
    }
    if (m->at < l->count && order == 0) {
        compare(m, q, &l->entries[m->at], &m->known[m->at]);
        m->at++;
    } else {
        m->known[m->at].gap = true;
    }
    return OK;
}

static enum err merge_rows(struct merge *m)
{
    static const char sql[] = "SELECT name, " KNOWN_COLUMNS " FROM entries"
                              " WHERE share = ? AND folder = ? AND name > ? ORDER BY name";
    static const char up_to[] =
        "SELECT name, " KNOWN_COLUMNS " FROM entries"
        " WHERE share = ? AND folder = ? AND name > ? AND name <= ? ORDER BY name";
    const struct store_listing *l = m->listing;
    struct query q;

    m->at = 0;
    query_init(&q, m->store, l->last ? sql : up_to);
    query_int(&q, m->share);
    query_int(&q, (int64_t)l->folder);
    query_bytes(&q, l->after);
    if (!l->last && l->count > 0) {
        query_bytes(&q, l->entries[l->count - 1].name);
    } else if (!l->last) {
        query_bytes(&q, l->after); /* an empty piece: an empty range */
    }
    return query_each(&q, merge_row, m);
}

static enum err look_up(struct merge *m, size_t i)
{
    static const char sql[] = "SELECT " KNOWN_COLUMNS " FROM entries"
                              " WHERE share = ? AND folder = ? AND name = ?";
    struct query q;
    enum err err;

    query_init(&q, m->store, sql);
    query_int(&q, m->share);
    query_int(&q, (int64_t)m->listing->folder);
    query_bytes(&q, m->listing->entries[i].name);
    err = query_step(&q);
    if (err == OK) {
        compare(m, &q, &m->listing->entries[i], &m->known[i]);
    }
    query_end(&q);
    return err == ERR_NO_ROW ? OK : err;
}

/* --- writing -----------------------------------------------------------------------------------
 */

#define INSERT_ENTRY                                                                               \
    "INSERT INTO entries (share, folder, name, type, mode, size, mtime, ctime, inode, device,"     \
    " child, sent, seen, links, target) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

static enum err write_row(
    struct merge *m, const struct store_entry *entry, const struct merge_known *known)
{
    static const char insert[] = INSERT_ENTRY;
    static const char replace[] =
        INSERT_ENTRY " ON CONFLICT (share, folder, name) DO UPDATE SET type = excluded.type,"
                     " mode = excluded.mode, size = excluded.size, mtime = excluded.mtime,"
                     " ctime = excluded.ctime, inode = excluded.inode, device = excluded.device,"
                     " child = excluded.child, sent = excluded.sent, seen = excluded.seen,"
                     " links = excluded.links, target = excluded.target, extents = NULL";
    struct query q;

    query_init(&q, m->store, known->state == ENTRY_NEW ? insert : replace);
    query_int(&q, m->share);
    query_int(&q, (int64_t)m->listing->folder);
    query_bytes(&q, entry->name);
    query_int(&q, entry->type);
    query_int(&q, entry->mode);
    query_int(&q, (int64_t)entry->size);
    query_int(&q, entry->mtime_ns);
    query_int(&q, entry->ctime_ns);
    query_int(&q, (int64_t)entry->inode);
    query_int(&q, (int64_t)entry->device);
    query_int(&q, (int64_t)known->child);
    query_int(&q, entry->type != STORE_FILE || entry->size == 0);
    query_int(&q, (int64_t)m->mark);
    query_int(&q, links_of(entry));
    if (entry->type == STORE_SYMLINK) {
        query_bytes(&q, entry->target);
    } else {
        query_null(&q);
    }
    return query_run(&q, NULL);
}

/* A row that stays: its mode, its number of links, and the mark of a loose listing. */
static enum err touch_row(struct merge *m, const struct store_entry *entry)
{
    static const char sql[] = "UPDATE entries SET mode = ?, seen = ?, links = ?"
                              " WHERE share = ? AND folder = ? AND name = ?";
    struct query q;

    query_init(&q, m->store, sql);
    query_int(&q, entry->mode);
    query_int(&q, (int64_t)m->mark);
    query_int(&q, links_of(entry));
    query_int(&q, m->share);
    query_int(&q, (int64_t)m->listing->folder);
    query_bytes(&q, entry->name);
    return query_run(&q, NULL);
}

/* While its parent's listing is in pieces a folder waits: the parent may be listed anew. */
static enum err queue_folder(struct merge *m, uint64_t folder)
{
    static const char sql[] = "INSERT INTO scan_queue (share, parent, folder) VALUES (?, ?, ?)"
                              " ON CONFLICT (share, parent, folder) DO NOTHING";
    const struct store_listing *l = m->listing;
    struct query q;

    query_init(&q, m->store, sql);
    query_int(&q, m->share);
    query_int(&q, l->first && l->last ? 0 : (int64_t)l->folder);
    query_int(&q, (int64_t)folder);
    return query_run(&q, NULL);
}

/* What hung on the row as it was: pieces of a file, the contents of a folder that is none now. */
static enum err drop_old(
    struct merge *m, const struct store_entry *entry, struct merge_known *known)
{
    static const char sql[] = "DELETE FROM pieces WHERE share = ? AND folder = ? AND name = ?";
    struct query q;

    if (known->type == STORE_DIRECTORY && entry->type != STORE_DIRECTORY) {
        return tree_gone(m->store, m->share, known->child);
    }
    if (known->type != STORE_FILE) {
        return OK;
    }
    query_init(&q, m->store, sql);
    query_int(&q, m->share);
    query_int(&q, (int64_t)m->listing->folder);
    query_bytes(&q, entry->name);
    return query_run(&q, NULL);
}

/* The folder's number: the stored one, or a new one. */
static enum err child_of(
    struct merge *m, const struct store_entry *entry, struct merge_known *known)
{
    struct store_entry in_folder;

    if (entry->type != STORE_DIRECTORY) {
        known->child = 0;
        return OK;
    }
    if (known->state != ENTRY_NEW && known->type == STORE_DIRECTORY) {
        return OK;
    }
    known->child = m->next_folder++;
    in_folder = *entry;
    in_folder.folder = m->listing->folder;
    return tree_add_folder(m->store, m->share, &in_folder, known->child);
}

static enum err write_changed(
    struct merge *m, const struct store_entry *entry, struct merge_known *known)
{
    enum err err = known->state == ENTRY_CHANGED ? drop_old(m, entry, known) : OK;

    if (err == OK) {
        err = child_of(m, entry, known);
    }
    known->sent = entry->type != STORE_FILE || entry->size == 0;
    return err == OK ? write_row(m, entry, known) : err;
}

static void count_entry(
    struct merge *m, const struct store_entry *entry, const struct merge_known *known)
{
    struct store_scan_counts *c = &m->part;
    bool changed = known->state == ENTRY_NEW || known->state == ENTRY_CHANGED;

    c->changed_entries += known->state != ENTRY_SAME;
    switch (entry->type) {
    case STORE_DIRECTORY:
        c->directories++;
        break;
    case STORE_SYMLINK:
        c->symlinks++;
        break;
    case STORE_FILE:
        c->files++;
        c->bytes += entry->size;
        if (changed || !known->sent) {
            c->changed_files++;
            c->changed_bytes += entry->size;
        }
        m->unsent |= !known->sent;
        break;
    }
}

static enum err write_entry(struct merge *m, size_t i)
{
    const struct store_entry *entry = &m->listing->entries[i];
    struct merge_known *known = &m->known[i];
    enum err err = OK;

    if (known->state == ENTRY_TWICE) {
        return OK;
    }
    if (known->state == ENTRY_NEW || known->state == ENTRY_CHANGED) {
        err = write_changed(m, entry, known);
    } else if (known->state == ENTRY_OTHER_MODE || m->listing->order == STORE_LOOSE) {
        err = touch_row(m, entry);
    }
    if (err == OK && entry->type == STORE_DIRECTORY) {
        err = queue_folder(m, known->child);
    }
    if (err == OK) {
        count_entry(m, entry, known);
    }
    return err;
}

/* The stored names strictly between entry i - 1 and entry i are gone. */
static enum err remove_gap(struct merge *m, size_t i)
{
    const struct store_listing *l = m->listing;
    uint8_t room[STORE_NAME_MAX + 1];
    struct bytes before = i > 0 ? l->entries[i - 1].name : l->after;
    struct tree_range range = {.folder = l->folder};

    if (before.len > 0) {
        range.first = tree_after(before, room);
    }
    if (i < l->count) {
        range.end = l->entries[i].name;
    }
    return tree_remove(m->store, m->share, &range, &m->part.removed);
}

static enum err put_sorted(struct merge *m)
{
    size_t count = m->listing->count;
    enum err err = merge_rows(m);

    for (size_t i = 0; err == OK && i <= count; i++) {
        if (m->known[i].gap) {
            err = remove_gap(m, i);
        }
        if (err == OK && i < count) {
            err = write_entry(m, i);
        }
    }
    return err;
}

/* Rows without this listing's mark were in none of its pieces. */
static enum err remove_unseen(struct merge *m)
{
    static const char gone[] =
        "INSERT INTO scan_gone (share, folder) SELECT share, child FROM entries"
        " WHERE share = ? AND folder = ? AND seen <> ? AND child <> 0"
        " ON CONFLICT (share, folder) DO NOTHING";
    static const char pieces[] =
        "DELETE FROM pieces WHERE share = ? AND folder = ? AND name IN (SELECT e.name"
        " FROM entries e WHERE e.share = pieces.share AND e.folder = pieces.folder"
        " AND e.seen <> ?)";
    static const char entries[] =
        "DELETE FROM entries WHERE share = ? AND folder = ? AND seen <> ?";
    static const char *const sqls[] = {gone, pieces, entries};
    uint64_t removed = 0;
    enum err err = OK;

    for (size_t i = 0; err == OK && i < sizeof(sqls) / sizeof(sqls[0]); i++) {
        struct query q;

        query_init(&q, m->store, sqls[i]);
        query_int(&q, m->share);
        query_int(&q, (int64_t)m->listing->folder);
        query_int(&q, (int64_t)m->mark);
        err = query_run(&q, &removed);
    }
    m->part.removed += removed; /* of the last statement */
    return err;
}

static enum err put_loose(struct merge *m)
{
    enum err err = OK;

    for (size_t i = 0; err == OK && i < m->listing->count; i++) {
        err = look_up(m, i);
        if (err == OK) {
            err = write_entry(m, i);
        }
    }
    return err == OK && m->listing->last ? remove_unseen(m) : err;
}

struct merge_known *merge_known_new(void)
{
    return malloc((STORE_BATCH_MAX + 1) * sizeof(struct merge_known));
}

enum err merge_listing(struct merge *m)
{
    memset(m->known, 0, (m->listing->count + 1) * sizeof(m->known[0]));
    return m->listing->order == STORE_SORTED ? put_sorted(m) : put_loose(m);
}

void merge_counts_add(struct store_scan_counts *sum, const struct store_scan_counts *part)
{
    sum->files += part->files;
    sum->directories += part->directories;
    sum->symlinks += part->symlinks;
    sum->bytes += part->bytes;
    sum->changed_files += part->changed_files;
    sum->changed_bytes += part->changed_bytes;
    sum->changed_entries += part->changed_entries;
    sum->removed += part->removed;
}
