/* Settings that suit a real server, and owned copies of providers. */
#include "io/news/news_provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "io/news/news_provider_copy.h"

void news_settings_default(struct news_settings *settings)
{
    *settings = (struct news_settings){
        .dns_ms = 10000,
        .connect_ms = 10000,
        .handshake_ms = 15000,
        .greeting_ms = 20000,
        .reply_ms = 60000,
        .progress_ms = 60000,
        .slowest_rate = 4096,
        .idle_close_ms = 90000,
        .reconnect_min_ms = 1000,
        .reconnect_max_ms = 60000,
        .limit_probe_ms = 30000,
        .retry_ms = 1000,
        .tries = 6,
        .connect_failures = 5,
        .stat_pipeline = 16,
        .body_pipeline = 2,
    };
}

static unsigned clamp(unsigned value, unsigned min, unsigned max)
{
    if (value < min) {
        return min;
    }
    return value > max ? max : value;
}

void news_settings_bound(struct news_settings *settings)
{
    settings->tries = clamp(settings->tries, 1, NEWS_TRIES_MAX);
    settings->connect_failures = clamp(settings->connect_failures, 1, NEWS_TRIES_MAX);
    settings->stat_pipeline = clamp(settings->stat_pipeline, 1, NEWS_PIPELINE_MAX);
    settings->body_pipeline = clamp(settings->body_pipeline, 1, NEWS_PIPELINE_MAX);
    if (settings->reconnect_max_ms < settings->reconnect_min_ms) {
        settings->reconnect_max_ms = settings->reconnect_min_ms;
    }
}

/* A copy of `text` (NULL of NULL), made by `make`. */
static const char *copy_by(char *(*make)(const char *text), const char *text, enum err *err)
{
    char *own = text != NULL ? make(text) : NULL;

    if (text != NULL && own == NULL) {
        *err = ERR_NO_MEMORY;
    }
    return own;
}

static const char *copy(const char *text, enum err *err)
{
    return copy_by(strdup, text, err);
}

enum err news_provider_copy(const struct news_provider *from, struct news_provider *to)
{
    enum err err = OK;

    if (from->host == NULL || from->host[0] == '\0') {
        *to = (struct news_provider){0};
        return ERR_BAD_REQUEST;
    }
    *to = (struct news_provider){
        .name = copy(from->name, &err),
        .host = copy(from->host, &err),
        .port = from->port,
        .tls = from->tls,
        .ca_file = copy(from->ca_file, &err),
        .user = copy(from->user, &err),
        .password = copy_by(secret_text, from->password, &err),
        .group = copy(from->group, &err),
        .connections = clamp(from->connections, 1, NEWS_CONNECTIONS_MAX),
        .spent = from->spent,
    };
    news_provider_tune(to, from);
    if (err != OK) {
        news_provider_clear(to);
    }
    return err;
}

static void drop(const char *text)
{
    free((void *)(uintptr_t)text); /* ours, const only for those who read it */
}

void news_provider_clear(struct news_provider *own)
{
    drop(own->name);
    drop(own->host);
    drop(own->ca_file);
    drop(own->user);
    secret_free((void *)(uintptr_t)own->password);
    drop(own->group);
    *own = (struct news_provider){0};
}

static bool same(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}

void news_provider_tune(struct news_provider *own, const struct news_provider *from)
{
    own->paused = from->paused;
    own->roles = from->roles & NEWS_ROLE_ALL;
    own->roles = own->roles != 0 ? own->roles : NEWS_ROLE_ALL;
    own->order = from->order;
    own->quota = from->quota;
    own->quirks = from->quirks;
}

bool news_provider_same(const struct news_provider *a, const struct news_provider *b)
{
    return same(a->name, b->name) && same(a->host, b->host) && a->port == b->port &&
           a->tls == b->tls && same(a->ca_file, b->ca_file) && same(a->user, b->user) &&
           same(a->password, b->password) && same(a->group, b->group) &&
           a->connections == b->connections;
}
