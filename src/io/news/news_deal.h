/* Queued requests are dealt out to a server's connections, as soon as the rates let them. Net
 * thread. Inside this room. */
#ifndef IO_NEWS_NEWS_DEAL_H
#define IO_NEWS_NEWS_DEAL_H

#include "io/news/news_server.h"

/* Deal out what can be, to the emptiest connections first. Returns when to look again because a
 * rate held something back; UINT64_MAX: none did, or it does so until it changes. */
uint64_t news_deal(struct news_server *server, uint64_t now);

/* How many ms the rate holds back the next request of this kind, if one waits; 0: it does not. */
uint64_t news_deal_wait(const struct news_server *server, enum news_kind kind, uint64_t now);

/* The first post in the queue that this connection may have. */
struct news_op *news_deal_post(struct news_server *server, const struct news_conn *conn);

/* A body is off its connection: what was charged for it becomes what arrived. */
void news_deal_settle(struct news_op *op);

#endif
