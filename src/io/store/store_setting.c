/* Settings: a name and a value. */
#include "io/store/store_setting.h"

#include "io/store/query.h"

static enum err put_one(struct store *store, const struct store_setting *setting)
{
    static const char sql[] = "INSERT INTO settings (name, value) VALUES (?, ?)"
                              " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    struct query q;

    query_init(&q, store, sql);
    query_text(&q, setting->name);
    query_bytes(&q, setting->value);
    return query_run(&q, NULL);
}

enum err store_setting_put(struct store *store, const struct store_setting *settings, size_t count)
{
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    for (size_t i = 0; err == OK && i < count; i++) {
        err = put_one(store, &settings[i]);
    }
    return store_end(store, err);
}

enum err store_setting_get(struct store *store, const char *name, struct buf *value)
{
    static const char sql[] = "SELECT value FROM settings WHERE name = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_text(&q, name);
    err = query_one(&q);
    if (err == OK) {
        err = buf_append(value, query_get_bytes(&q));
        query_end(&q);
    }
    return store_end(store, err);
}
