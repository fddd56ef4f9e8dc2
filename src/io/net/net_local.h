/* What io/net keeps once for each loop: the read buffer, client TLS contexts, streams that need a
 * turn, streams that are saying goodbye. Room-internal. */
#ifndef IO_NET_NET_LOCAL_H
#define IO_NET_NET_LOCAL_H

#include <sys/stat.h>
#include <uv.h>

#include "io/loop/loop_local.h"
#include "io/net/tls.h"

enum { NET_READ_LEN = 256 << 10 };

struct net_local {
    struct loop_local local;
    struct loop *loop;
    uv_prepare_t before_poll; /* gives `turns` their turn */
    uv_idle_t no_sleep;       /* active while `turns` is not empty */
    struct list turns;        /* struct net_stream.turn */
    struct list finishing;    /* struct net_stream.finishing */
    struct list contexts;     /* struct client_context */
    int open_handles;
    uint8_t buffer[NET_READ_LEN]; /* every stream of the loop reads into this one */
};

/* The loop's own; made when first asked for. */
MUST_USE enum err net_local_get(struct loop *loop, struct net_local **local);

/* The context for a CA file (NULL: the system's), made once and again when the file changes.
 * Borrowed. */
MUST_USE enum err net_local_client_context(struct net_local *local, const char *ca_file,
    struct tls_context **context, struct net_fault *fault);

#endif
