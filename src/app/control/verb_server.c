/* server add, list, remove: which news servers there are. */
#include <string.h>

#include "app/control/servers.h"
#include "base/text.h"
#include "io/disk/disk_file.h"
#include "io/store/store_provider.h"

enum { TEXT_MAX = 1024, GROUP_DEFAULT_PORT = 119, TLS_DEFAULT_PORT = 563 };

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

/* Read the request; the sentence that says what is wrong with it, or NULL. */
static const char *parse(const json_t *args, struct store_provider *row)
{
    bool tls = json_is_true(json_object_get(args, "tls"));
    json_int_t port = integer_arg(args, "port", tls ? TLS_DEFAULT_PORT : GROUP_DEFAULT_PORT);
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
    return NULL;
}

/* Where a new server stands: behind the others; one that is replaced keeps its place. */
struct place {
    const char *name;
    int position, count;
    bool found;
};

static enum err on_place(void *arg, const struct store_provider *row)
{
    struct place *place = arg;

    if (strcmp(row->name, place->name) == 0) {
        place->position = row->position;
        place->found = true;
    } else if (!place->found && row->position >= place->position) {
        place->position = row->position + 1;
    }
    place->count++;
    return OK;
}

static enum err find_place(struct control *control, struct store_provider *row)
{
    struct place place = {.name = row->name};
    enum err err = store_provider_each(control->store, on_place, &place);

    row->position = place.position;
    return err == OK && !place.found && place.count >= SERVERS_MAX ? ERR_LIMIT : err;
}

void verb_server_add(struct control_call *call)
{
    struct control *control = call->control;
    const char *password = line_arg(call->args, "password", "");
    struct store_provider row;
    const char *wrong = parse(call->args, &row);
    enum err err;

    if (wrong == NULL && (password == NULL || strlen(password) > SERVERS_PASSWORD_MAX)) {
        wrong = "the password is too long or holds control characters";
    }
    if (wrong != NULL) {
        control_fail(call, ERR_BAD_REQUEST, "%s", wrong);
        return;
    }
    err = servers_password_ok(&row) ? find_place(control, &row) : ERR_PLAIN_PASSWORD;
    if (err == OK) {
        err = servers_password_put(control, row.name, bytes_str(password));
    }
    if (err == OK) {
        err = store_provider_put(control->store, &row);
    }
    if (err == OK) {
        err = servers_apply(control);
    }
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_answer(call, json_pack("{s:s}", "name", row.name));
    }
}

static enum err on_server(void *arg, const struct news_provider *server)
{
    control_row(
        arg, json_pack("{s:s, s:s, s:i, s:b, s:s, s:s, s:b, s:s, s:i}", "name", server->name,
                 "host", server->host, "port", (int)server->port, "tls", server->tls == NET_TLS,
                 "tls_ca", server->ca_file != NULL ? server->ca_file : "", "user",
                 server->user != NULL ? server->user : "", "has_password", server->password != NULL,
                 "group", server->group, "connections", (int)server->connections));
    return OK;
}

void verb_server_list(struct control_call *call)
{
    enum err err = servers_each(call->control, on_server, call);

    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_end(call);
    }
}

void verb_server_remove(struct control_call *call)
{
    struct control *control = call->control;
    const char *name = line_arg(call->args, "name", NULL);
    enum err err = name != NULL && servers_name_ok(name) ? OK : ERR_NO_ROW;

    if (err == OK) {
        err = store_provider_remove(control->store, name);
    }
    if (err == OK) {
        err = servers_password_put(control, name, bytes_str(""));
    }
    if (err == OK) {
        err = servers_apply(control);
    }
    if (err == ERR_NO_ROW) {
        control_fail(call, err, "there is no news server of this name");
    } else if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_answer(call, json_pack("{s:s}", "name", name));
    }
}
