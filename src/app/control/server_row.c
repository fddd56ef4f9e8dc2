/* News servers as JSON. */
#include "app/control/server_row.h"

#include <stdlib.h>
#include <string.h>

#include "app/control/control_live.h"
#include "app/control/server_facts.h"
#include "io/news/news_watch.h"

enum {
    TEXT_MAX = 1024,
    PLAIN_DEFAULT_PORT = 119,
    TLS_DEFAULT_PORT = 563,
    LINKS_MAX = 1024,
    ORDER_MAX = 1000,
    MS = 1000
};

static const char default_group[] = "alt.binaries.test";

/* A short line of text: no control characters, fit for a command or a row. */
static const char *line_arg(const json_t *args, const char *key, const char *missing)
{
    const json_t *value = json_object_get(args, key);
    const char *text = value == NULL || json_is_null(value) ? missing : json_string_value(value);

    if (text == NULL || strlen(text) > TEXT_MAX) {
        return NULL;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return NULL;
        }
    }
    return text;
}

static json_int_t integer_arg(const json_t *args, const char *key, json_int_t missing)
{
    const json_t *value = json_object_get(args, key);

    return value == NULL || json_is_null(value) ? missing
           : json_is_integer(value)             ? json_integer_value(value)
                                                : -1;
}

/* What a server is for, in words. */
static const struct {
    const char *word;
    enum news_role role;
} roles[] = {{"post", NEWS_ROLE_POST}, {"read", NEWS_ROLE_READ}, {"confirm", NEWS_ROLE_CONFIRM}};

enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

/* A list of words; missing or null: all. False: it is something else. */
static bool roles_arg(const json_t *args, unsigned *bits)
{
    const json_t *list = json_object_get(args, "roles");
    const json_t *item;
    size_t i;

    *bits = 0;
    json_array_foreach(list, i, item)
    {
        const char *word = json_string_value(item);
        size_t role = 0;

        while (role < ROLES && (word == NULL || strcmp(word, roles[role].word) != 0)) {
            role++;
        }
        if (role == ROLES) {
            return false;
        }
        *bits |= roles[role].role;
    }
    return list == NULL || json_is_null(list) || *bits != 0;
}

static json_t *roles_json(unsigned bits)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ROLES; i++) {
        if (bits == 0 || (bits & roles[i].role) != 0) {
            (void)json_array_append_new(list, json_string(roles[i].word));
        }
    }
    return list;
}

/* What it is for, its order, its quota; the sentence that says what is wrong, or NULL. */
static const char *parse_use(const json_t *args, struct store_provider *row)
{
    json_int_t order = integer_arg(args, "order", SERVER_ROW_NO_ORDER);
    json_int_t quota = integer_arg(args, "quota", 0);

    row->position = (int)order;
    row->quota = quota;
    if (!roles_arg(args, &row->roles)) {
        return "a server is for one or more of post, read, confirm";
    }
    if (order != SERVER_ROW_NO_ORDER && (order < 0 || order > ORDER_MAX)) {
        return "the order is a number from 0 to 1000";
    }
    return quota < 0 ? "a quota is a number of bytes" : NULL;
}

const char *server_row_parse(const json_t *args, struct store_provider *row)
{
    bool tls = json_is_true(json_object_get(args, "tls"));
    json_int_t port = integer_arg(args, "port", tls ? TLS_DEFAULT_PORT : PLAIN_DEFAULT_PORT);
    json_int_t connections = integer_arg(args, "connections", NEWS_CONNECTIONS_DEFAULT);

    *row = (struct store_provider){
        .name = line_arg(args, "name", NULL),
        .host = line_arg(args, "host", NULL),
        .tls = tls,
        .ca_file = line_arg(args, "tls_ca", ""),
        .user = line_arg(args, "user", ""),
        .group = line_arg(args, "group", default_group),
        .port = (uint16_t)port,
        .connections = (uint32_t)connections,
        .plain_password = json_is_true(json_object_get(args, "plain_password")),
        .paused = json_is_true(json_object_get(args, "paused")),
    };
    if (row->name == NULL || !servers_name_ok(row->name)) {
        return "a server's name is 1 to 64 letters, digits, '.', '_' or '-'";
    }
    if (row->host == NULL || row->host[0] == '\0' || strchr(row->host, ' ') != NULL) {
        return "a server needs a host name";
    }
    if (port < 1 || port > UINT16_MAX) {
        return "a port is a number from 1 to 65535";
    }
    if (connections < 1 || connections > NEWS_CONNECTIONS_MAX) {
        return "the number of connections is 1 to 200";
    }
    if (row->group == NULL || row->group[0] == '\0' || strpbrk(row->group, " ,") != NULL) {
        return "a newsgroup is one name like alt.binaries.test";
    }
    if (row->user == NULL || row->ca_file == NULL) {
        return "a text is too long or holds control characters";
    }
    if (row->ca_file[0] != '\0' && row->ca_file[0] != '/') {
        return "the certificate file must be an absolute path";
    }
    return parse_use(args, row);
}

