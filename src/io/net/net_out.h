/* A stream's way out, and the two system calls of plain sockets. Room-internal. */
#ifndef IO_NET_NET_OUT_H
#define IO_NET_NET_OUT_H

#include "io/net/net_stream.h"

/* Does anything wait to be sent? */
bool net_out_pending(const struct net_stream *stream);

/* Send what the kernel takes, within this turn's share. Not OK: no more can be sent, and what
 * waited is dropped. */
MUST_USE enum err net_out_send(struct net_stream *stream);

/* Copy what is left of the caller's view, so that it is ours alone. */
MUST_USE enum err net_out_own(struct net_stream *stream);

/* recv(2) as a net_io. */
enum net_io net_out_recv(int fd, uint8_t *out, size_t cap, size_t *n, struct net_fault *fault);

#endif
