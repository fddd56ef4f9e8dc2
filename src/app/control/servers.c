/* News servers as the pool wants them. */
#include "app/control/servers.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/control/server_facts.h"
#include "base/log.h"
#include "io/disk/disk_file.h"

enum { SECRET_MODE = 0600, SECRETS_MODE = 0700, PATH_LEN = 4096 };

bool servers_name_ok(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(name);

    return len >= 1 && len <= SERVERS_NAME_MAX && name[0] != '.' && strspn(name, allowed) == len;
}

bool servers_host_is_local(const char *host)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct in6_addr six;
    struct in_addr four;

    if (inet_pton(AF_INET, host, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (inet_pton(AF_INET6, host, &six) == 1) {
        return IN6_IS_ADDR_LOOPBACK(&six) ||
               (memcmp(&six, mapped, sizeof(mapped)) == 0 && six.s6_addr[12] == IN_LOOPBACKNET);
    }
    return strcasecmp(host, "localhost") == 0;
}

bool servers_password_ok(const struct store_provider *row)
{
    return row->user[0] == '\0' || row->tls != 0 || row->plain_password ||
           servers_host_is_local(row->host);
}

static enum err secret_path(struct control *control, const char *name, char path[PATH_LEN])
{
    int len = snprintf(path, PATH_LEN, "%s/secrets/server-%s", control->state, name);

    return len < PATH_LEN ? OK : ERR_LIMIT;
}

enum err servers_password_put(struct control *control, const char *name, struct bytes password)
{
    char path[PATH_LEN], folder[PATH_LEN];
    enum err err = secret_path(control, name, path);

    if (err != OK) {
        return err;
    }
    if (password.len == 0) {
        (void)unlink(path);
        return OK;
    }
    (void)snprintf(folder, sizeof(folder), "%s/secrets", control->state);
    err = disk_make_dirs(folder, SECRETS_MODE);
    return err == OK ? disk_replace(path, password, SECRET_MODE) : err;
}

/* A copy of one row with its password: owned texts behind a news_provider. */
struct server {
    struct news_provider provider;
    char *name, *host, *ca_file, *user, *group;
    struct buf password;
};

struct servers {
    struct server rows[SERVERS_MAX];
    size_t count;
};

static char *copy_or_null(const char *text)
{
    return text == NULL || text[0] == '\0' ? NULL : strdup(text);
}

static enum err on_row(void *arg, const struct store_provider *row)
{
    struct servers *servers = arg;
    struct server *server;

    if (servers->count == SERVERS_MAX) {
        return ERR_LIMIT;
    }
    server = &servers->rows[servers->count++];
    server->name = strdup(row->name);
    server->host = strdup(row->host);
    server->group = strdup(row->group);
    server->ca_file = copy_or_null(row->ca_file);
    if (servers_password_ok(row)) {
        server->user = copy_or_null(row->user);
    } else {
        log_warn("control", "this server is not told user and password, for want of TLS name=%s",
            row->name);
    }
    if (server->name == NULL || server->host == NULL || server->group == NULL) {
        return ERR_NO_MEMORY;
    }
    server->provider = (struct news_provider){
        .name = server->name,
        .host = server->host,
        .port = row->port,
        .tls = row->tls != 0 ? NET_TLS : NET_PLAIN,
        .ca_file = server->ca_file,
        .user = server->user,
        .group = server->group,
        .connections = row->connections,
        .paused = row->paused != 0,
        .roles = row->roles,
        .order = row->position,
        .quota = (uint64_t)row->quota,
        .spent = (uint64_t)row->spent,
        .quirks = server_facts_quirks(row->facts),
    };
    return OK;
}

static void servers_clear(struct servers *servers)
{
    for (size_t i = 0; i < servers->count; i++) {
        struct server *server = &servers->rows[i];

        free(server->name);
        free(server->host);
        free(server->ca_file);
        free(server->user);
        free(server->group);
        buf_wipe(&server->password);
    }
    free(servers);
}

/* A missing file is no password; the server will say what it thinks of that. */
static enum err load_password(struct control *control, struct server *server)
{
    char path[PATH_LEN];
    enum err err = secret_path(control, server->name, path);

    if (err == OK) {
        err = disk_slurp(path, SERVERS_PASSWORD_MAX, &server->password);
    }
    if (err == ERR_NOT_FOUND) {
        return OK;
    }
    if (err == OK) {
        err = buf_append_byte(&server->password, '\0');
    }
    if (err == OK) {
        server->provider.password = (const char *)server->password.ptr;
    }
    return err;
}

static enum err servers_load(struct control *control, struct servers **out)
{
    struct servers *servers = calloc(1, sizeof(*servers));
    enum err err = ERR_NO_MEMORY;

    if (servers == NULL) {
        return err;
    }
    err = store_provider_each(control->store, on_row, servers);
    for (size_t i = 0; i < servers->count && err == OK; i++) {
        if (servers->rows[i].user != NULL) {
            err = load_password(control, &servers->rows[i]);
        }
    }
    if (err != OK) {
        servers_clear(servers);
        return err;
    }
    *out = servers;
    return OK;
}

enum err servers_each(struct control *control, servers_fn each, void *arg)
{
    struct servers *servers = NULL;
    enum err err = servers_load(control, &servers);

    if (err != OK) {
        return err;
    }
    for (size_t i = 0; i < servers->count && err == OK; i++) {
        err = each(arg, &servers->rows[i].provider);
    }
    servers_clear(servers);
    return err;
}

void servers_free(struct control *control)
{
    for (size_t i = 0; i < control->server_count; i++) {
        free(control->servers[i]);
    }
    free(control->servers);
    free(control->spent);
    control->servers = NULL;
    control->spent = NULL;
    control->server_count = 0;
}

void servers_take_spent(struct control *control, struct servers_spent *spent)
{
    spent->count = 0;
    for (size_t i = 0; i < control->server_count; i++) {
        struct news_counters counters;

        news_counters_get(control->news, i, &counters);
        if (counters.spent != control->spent[i]) {
            (void)snprintf(spent->list[spent->count].name, sizeof(spent->list[0].name), "%s",
                control->servers[i]);
            spent->list[spent->count++].bytes = (int64_t)(counters.spent - control->spent[i]);
            control->spent[i] = counters.spent;
        }
    }
}

void servers_write_spent(struct store *store, const struct servers_spent *spent)
{
    for (size_t i = 0; i < spent->count; i++) {
        enum err err = store_provider_spend_more(store, spent->list[i].name, spent->list[i].bytes);

        if (err != OK && err != ERR_NO_ROW) { /* one that is just being removed has none */
            log_warn("control", "what a server has carried is not written down name=%s err=%s",
                spent->list[i].name, err_name(err));
        }
    }
}

void servers_note_spent(struct control *control)
{
    struct servers_spent spent;

    servers_take_spent(control, &spent);
    servers_write_spent(control->store, &spent);
}

enum err servers_set_spent(struct control *control, const char *name, int64_t spent)
{
    enum err err = store_provider_spend(control->store, name, spent);

    for (size_t i = 0; err == OK && i < control->server_count; i++) {
        if (strcmp(control->servers[i], name) == 0) {
            news_set_spent(control->news, i, (uint64_t)spent);
            control->spent[i] = (uint64_t)spent;
        }
    }
    return err;
}

enum err servers_apply(struct control *control)
{
    struct news_provider providers[SERVERS_MAX];
    struct servers *servers = NULL;
    enum err err;

    servers_note_spent(control);
    err = servers_load(control, &servers);
    if (err != OK) {
        return err;
    }
    servers_free(control);
    control->servers = calloc(SERVERS_MAX, sizeof(*control->servers));
    control->spent = calloc(SERVERS_MAX, sizeof(*control->spent));
    control->servers_paused = 0;
    for (size_t i = 0; i < servers->count; i++) {
        providers[i] = servers->rows[i].provider;
        if (control->servers != NULL && control->spent != NULL) {
            control->servers[i] = strdup(providers[i].name);
            control->spent[i] = providers[i].spent;
            control->server_count = i + 1;
            control->servers_paused |= (uint32_t)providers[i].paused << i;
        }
    }
    err = news_set_providers(control->news, providers, servers->count);
    control->changed.servers++;
    log_info("control", "news servers count=%zu", servers->count);
    servers_clear(servers);
    return err;
}
