/* A loop, an echo server and one client, for the tests of io/net. All on one thread. */
#ifndef TESTS_UNIT_NET_PEER_H
#define TESTS_UNIT_NET_PEER_H

#include "io/net/net.h"
#include "io/net/net_listen.h"

enum secrecy { PLAIN, TLS, TLS_OF_ANOTHER };

/* What the server does with a client. */
enum manner {
    ECHO,    /* send back, with back-pressure */
    SILENT,  /* read and say nothing */
    DEAF,    /* do not read */
    HANG_UP, /* free at the first byte */
    SAY_BYE, /* at the first byte, finish behind BYE_LEN bytes */
    DRIP,    /* a byte every 20 ms */
};

enum { BYE_LEN = 3000000 };

struct peer {
    struct loop *loop;
    struct net_listener *listener;
    enum manner manner;
    struct net_stream *server; /* the last one accepted */
    struct loop_timer *drip;
    char dir[64];
    char cert[96];
    char key[96];

    struct net_connect *op;
    struct net_stream *client;
    enum err connect_err; /* ERR_COUNT: not yet */
    char detail[256];
    enum err close_err; /* ERR_COUNT: not yet */
    size_t got;         /* bytes at the client */
    int drains;
    struct net_handlers handlers; /* the client's; may be changed before peer_connect() */
    struct loop_timer *fuse;      /* ends a test that hangs */
};

/* The certificate of a TLS peer names localhost and 127.0.0.1, or another machine. */
void peer_setup(struct peer *p, enum secrecy secrecy, enum manner manner);
void peer_teardown(struct peer *p);

/* Connect to `host` and run the loop until that has ended. 0 in options: the peer's. */
void peer_connect(struct peer *p, const struct net_connect_options *options);

/* Connect to localhost, trusting the peer's certificate; it must work. */
void peer_connect_well(struct peer *p, enum secrecy secrecy);

/* Byte number `at` of what flows. */
static inline uint8_t peer_byte(size_t at)
{
    return (uint8_t)(at * 131 + (at >> 8) * 7 + (at >> 16));
}

#endif
