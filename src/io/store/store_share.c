/* Shares and their paths. */
#include "io/store/store_share.h"

#include <string.h>

#include "base/crash_point.h"
#include "io/store/query.h"

static enum err insert_share(struct store *store, const struct store_share *share, int64_t *id)
{
    static const char sql[] =
        "INSERT INTO shares (title, write_seed, link_secret, created, head_hash, adopting)"
        " VALUES (?, ?, ?, ?, ?, ?)";
    static const char scan[] = "INSERT INTO scans (share) VALUES (?)";
    static const uint8_t no_hash[KEY_LEN];
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_text(&q, share->title);
    query_bytes(&q, bytes_at(share->write_seed, sizeof(share->write_seed)));
    query_bytes(&q, bytes_at(share->link_secret, sizeof(share->link_secret)));
    query_int(&q, share->created);
    query_bytes(&q, bytes_at(no_hash, sizeof(no_hash)));
    query_int(&q, share->adopting);
    err = query_run(&q, NULL);
    if (err != OK) {
        return err;
    }
    *id = query_new_id(&q);
    query_init(&q, store, scan);
    query_int(&q, *id);
    return query_run(&q, NULL);
}

static enum err insert_path(
    struct store *store, int64_t id, size_t position, const struct store_path *path)
{
    static const char sql[] =
        "INSERT INTO share_paths (share, position, path, name) VALUES (?, ?, ?, ?)";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, id);
    query_int(&q, (int64_t)position);
    query_bytes(&q, path->path);
    query_bytes(&q, path->name);
    return query_run(&q, NULL);
}

enum err store_share_add(struct store *store, const struct store_share *share,
    const struct store_path *paths, size_t count, int64_t *id)
{
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    err = insert_share(store, share, id);
    for (size_t i = 0; err == OK && i < count; i++) {
        err = insert_path(store, *id, i, &paths[i]);
    }
    err = store_end(store, err);
    crash_point("share made");
    return err;
}

/* Has the share `id` this path? ERR_NO_ROW: no. */
static enum err has_path(struct store *store, int64_t id, const struct store_path *path)
{
    static const char sql[] = "SELECT 1 FROM share_paths WHERE share = ? AND path = ? AND name = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, id);
    query_bytes(&q, path->path);
    query_bytes(&q, path->name);
    err = query_step(&q);
    query_end(&q);
    return err;
}

static enum err has_paths(
    struct store *store, int64_t id, const struct store_path *paths, size_t count)
{
    static const char sql[] = "SELECT count(*) FROM share_paths WHERE share = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, id);
    err = query_step(&q);
    if (err == OK && query_get_int(&q) != (int64_t)count) {
        err = ERR_NO_ROW;
    }
    query_end(&q);
    for (size_t i = 0; err == OK && i < count; i++) {
        err = has_path(store, id, &paths[i]);
    }
    return err;
}

/* Candidates are the shares with the first path; the order of paths does not matter. */
static enum err find(struct store *store, const struct store_path *paths, size_t count, int64_t *id)
{
    static const char sql[] = "SELECT share FROM share_paths WHERE path = ? ORDER BY share";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_bytes(&q, paths[0].path);
    while ((err = query_step(&q)) == OK) {
        *id = query_get_int(&q);
        err = has_paths(store, *id, paths, count);
        if (err != ERR_NO_ROW) {
            break;
        }
    }
    query_end(&q);
    return err;
}

enum err store_share_find(
    struct store *store, const struct store_path *paths, size_t count, int64_t *id)
{
    enum err err;

    if (count == 0) {
        return ERR_NO_ROW;
    }
    err = store_look(&store);
    if (err != OK) {
        return err;
    }
    return store_end(store, find(store, paths, count, id));
}

#define SHARE_COLUMNS                                                                              \
    "SELECT s.id, s.title, s.write_seed, s.link_secret, s.created, s.version, s.published,"        \
    " s.head_hash, s.entries, s.bytes, s.articles, c.number, s.adopting"                           \
    " FROM shares s JOIN scans c ON c.share = s.id"

static enum err read_share(struct query *q, struct store_share *share)
{
    const char *title;
    enum err err;

