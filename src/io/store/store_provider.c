/* News providers. */
#include "io/store/store_provider.h"

#include "io/store/query.h"

enum err store_provider_put(struct store *store, const struct store_provider *provider)
{
    static const char sql[] =
        "INSERT INTO providers (name, host, port, tls, ca_file, account, newsgroup, connections,"
        " position, plain_password, paused, roles, quota)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET facts = CASE WHEN host = excluded.host"
        " AND port = excluded.port AND account = excluded.account THEN facts ELSE x'' END,"
        " host = excluded.host, port = excluded.port, tls = excluded.tls, ca_file = "
        "excluded.ca_file, account = excluded.account,"
        " newsgroup = excluded.newsgroup, connections = excluded.connections,"
        " position = excluded.position, plain_password = excluded.plain_password,"
        " paused = excluded.paused, roles = excluded.roles, quota = excluded.quota";
    struct query q;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_text(&q, provider->name);
    query_text(&q, provider->host);
    query_int(&q, provider->port);
    query_int(&q, provider->tls);
    query_text(&q, provider->ca_file);
    query_text(&q, provider->user);
    query_text(&q, provider->group);
    query_int(&q, provider->connections);
    query_int(&q, provider->position);
    query_int(&q, provider->plain_password);
    query_int(&q, provider->paused);
    query_int(&q, provider->roles);
    query_int(&q, provider->quota);
    return store_end(store, query_run(&q, NULL));
}

/* Run a statement that must touch a row. */
static enum err change_one(struct store *store, struct query *q)
{
    uint64_t changed = 0;
    enum err err = query_run(q, &changed);

    return store_end(store, err == OK && changed == 0 ? ERR_NO_ROW : err);
}

enum err store_provider_spend(struct store *store, const char *name, int64_t spent)
{
    static const char sql[] = "UPDATE providers SET spent = ? WHERE name = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, spent);
    query_text(&q, name);
    return change_one(store, &q);
}

enum err store_provider_spend_more(struct store *store, const char *name, int64_t bytes)
{
    static const char sql[] = "UPDATE providers SET spent = spent + ? WHERE name = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, bytes);
    query_text(&q, name);
    return change_one(store, &q);
}

enum err store_provider_learn(struct store *store, const char *name, struct bytes facts)
{
    static const char sql[] = "UPDATE providers SET facts = ? WHERE name = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_bytes(&q, facts);
    query_text(&q, name);
    return change_one(store, &q);
}

enum err store_provider_remove(struct store *store, const char *name)
{
    static const char sql[] = "DELETE FROM providers WHERE name = ?";
    struct query q;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_text(&q, name);
    return change_one(store, &q);
}

struct provider_call {
    store_provider_fn each;
    void *arg;
};

static enum err provider_row(void *arg, struct query *q)
{
    const struct provider_call *call = arg;
    struct store_provider provider = {.id = query_get_int(q)};

    provider.name = query_get_text(q);
    provider.host = query_get_text(q);
    provider.port = (uint16_t)query_get_int(q);
    provider.tls = (int)query_get_int(q);
    provider.ca_file = query_get_text(q);
    provider.user = query_get_text(q);
    provider.group = query_get_text(q);
    provider.connections = (uint32_t)query_get_int(q);
    provider.position = (int)query_get_int(q);
    provider.plain_password = (int)query_get_int(q);
    provider.paused = (int)query_get_int(q);
    provider.roles = (unsigned)query_get_int(q);
    provider.quota = query_get_int(q);
    provider.spent = query_get_int(q);
    provider.facts = query_get_bytes(q);
    return call->each(call->arg, &provider);
}

enum err store_provider_each(struct store *store, store_provider_fn each, void *arg)
{
    static const char sql[] =
        "SELECT id, name, host, port, tls, ca_file, account, newsgroup, connections, position,"
        " plain_password, paused, roles, quota, spent, facts"
        " FROM providers ORDER BY position, id";
    struct provider_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    return store_end(store, query_each(&q, provider_row, &call));
}
