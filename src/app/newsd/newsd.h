/* The embedded news server: RFC 3977 reading and posting, AUTHINFO (RFC 4643), TLS, a spool on
 * disk. Everything runs on its loop's thread. */
#ifndef APP_NEWSD_NEWSD_H
#define APP_NEWSD_NEWSD_H

#include <stddef.h>
#include <stdint.h>

#include "app/newsd/spool.h"
#include "io/loop/loop.h"

enum {
    NEWSD_MAX_ARTICLE = 4000000, /* default: octets on the wire */
    NEWSD_MAX_CLIENTS = 500,     /* default */
};

struct newsd_options {
    const char *host; /* an address to listen on */
    uint16_t port;    /* 0: the system picks a free one */
    const char *spool;
    const char *user; /* NULL: no login is needed */
    const char *password;
    const char *cert_file; /* PEM; NULL: plain */
    const char *key_file;
    uint64_t max_article;      /* 0: the default */
    unsigned max_clients;      /* 0: the default */
    const char *const *groups; /* beside alt.binaries.test and alt.test */
    size_t group_count;
    enum spool_sync sync;
};

/* Open the spool and listen. Options are copied. The log says why it failed. */
struct newsd;
MUST_USE enum err newsd_start(
    struct loop *loop, const struct newsd_options *options, struct newsd **newsd);

/* The port it listens on. */
uint16_t newsd_port(const struct newsd *newsd);

/* Stop: clients are cut off, articles that were not yet accepted are dropped. NULL is allowed. */
void newsd_free(struct newsd *newsd);

#endif
