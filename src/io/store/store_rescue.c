/* A second connection that only reads. Of a damaged file each table is read from its front until it
 * breaks, and then from its back. */
#include "io/store/store_rescue.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { SHARES_MAX = 10000 };

static enum err open_to_read(const char *path, sqlite3 **db)
{
    int code = sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    if (*db == NULL) {
        return ERR_NO_MEMORY;
    }
    return code == SQLITE_OK ? OK : ERR_STORE;
}

/* --- what can still be read ------------------------------------------------------------------- */

/* Rows whose number was seen from the front are not taken again from the back. */
struct table {
    sqlite3 *db;
    const struct store_rescue *rescue;
    int64_t seen[SHARES_MAX];
    size_t count;
};

static bool is_new(struct table *t, int64_t id)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->seen[i] == id) {
            return false;
        }
    }
    if (t->count == SHARES_MAX) {
        return false;
    }
    t->seen[t->count++] = id;
    return true;
}

static struct bytes blob_at(sqlite3_stmt *stmt, int column)
{
    const void *data = sqlite3_column_blob(stmt, column);

    return bytes_at(data, (size_t)sqlite3_column_bytes(stmt, column));
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);

    return text != NULL ? (const char *)text : "";
}

/* Run `sql` with `id` as its parameter; OK also when it broke off. */
static enum err each_row(struct table *t, const char *sql, int64_t id,
    enum err (*row)(struct table *t, void *arg, sqlite3_stmt *stmt), void *arg)
{
    sqlite3_stmt *stmt = NULL;
    enum err err = OK;

    if (sqlite3_prepare_v2(t->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
        if (sqlite3_bind_parameter_count(stmt) > 0) {
            (void)sqlite3_bind_int64(stmt, 1, id);
        }
        while (err == OK && sqlite3_step(stmt) == SQLITE_ROW) {
            err = row(t, arg, stmt);
        }
    }
    (void)sqlite3_finalize(stmt);
    return err;
}

struct paths {
    struct store_path list[STORE_RESCUE_PATHS_MAX];
    struct buf bufs[2 * STORE_RESCUE_PATHS_MAX];
    size_t count;
};

static enum err take_path(struct table *t, void *arg, sqlite3_stmt *stmt)
{
    struct paths *paths = arg;
    struct buf *path = &paths->bufs[2 * paths->count];
    struct buf *name = path + 1;
    enum err err = OK;

    (void)t;
    if (paths->count == STORE_RESCUE_PATHS_MAX) {
        return OK;
    }
    err = buf_append(path, blob_at(stmt, 0));
    if (err == OK) {
        err = buf_append(name, blob_at(stmt, 1));
    }
    paths->list[paths->count].path = buf_view(path);
    paths->list[paths->count].name = buf_view(name);
    paths->count++;
    return err;
}

static enum err take_settings(struct table *t, void *arg, sqlite3_stmt *stmt)
{
    struct store_settings *settings = arg;

    (void)t;
    settings->one_file_system = sqlite3_column_int64(stmt, 0) != 0;
    return buf_append(&settings->ignore_rules, blob_at(stmt, 1));
}

/* Catalogues from before schema 6 have no such column: then nothing comes, and the default holds.
 */
static enum err take_redundancy(struct table *t, void *arg, sqlite3_stmt *stmt)
{
    struct store_settings *settings = arg;
    sqlite3_int64 percent = sqlite3_column_int64(stmt, 0);

    (void)t;
    settings->redundancy = percent == 5 || percent == 15 ? (unsigned)percent : 0;
    return OK;
}

static enum err give_share(struct table *t, const struct store_share *share)
{
    struct paths *paths = calloc(1, sizeof(*paths));
    struct store_settings settings = {0};
    enum err err = paths == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        err = each_row(t, "SELECT path, name FROM share_paths WHERE share = ? ORDER BY position",
            share->id, take_path, paths);
    }
    if (err == OK) {
        err = each_row(t, "SELECT one_file_system, ignore_rules FROM shares WHERE id = ?",
            share->id, take_settings, &settings);
    }
    if (err == OK) {
        err = each_row(
            t, "SELECT redundancy FROM shares WHERE id = ?", share->id, take_redundancy, &settings);
    }
    if (err == OK) {
        err = t->rescue->share(t->rescue->arg, share, paths->list, paths->count, &settings);
    }
    for (size_t i = 0; paths != NULL && i < 2 * paths->count; i++) {
        buf_clear(&paths->bufs[i]);
    }
    buf_clear(&settings.ignore_rules);
    free(paths);
    return err;
}