const char *server_row_password(const json_t *args)
{
    const char *password = line_arg(args, "password", "");

    return password != NULL && strlen(password) <= SERVERS_PASSWORD_MAX ? password : NULL;
}

static json_t *settings_json(const struct store_provider *row)
{
    json_t *out = json_pack("{s:s, s:s, s:i, s:b, s:s, s:s, s:b, s:s, s:i, s:b, s:i, s:o}", "name",
        row->name, "host", row->host, "port", (int)row->port, "tls", row->tls, "tls_ca",
        row->ca_file, "user", row->user, "plain_password", row->plain_password, "group", row->group,
        "connections", (int)row->connections, "paused", row->paused, "order", row->position,
        "roles", roles_json(row->roles));

    if (out != NULL) {
        (void)json_object_set_new(
            out, "quota", row->quota > 0 ? json_integer(row->quota) : json_null());
    }
    return out;
}

/* --- from the catalogue ------------------------------------------------------------------------
 */

struct rows {
    const char *name; /* NULL: all */
    json_t *list;
    size_t place;
};

static enum err on_row(void *arg, const struct store_provider *row)
{
    struct rows *rows = arg;
    json_t *item = NULL;

    if (rows->name == NULL || strcmp(rows->name, row->name) == 0) {
        item = settings_json(row);
        if (item == NULL ||
            json_object_set_new(item, "place", json_integer((json_int_t)rows->place)) != 0 ||
            json_object_set_new(item, "facts", server_facts_json(row->facts)) != 0 ||
            json_object_set_new(item, "spent", json_integer(row->spent)) != 0 ||
            json_array_append_new(rows->list, item) != 0) {
            return ERR_NO_MEMORY;
        }
    }
    rows->place++;
    return OK;
}

static json_t *read_rows(struct control *control, const char *name)
{
    struct rows rows = {name, json_array(), 0};

    if (store_provider_each(control->store, on_row, &rows) != OK) {
        json_decref(rows.list);
        return NULL;
    }
    return rows.list;
}

enum err server_row_load(struct control *control, const char *name, json_t **settings)
{
    json_t *list = read_rows(control, name != NULL ? name : "");
    enum err err = list == NULL ? ERR_STORE : json_array_size(list) == 0 ? ERR_NO_ROW : OK;

    if (err == OK) {
        *settings = json_incref(json_array_get(list, 0));
        (void)json_object_del(*settings, "place");
        (void)json_object_del(*settings, "facts");
        (void)json_object_del(*settings, "spent");
    }
    json_decref(list);
    return err;
}

/* --- for eyes ----------------------------------------------------------------------------------
 */

static json_t *link_json(const struct news_link *link)
{
    static const char *const states[] = {
        [NEWS_LINK_CONNECTING] = "connecting",
        [NEWS_LINK_LOGIN] = "login",
        [NEWS_LINK_IDLE] = "idle",
        [NEWS_LINK_POSTING] = "posting",
        [NEWS_LINK_FETCHING] = "fetching",
        [NEWS_LINK_ASKING] = "asking",
        [NEWS_LINK_WAITING] = "waiting",
        [NEWS_LINK_CLOSED] = "closed",
    };

    return json_pack("{s:s, s:I, s:I, s:I}", "state", states[link->state], "since",
        (json_int_t)(link->since_ms / MS), "bytes_out", (json_int_t)link->moved.out, "bytes_in",
        (json_int_t)link->moved.in);
}

json_t *server_row_links(struct control *control)
{
    struct news_link *links = calloc(LINKS_MAX, sizeof(*links));
    json_t *list = json_array();
    size_t count;

    if (links == NULL || list == NULL) {
        free(links);
        json_decref(list);
        return NULL;
    }
    for (size_t i = 0; i < control->server_count; i++) {
        (void)json_array_append_new(list, json_array());
    }
    count = news_links_get(control->news, links, LINKS_MAX);
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(json_array_get(list, links[i].provider), link_json(&links[i]));
    }
    free(links);
    return list;
}

static enum err on_secret(void *arg, const struct news_provider *server)
{
    json_t *list = arg;
    json_t *row;
    size_t i;

    json_array_foreach(list, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), server->name) == 0) {
            (void)json_object_set_new(row, "has_password", json_boolean(server->password != NULL));
        }
    }
    return OK;
}

json_t *server_row_view(struct control *control, const char *name)
{
    json_t *list = read_rows(control, name);
    json_t *links = server_row_links(control);
    json_t *row;
    size_t i;

    if (list == NULL || servers_each(control, on_secret, list) != OK) {
        json_decref(list);
        json_decref(links);
        return NULL;
    }
    json_array_foreach(list, i, row)
    {
        size_t place = (size_t)json_integer_value(json_object_get(row, "place"));

        (void)json_object_del(row, "place");
        if (place < control->server_count) {
            json_t *counters = control_counters_json(control, place);

            (void)json_object_set(row, "spent", json_object_get(counters, "spent"));
            (void)json_object_set_new(row, "counters", counters);
            (void)json_object_set(row, "live", json_array_get(links, place));
        }
    }
    json_decref(links);
    return list;
}
