/* A news server with its account, and how patient we are with it. */
#ifndef IO_NEWS_NEWS_PROVIDER_H
#define IO_NEWS_NEWS_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "io/net/net.h"

enum {
    NEWS_CONNECTIONS_MAX = 200,
    NEWS_CONNECTIONS_DEFAULT = 8,
};

/* What a provider is for. */
enum news_role {
    NEWS_ROLE_POST = 1,    /* articles go out through it */
    NEWS_ROLE_READ = 2,    /* articles are fetched from it */
    NEWS_ROLE_CONFIRM = 4, /* it is asked whether it has what was posted */
    NEWS_ROLE_ALL = NEWS_ROLE_POST | NEWS_ROLE_READ | NEWS_ROLE_CONFIRM,
};

/* What it does otherwise than others. */
enum news_quirk {
    NEWS_QUIRK_CHANGES_IDS = 1, /* articles get other ids than ours */
    NEWS_QUIRK_STAT_LIES = 2,   /* STAT says yes to everything: HEAD is asked in its place */
    NEWS_QUIRK_SMALL = 4,       /* it takes no article of a segment's size */
};

struct news_provider {
    const char *name;
    const char *host;
    uint16_t port;
    enum net_tls tls;
    const char *ca_file;  /* NULL: the system's */
    const char *user;     /* NULL: no login */
    const char *password; /* NULL: no login */
    const char *group;    /* the newsgroup we post to */
    unsigned connections; /* 1..NEWS_CONNECTIONS_MAX */
    unsigned roles;       /* NEWS_ROLE_...; 0: all */
    int order;            /* the lower first; those of one order share the work */
    unsigned quirks;      /* NEWS_QUIRK_... */
    uint64_t quota;       /* bytes of articles it may carry, either way; 0: no limit */
    uint64_t spent;       /* of them, before the pool got it; what it carries is added */
    bool paused;          /* given nothing to do; when all are, requests wait */
};

/* Every wait and every budget. news_settings_default() fills in what suits a real server; tests
 * shorten it. */
struct news_settings {
    uint64_t dns_ms, connect_ms, handshake_ms;
    uint64_t greeting_ms;      /* from connected to 200/201 */
    uint64_t reply_ms;         /* from a command to its status line */
    uint64_t progress_ms;      /* some bytes of an article must move that often */
    uint64_t slowest_rate;     /* bytes/s: what the kernel still holds of an article leaves at least
                                  this fast, before the reply can come; 0: at once */
    uint64_t idle_close_ms;    /* an unused connection is closed after this */
    uint64_t reconnect_min_ms; /* first wait after a failed connection; doubles ... */
    uint64_t reconnect_max_ms; /* ... up to this */
    uint64_t limit_probe_ms;   /* after "too many connections": one more is tried that often */
    uint64_t retry_ms; /* before a request is sent again; doubles, at most reconnect_max_ms */
    unsigned tries;    /* a request's budget over all providers */
    unsigned connect_failures; /* this many in a row without one success: requests of this provider
                                  fail */
    unsigned stat_pipeline;    /* commands in flight on one connection */
    unsigned body_pipeline;
};

void news_settings_default(struct news_settings *settings);

struct news_counters {
    uint64_t posted, duplicates, rejected, missing, fetched, stats, retries, reconnects;
    uint64_t bytes_out, bytes_in;
    uint64_t spent; /* bytes that count against its quota: all it ever carried */
    unsigned connections_open, connections_busy, connections_allowed;
    enum err out; /* why it is not used just now; OK: it is, as far as is known */
    enum err last_error;
    char last_text[128]; /* the server's words with last_error, cleaned for a terminal */
};

#endif