/* A row without whole keys is of no use. */
static enum err take_share(struct table *t, void *arg, sqlite3_stmt *stmt)
{
    struct store_share share = {.id = sqlite3_column_int64(stmt, 0)};
    struct bytes seed = blob_at(stmt, 2), secret = blob_at(stmt, 3);
    const char *title = text_at(stmt, 1);
    enum err err;

    (void)arg;
    if (seed.len != sizeof(share.write_seed) || secret.len != sizeof(share.link_secret) ||
        !is_new(t, share.id)) {
        return OK;
    }
    memcpy(share.title, title, strnlen(title, STORE_TITLE_MAX));
    memcpy(share.write_seed, seed.ptr, seed.len);
    memcpy(share.link_secret, secret.ptr, secret.len);
    share.created = sqlite3_column_int64(stmt, 4);
    share.version = (uint64_t)sqlite3_column_int64(stmt, 5);
    err = give_share(t, &share);
    bytes_wipe(&share, sizeof(share));
    return err;
}

static enum err take_provider(struct table *t, void *arg, sqlite3_stmt *stmt)
{
    struct store_provider provider = {
        .id = sqlite3_column_int64(stmt, 0),
        .name = text_at(stmt, 1),
        .host = text_at(stmt, 2),
        .port = (uint16_t)sqlite3_column_int64(stmt, 3),
        .tls = sqlite3_column_int(stmt, 4),
        .ca_file = text_at(stmt, 5),
        .user = text_at(stmt, 6),
        .group = text_at(stmt, 7),
        .connections = (uint32_t)sqlite3_column_int64(stmt, 8),
        .position = sqlite3_column_int(stmt, 9),
        .plain_password = sqlite3_column_int(stmt, 10),
        .roles = (unsigned)sqlite3_column_int64(stmt, 11),
        .quota = sqlite3_column_int64(stmt, 12),
        .spent = sqlite3_column_int64(stmt, 13),
    };

    (void)arg;
    if (provider.name[0] == '\0' || provider.host[0] == '\0' || !is_new(t, provider.id)) {
        return OK;
    }
    return t->rescue->provider(t->rescue->arg, &provider);
}

#define SHARES "SELECT id, title, write_seed, link_secret, created, version FROM shares"
#define PROVIDERS                                                                                  \
    "SELECT id, name, host, port, tls, ca_file, account, newsgroup, connections, position,"        \
    " plain_password, roles, quota, spent FROM providers"
#define PROVIDERS_5                                                                                \
    "SELECT id, name, host, port, tls, ca_file, account, newsgroup, connections, position,"        \
    " plain_password, 0, 0, 0 FROM providers"
#define PROVIDERS_OLD                                                                              \
    "SELECT id, name, host, port, tls, ca_file, account, newsgroup, connections, position,"        \
    " tls = 0, 0, 0, 0 FROM providers"

static enum err read_tables(struct table *t)
{
    static const char *const providers[] = {PROVIDERS " ORDER BY id", PROVIDERS " ORDER BY id DESC",
        PROVIDERS_5 " ORDER BY id", PROVIDERS_OLD " ORDER BY id"};
    enum err err = each_row(t, SHARES " ORDER BY id", 0, take_share, NULL);

    if (err == OK) {
        err = each_row(t, SHARES " ORDER BY id DESC", 0, take_share, NULL);
    }
    t->count = 0;
    for (size_t i = 0; err == OK && i < sizeof(providers) / sizeof(providers[0]); i++) {
        err = each_row(t, providers[i], 0, take_provider, NULL);
    }
    return err;
}

enum err store_rescue(const char *path, const struct store_rescue *rescue)
{
    struct table *t = calloc(1, sizeof(*t));
    enum err err = t == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK && open_to_read(path, &t->db) == OK) {
        t->rescue = rescue;
        err = read_tables(t);
    }
    if (t != NULL) {
        (void)sqlite3_close(t->db);
    }
    free(t);
    return err;
}