    *share = (struct store_share){.id = query_get_int(q)};
    title = query_get_text(q);
    memcpy(share->title, title, strnlen(title, STORE_TITLE_MAX));
    err = query_get_copy(q, share->write_seed, sizeof(share->write_seed));
    if (err == OK) {
        err = query_get_copy(q, share->link_secret, sizeof(share->link_secret));
    }
    if (err != OK) {
        return err;
    }
    share->created = query_get_int(q);
    share->version = (uint64_t)query_get_int(q);
    share->published = query_get_int(q);
    err = query_get_copy(q, share->head_hash, sizeof(share->head_hash));
    share->entries = (uint64_t)query_get_int(q);
    share->bytes = (uint64_t)query_get_int(q);
    share->articles = (uint64_t)query_get_int(q);
    share->scan = (uint64_t)query_get_int(q);
    share->adopting = query_get_int(q) != 0;
    return err;
}

enum err store_share_get(struct store *store, int64_t id, struct store_share *share)
{
    static const char sql[] = SHARE_COLUMNS " WHERE s.id = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, id);
    err = query_step(&q);
    if (err == OK) {
        err = read_share(&q, share);
    }
    query_end(&q);
    return store_end(store, err);
}

struct share_call {
    store_share_fn each;
    void *arg;
};

static enum err share_row(void *arg, struct query *q)
{
    const struct share_call *call = arg;
    struct store_share share;
    enum err err = read_share(q, &share);

    if (err == OK) {
        err = call->each(call->arg, &share);
    }
    bytes_wipe(&share, sizeof(share));
    return err;
}

enum err store_share_each(struct store *store, store_share_fn each, void *arg)
{
    static const char sql[] = SHARE_COLUMNS " ORDER BY s.id";
    struct share_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    return store_end(store, query_each(&q, share_row, &call));
}

struct path_call {
    store_path_fn each;
    void *arg;
};

static enum err path_row(void *arg, struct query *q)
{
    const struct path_call *call = arg;
    struct store_path path;

    path.path = query_get_bytes(q);
    path.name = query_get_bytes(q);
    return call->each(call->arg, &path);
}

enum err store_share_paths(struct store *store, int64_t id, store_path_fn each, void *arg)
{
    static const char sql[] =
        "SELECT path, name FROM share_paths WHERE share = ? ORDER BY position";
    struct path_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, id);
    return store_end(store, query_each(&q, path_row, &call));
}

enum err store_share_set_title(struct store *store, int64_t id, const char *title)
{
    static const char sql[] = "UPDATE shares SET title = ? WHERE id = ?";
    struct query q;
    uint64_t changed = 0;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_text(&q, title);
    query_int(&q, id);
    err = query_run(&q, &changed);
    return store_end(store, err == OK && changed == 0 ? ERR_NO_ROW : err);
}

enum err store_share_settings(struct store *store, int64_t id, struct store_settings *settings)
{
    static const char sql[] = "SELECT one_file_system, redundancy, ignore_rules FROM shares"
                              " WHERE id = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, id);
    err = query_one(&q);
    if (err == OK) {
        settings->one_file_system = query_get_int(&q) != 0;
        settings->redundancy = (unsigned)query_get_int(&q);
        settings->ignore_rules.len = 0;
        err = buf_append(&settings->ignore_rules, query_get_bytes(&q));
        query_end(&q);
    }
    return store_end(store, err);
}

enum err store_share_set_settings(
    struct store *store, int64_t id, const struct store_settings *settings)
{
    static const char sql[] = "UPDATE shares SET one_file_system = ?, redundancy = ?,"
                              " ignore_rules = ? WHERE id = ?";
    struct query q;
    uint64_t changed = 0;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, settings->one_file_system);
    query_int(&q, settings->redundancy == 0 ? STORE_REDUNDANCY_DEFAULT : settings->redundancy);
    query_bytes(&q, buf_view(&settings->ignore_rules));
    query_int(&q, id);
    err = query_run(&q, &changed);
    return store_end(store, err == OK && changed == 0 ? ERR_NO_ROW : err);
}
