/* A look from the net thread. */
#include "io/news/news_watch.h"

#include "io/news/news_conn.h"
#include "io/news/news_local.h"
#include "io/news/news_server.h"

static enum news_link_state state_of(const struct news_conn *conn)
{
    switch (conn->state) {
    case CONN_CONNECTING:
        return NEWS_LINK_CONNECTING;
    case CONN_READY:
        return conn->count == 0                                ? NEWS_LINK_IDLE
               : conn->slots[conn->first].cmd == NNTP_CMD_BODY ? NEWS_LINK_FETCHING
                                                               : NEWS_LINK_ASKING;
    case CONN_ASKED:
    case CONN_SENDING:
    case CONN_SENT:
        return NEWS_LINK_POSTING;
    case CONN_QUITTING:
        return NEWS_LINK_CLOSED;
    default:
        return NEWS_LINK_LOGIN;
    }
}

struct look {
    struct news_pool *pool;
    struct news_link *links;
    size_t count, cap;
};

static void add(struct look *look, const struct news_link *link)
{
    if (look->count < look->cap) {
        look->links[look->count++] = *link;
    }
}

static void look_at(struct look *look, struct news_server *server, uint64_t now)
{
    uint64_t due =
        server->out_until > server->pace.open_at ? server->out_until : server->pace.open_at;

    LIST_EACH(node, after, &server->conns)
    {
        struct news_conn *conn = LIST_ITEM(node, struct news_conn, node);
        enum news_link_state state = state_of(conn);

        if (conn->shown != (int)state) {
            conn->shown = (int)state;
            conn->shown_since = now;
        }
        add(look, &(struct news_link){
                      server->index, state, now - conn->shown_since, news_wire_moved(conn->wire)});
    }
    if (list_empty(&server->conns) && due > now && !server->provider.paused) {
        add(look, &(struct news_link){.provider = server->index, .state = NEWS_LINK_WAITING});
    }
}

static void look_at_all(void *arg)
{
    struct look *look = arg;
    uint64_t now = news_pool_now();

    for (size_t i = 0; i < look->pool->count; i++) {
        look_at(look, look->pool->servers[i], now);
    }
}

size_t news_links_get(struct news *news, struct news_link *links, size_t cap)
{
    struct look look = {news_pool_of(news), links, 0, cap};

    news_on_net(news, look_at_all, &look);
    return look.count;
}

struct sum {
    struct news_pool *pool;
    struct net_moved moved;
};

static void add_up(void *arg)
{
    struct sum *sum = arg;

    for (size_t i = 0; i < sum->pool->count; i++) {
        const struct news_server *server = sum->pool->servers[i];

        sum->moved.out += server->gone.out;
        sum->moved.in += server->gone.in;
        LIST_EACH(node, after, &server->conns)
        {
            struct net_moved moved = news_wire_moved(LIST_ITEM(node, struct news_conn, node)->wire);

            sum->moved.out += moved.out;
            sum->moved.in += moved.in;
        }
    }
}

struct net_moved news_moved(struct news *news)
{
    struct sum sum = {news_pool_of(news), {0, 0}};

    news_on_net(news, add_up, &sum);
    return sum.moved;
}
