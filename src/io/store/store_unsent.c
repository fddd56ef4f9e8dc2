/* The files to send, over all folders. Scans note the folders that may hold some; here the note
 * goes when none is found in one. */
#include "io/store/store_unsent.h"

#include <string.h>

#include "io/store/entry_row.h"

enum {
    FOLDERS_A_CALL = 16,
    ROWS_AT_ONCE = 1000,           /* of one folder are looked at */
    LAST_LEN = STORE_NAME_MAX + 1, /* longer than any name */
};

struct unsent {
    struct store *store;
    int64_t share;
    struct store_unsent *at;
    struct entry_call found;
    uint64_t sent[FOLDERS_A_CALL]; /* folders with nothing to send */
    size_t sent_count;
};

static struct bytes name_of(const struct store_unsent *at)
{
    return bytes_at(at->name, at->name_len);
}

static void move_to(struct store_unsent *at, uint64_t folder, struct bytes name)
{
    at->folder = folder;
    at->name_len = name.len < sizeof(at->name) ? name.len : sizeof(at->name);
    if (name.len > 0) {
        memcpy(at->name, name.ptr, at->name_len);
    } else {
        at->clean = true;
    }
}

/* Go to the first folder from at->folder on that is noted. ERR_NO_ROW: none is. */
static enum err next_folder(struct unsent *u)
{
    static const char sql[] =
        "SELECT folder FROM unsent WHERE share = ? AND folder >= ? ORDER BY folder LIMIT 1";
    struct query q;
    enum err err;

    query_init(&q, u->store, sql);
    query_int(&q, u->share);
    query_int(&q, (int64_t)u->at->folder);
    err = query_one(&q);
    if (err == OK) {
        uint64_t folder = (uint64_t)query_get_int(&q);

        query_end(&q);
        if (folder != u->at->folder) {
            move_to(u->at, folder, (struct bytes){0});
        }
    }
    return err;
}

/* The name ROWS_AT_ONCE rows on. ERR_NO_ROW: there are not so many. */
static enum err find_last(const struct unsent *u, uint8_t last[LAST_LEN], size_t *len)
{
    static const char sql[] = "SELECT name FROM entries WHERE share = ? AND folder = ? AND name > ?"
                              " ORDER BY name LIMIT 1 OFFSET ?";
    struct query q;
    enum err err;

    query_init(&q, u->store, sql);
    query_int(&q, u->share);
    query_int(&q, (int64_t)u->at->folder);
    query_bytes(&q, name_of(u->at));
    query_int(&q, ROWS_AT_ONCE - 1);
    err = query_one(&q);
    if (err == OK) {
        struct bytes name = query_get_bytes(&q);

        *len = name.len < LAST_LEN ? name.len : LAST_LEN;
        memcpy(last, name.ptr, *len);
        query_end(&q);
    }
    return err;
}

static enum err on_found(void *arg, struct query *q)
{
    struct unsent *u = arg;

    u->at->clean = false;
    return entry_row(&u->found, q);
}

/* Those of the folder at hand behind its name, up to `last`. */
static enum err list_some(struct unsent *u, struct bytes last, size_t limit)
{
    static const char sql[] = ENTRY_COLUMNS " WHERE share = ? AND folder = ? AND name > ?"
                                            " AND name <= ? AND sent = 0 AND NOT (" ENTRY_IS_LINK
                                            ") ORDER BY name LIMIT ?";
    const struct store_unsent from = *u->at; /* keep_key() writes there */
    struct query q;

    query_init(&q, u->store, sql);
    query_int(&q, u->share);
    query_int(&q, (int64_t)from.folder);
    query_bytes(&q, name_of(&from));
    query_bytes(&q, last);
    query_int(&q, (int64_t)limit);
    return query_each(&q, on_found, u);
}

/* The caller's each(), and the key of what it saw. */
struct keyed {
    store_entry_fn each;
    void *arg;
    struct store_unsent *at;
};

static enum err keep_key(void *arg, const struct store_entry *entry)
{
    struct keyed *keyed = arg;
    enum err err = keyed->each(keyed->arg, entry);

    move_to(keyed->at, entry->folder, entry->name);
    return err;
}

/* One step in the folder at hand: to the limit, ROWS_AT_ONCE on, or to its end. */
static enum err list_folder(struct unsent *u, size_t limit)
{
    uint8_t last[LAST_LEN];
    size_t len = LAST_LEN;
    enum err err;
    bool more;

    memset(last, 0xff, sizeof(last));
    err = find_last(u, last, &len);
    more = err == OK;
    if (err == OK || err == ERR_NO_ROW) {
        err = list_some(u, bytes_at(last, len), limit - u->found.rows);
    }
    if (err != OK || u->found.rows == limit) {
        return err;
    }
    if (more) {
        move_to(u->at, u->at->folder, bytes_at(last, len));
        return OK;
    }
    if (u->at->clean) {
        u->sent[u->sent_count++] = u->at->folder;
    }
    move_to(u->at, u->at->folder + 1, (struct bytes){0});
    return OK;
}

static enum err look(struct unsent *u, size_t limit)
{
    enum err err = OK;

    for (size_t i = 0; i < FOLDERS_A_CALL && err == OK && u->found.rows < limit; i++) {
        err = next_folder(u);
        if (err == OK) {
            err = list_folder(u, limit);
        }
    }
    u->at->done = err == ERR_NO_ROW;
    return err == ERR_NO_ROW ? OK : err;
}

/* Something may have come into the folder since it was looked at. */
static enum err drop_note(struct unsent *u, uint64_t folder)
{
    static const char sql[] =
        "DELETE FROM unsent WHERE share = ? AND folder = ? AND NOT EXISTS (SELECT 1 FROM entries"
        " WHERE share = ? AND folder = ? AND sent = 0 AND NOT (" ENTRY_IS_LINK "))";
    struct query q;

    query_init(&q, u->store, sql);
    query_int(&q, u->share);
    query_int(&q, (int64_t)folder);
    query_int(&q, u->share);
    query_int(&q, (int64_t)folder);
    return query_run(&q, NULL);
}

static enum err drop_notes(struct unsent *u)
{
    enum err err = store_begin(u->store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    for (size_t i = 0; i < u->sent_count && err == OK; i++) {
        err = drop_note(u, u->sent[i]);
    }
    return store_end(u->store, err);
}

enum err store_entry_unsent(
    struct store *store, int64_t share, struct store_unsent *at, store_entry_fn each, void *arg)
{
    struct keyed keyed = {each, arg, at};
    struct unsent u = {.share = share, .at = at, .found = {keep_key, &keyed, 0}};
    struct store *reader = store;
    enum err err = store_look(&reader);

    if (err != OK) {
        return err;
    }
    u.store = reader;
    err = store_end(reader, look(&u, at->limit));
    u.store = store;
    return err == OK && u.sent_count > 0 ? drop_notes(&u) : err;
}
