/* The server as a whole: spool, listener, clients. */
#include "app/newsd/newsd.h"

#include <stdlib.h>
#include <string.h>

#include "app/newsd/newsd_session.h"
#include "base/log.h"

enum { TURN_AWAY_MS = 2000 };

static void on_accept(void *arg, struct net_stream *stream, const char *peer)
{
    static const struct net_handlers deaf = {0};
    static const char full[] = "400 Too many connections, try again later\r\n";
    struct newsd *newsd = arg;

    if (newsd->clients < newsd->max_clients) {
        newsd_session_start(newsd, stream, peer);
        return;
    }
    log_warn("newsd", "turned away, too many clients: peer=%s", peer);
    net_stream_start(stream, &deaf, NULL);
    if (net_stream_write(stream, bytes_str(full)) == OK) {
        net_stream_finish(stream, TURN_AWAY_MS);
    } else {
        net_stream_free(stream);
    }
}

static enum err copy_login(struct newsd *newsd, const struct newsd_options *options)
{
    if (options->user == NULL) {
        return OK;
    }
    if (options->password == NULL) {
        return ERR_BAD_REQUEST;
    }
    newsd->user = strdup(options->user);
    newsd->password = strdup(options->password);
    return newsd->user == NULL || newsd->password == NULL ? ERR_NO_MEMORY : OK;
}

enum err newsd_start(struct loop *loop, const struct newsd_options *options, struct newsd **out)
{
    struct newsd *newsd = calloc(1, sizeof(*newsd));
    struct spool_options spool = {.dir = options->spool,
        .groups = options->groups,
        .group_count = options->group_count,
        .sync = options->sync};
    struct net_listen_options listen = {.host = options->host,
        .port = options->port,
        .cert_file = options->cert_file,
        .key_file = options->key_file};
    enum err err;

    if (newsd == NULL) {
        return ERR_NO_MEMORY;
    }
    newsd->loop = loop;
    newsd->max_article = options->max_article == 0 ? NEWSD_MAX_ARTICLE : options->max_article;
    newsd->max_clients = options->max_clients == 0 ? NEWSD_MAX_CLIENTS : options->max_clients;
    list_init(&newsd->sessions);
    err = copy_login(newsd, options);
    if (err == OK) {
        err = spool_open(&spool, &newsd->spool);
    }
    if (err == OK) {
        err = net_listen(loop, &listen, on_accept, newsd, &newsd->listener);
    }
    if (err != OK) {
        newsd_free(newsd);
        return err;
    }
    *out = newsd;
    return OK;
}

uint16_t newsd_port(const struct newsd *newsd)
{
    return net_listener_port(newsd->listener);
}

void newsd_free(struct newsd *newsd)
{
    if (newsd == NULL) {
        return;
    }
    net_listener_free(newsd->listener);
    LIST_EACH(node, after, &newsd->sessions)
    {
        newsd_session_free(LIST_ITEM(node, struct session, node));
    }
    spool_close(newsd->spool);
    if (newsd->password != NULL) {
        bytes_wipe(newsd->password, strlen(newsd->password));
    }
    free(newsd->password);
    free(newsd->user);
    free(newsd);
}
