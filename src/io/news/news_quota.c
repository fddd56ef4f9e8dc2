/* What a provider has carried, for those whose accounts are counted in bytes: an article counts
 * when it goes out, a body as far as it came. */
#include "io/news/news_server.h"

bool news_server_is_spent(const struct news_server *server)
{
    uint64_t quota = server->provider.quota;

    return quota != 0 && server->counters.spent + server->reserved >= quota;
}

void news_server_reserve(struct news_server *server, struct news_op *op, size_t len)
{
    op->reserved = len;
    server->reserved += len;
}

void news_server_spend(struct news_op *op, size_t len)
{
    op->server->reserved -= op->reserved;
    op->reserved = 0;
    news_server_count(op->server, &op->server->counters.spent, len);
}

void news_server_settle(struct news_op *op)
{
    if (op->reserved > 0) {
        news_server_spend(op, op->kind == NEWS_BODY ? op->body.len : 0);
    }
}
