/* A plain blocking NNTP client and a server on a thread of its own, for the tests of newsd. */
#ifndef TESTS_UNIT_NEWSD_CLIENT_H
#define TESTS_UNIT_NEWSD_CLIENT_H

#include <openssl/ssl.h>

#include "app/newsd/newsd.h"

struct server {
    struct loop *loop;
    struct newsd *newsd;
    char dir[64]; /* the spool */
    struct newsd_options options;
};

/* Start on a new spool, or again on the same. Fields of `options` that are 0 get a default. */
void server_start(struct server *s, const struct newsd_options *options);
void server_restart(struct server *s);
void server_end(struct server *s); /* and remove the spool */

void remove_tree(const char *dir);

struct client {
    int fd;
    SSL_CTX *ctx;
    SSL *ssl;
    char in[1 << 16]; /* read and not yet taken */
    size_t at;
    size_t len;
};

/* Connect; the greeting is not read. */
void client_open(struct client *c, uint16_t port);
void client_open_tls(struct client *c, uint16_t port);
void client_close(struct client *c);

void client_send(struct client *c, const void *data, size_t len);
void client_say(struct client *c, const char *text); /* without a line end */

/* The next line without CR LF; it lives until the next call. NULL: the server has closed. */
const char *client_line(struct client *c);

/* Say `text` (NULL: nothing), then expect these lines, each a glob pattern, '\n' between. */
void client_expect(struct client *c, const char *text, const char *patterns);

/* Read a block to its lone dot, dots undone, into a malloc'ed buffer. */
uint8_t *client_block(struct client *c, size_t *len);

/* POST an article with this id and body (raw, made of whole lines; dots are doubled here), to
 * alt.binaries.test, and expect an answer. */
void client_post(
    struct client *c, const char *id, const uint8_t *body, size_t len, const char *pattern);

#endif
