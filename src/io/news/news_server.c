/* One provider at work: gives queued requests to connections, opens and closes these. */
#include "io/news/news_server.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "io/news/news_conn.h"
#include "io/news/news_deal.h"

/* An account or a certificate does not heal in a minute: left alone this many longest waits. */
enum { PENALTY_PARTS = 10 };

static const struct news_settings *settings_of(const struct news_server *server)
{
    return &server->pool->settings;
}

static struct pace_limits limits_of(const struct news_server *server)
{
    return (struct pace_limits){
        settings_of(server)->reconnect_min_ms, settings_of(server)->reconnect_max_ms};
}

static struct news_conn *conn_at(struct list *node)
{
    return LIST_ITEM(node, struct news_conn, node);
}

/* Counting */

void news_server_count(struct news_server *server, uint64_t *counter, uint64_t n)
{
    pthread_mutex_lock(&server->pool->lock);
    *counter += n;
    pthread_mutex_unlock(&server->pool->lock);
}

void news_server_note(struct news_server *server, enum err err, const char *text)
{
    struct news_counters *counters = &server->counters;

    pthread_mutex_lock(&server->pool->lock);
    counters->last_error = err;
    news_text_clean(bytes_str(text), counters->last_text, sizeof counters->last_text);
    pthread_mutex_unlock(&server->pool->lock);
}

static void count_connections(struct news_server *server)
{
    unsigned open = 0;
    unsigned busy = 0;

    LIST_EACH(node, after, &server->conns)
    {
        open += conn_at(node)->was_ready;
        busy += conn_at(node)->was_ready && !news_conn_idle(conn_at(node));
    }
    pthread_mutex_lock(&server->pool->lock);
    server->counters.connections_open = open;
    server->counters.connections_busy = busy;
    server->counters.connections_allowed = server->gate.allowed;
    pthread_mutex_unlock(&server->pool->lock);
}

/* Can it be used? */

enum err news_server_usable(
    const struct news_server *server, enum news_kind kind, uint64_t now, const char **text)
{
    if (server->provider.paused) {
        *text = "";
        return ERR_SERVER_BUSY;
    }
    if (now < server->out_until) {
        *text = server->out_text;
        return server->out_err;
    }
    if (kind == NEWS_POST && now < server->denied_until) {
        *text = server->denied_text;
        return server->denied_err;
    }
    *text = "";
    return kind != NEWS_STAT && news_server_is_spent(server) ? ERR_QUOTA : OK;
}

static void note_out(struct news_server *server, enum err err)
{
    pthread_mutex_lock(&server->pool->lock);
    server->counters.out = err;
    pthread_mutex_unlock(&server->pool->lock);
}

static void put_out(struct news_server *server, enum err err, const char *text, uint64_t ms)
{
    log_warn("news", "provider out name=%s error=%s seconds=%u text=\"%s\"",
        server->provider.name != NULL ? server->provider.name : server->provider.host,
        err_name(err), (unsigned)(ms / 1000), text);
    server->out_until = news_pool_now() + ms;
    server->out_err = err;
    note_out(server, err);
    memcpy(server->out_text, text, strlen(text) + 1);
}

void news_server_deny(struct news_server *server, enum err err, const char *text)
{
    server->denied_err = err;
    server->denied_until = news_pool_now() + PENALTY_PARTS * settings_of(server)->reconnect_max_ms;
    memcpy(server->denied_text, text, strlen(text) + 1);
    news_server_wake(server);
}

/* The queues */

void news_server_queue(struct news_server *server, struct news_op *op)
{
    op->server = server;
    server->wanted[op->kind]++;
    list_push(op->kind == NEWS_POST ? &server->posts : &server->reads, &op->node);
    news_server_wake(server);
}

void news_server_queue_front(struct news_server *server, struct news_op *op)
{
    op->server = server;
    server->wanted[op->kind]++;
    list_push_front(op->kind == NEWS_POST ? &server->posts : &server->reads, &op->node);
    news_server_wake(server);
}

void news_server_detach(struct news_op *op)
{
    struct news_server *server = op->server;

    list_remove(&op->node);
    if (server == NULL) {
        return;
    }
    server->wanted[op->kind]--;
    news_deal_settle(op);
    news_server_settle(op);
    op->server = NULL;
    if (op->conn != NULL) {
        news_conn_forget(op->conn, op);
        news_server_wake(server);
    }
}

/* Requests of the queue look for another provider: those that this one cannot be given now, or all.
 */
static void route_away(struct news_server *server, struct list *queue, uint64_t now)
{
    struct list moving;
    const char *text;

    list_init(&moving);
    LIST_EACH(node, after, queue)
    {
        struct news_op *op = LIST_ITEM(node, struct news_op, node);

        if (server->leaving || news_server_usable(server, op->kind, now, &text) != OK) {
            news_server_detach(op); /* those that come back here keep their order */
            list_push(&moving, &op->node);
        }
    }
    while (!list_empty(&moving)) {
        struct list *node = list_take(&moving);

        news_pool_route(LIST_ITEM(node, struct news_op, node));
    }
}

/* Is this provider out, or has it just lost its last connection? Then its requests look for another
 * one. */
static void send_away(struct news_server *server, uint64_t now)
{
    route_away(server, &server->reads, now);
    route_away(server, &server->posts, now);
    server->leaving = false;
}

/* Opening and closing connections */

struct census {
    unsigned open;    /* all, as the server counts them */
    unsigned ready;   /* logged in */
    unsigned pending; /* on their way up */
};

static struct census take_census(struct news_server *server)
{
    struct census census = {0};

    LIST_EACH(node, after, &server->conns)
    {
        census.open++;
        census.ready += conn_at(node)->was_ready;
        census.pending += !conn_at(node)->was_ready;
    }
    return census;
}

/* How many connections the requests at hand can use. Those that wait for their rate want none: what
 * is in flight has its own. */
static unsigned useful(const struct news_server *server, uint64_t now)
{
    unsigned depth = settings_of(server)->stat_pipeline;
    unsigned count = (server->wanted[NEWS_STAT] + depth - 1) / depth;

    if (news_deal_wait(server, NEWS_POST, now) == 0) {
        count += server->wanted[NEWS_POST];
    }
    if (news_deal_wait(server, NEWS_BODY, now) == 0) {
        count += server->wanted[NEWS_BODY];
    }
    return count;
}

/* Does a post wait that this idle connection must not have? */
static bool shunned(struct news_server *server, const struct news_conn *conn)
{
    return news_conn_idle(conn) && !list_empty(&server->posts) &&
           news_deal_post(server, conn) == NULL;
}

static unsigned count_shunned(struct news_server *server)
{
    unsigned count = 0;

    LIST_EACH(node, after, &server->conns)
    {
        count += shunned(server, conn_at(node));
    }
    return count;
}

static void open_one(struct news_server *server, uint64_t now)
{
    struct news_trouble trouble = {.verdict = NNTP_DO_RECONNECT};
    struct news_conn *conn;

    pace_opened(&server->pace, now, limits_of(server));
    trouble.err = news_conn_new(server, &conn);
    if (trouble.err == OK) {
        list_push(&server->conns, &conn->node);
    } else {
        news_server_gone(server, NULL, &trouble);
    }
}

/* Open what is useful and allowed; say when to look again, UINT64_MAX: when something happens. */
static uint64_t open_more(struct news_server *server, uint64_t now)
{
    unsigned want = server->provider.paused ? 0 : useful(server, now) + count_shunned(server);
    struct census census = take_census(server);
    struct gate *gate = &server->gate;

    if (server->doubted && want == 0 && server->pool->busy > 0 && !server->provider.paused) {
        want = 1; /* is it well again? */
    }
    if (want > 0 && now < server->out_until) {
        return server->out_until;
    }
    if (want > gate->allowed && gate->allowed < server->share && census.open >= gate->allowed &&
        gate_probe(gate, now, settings_of(server)->limit_probe_ms)) {
        log_info("news", "probing for one more connection allowed=%u", gate->allowed);
    }
    while (census.open < want && census.open < gate->allowed && census.open < server->share) {
        if (!server->pace.proven && census.pending > 0) {
            return UINT64_MAX; /* one feels the way */
        }
        if (now < server->pace.open_at) {
            return server->pace.open_at;
        }
        open_one(server, now);
        census = take_census(server);
    }
    return want > gate->allowed && gate->allowed < server->share ? gate->probe_at : UINT64_MAX;
}

/* Should this idle connection go? Too many are open, it was idle for long, or all that waits is a
 * post that must not use it again while no other connection may be opened. */
static bool surplus(
    struct news_server *server, const struct news_conn *conn, unsigned open, uint64_t now)
{
    if (server->provider.paused || open > server->gate.allowed || open > server->share ||
        now >= conn->idle_since + settings_of(server)->idle_close_ms) {
        return true;
    }
    return shunned(server, conn) && (open >= server->gate.allowed || open >= server->share);
}

/* Close idle connections; say when to look again. */
static uint64_t close_some(struct news_server *server, uint64_t now)
{
    unsigned open = take_census(server).open;
    uint64_t next = UINT64_MAX;

    LIST_EACH(node, after, &server->conns)
    {
        struct news_conn *conn = conn_at(node);

        if (!news_conn_idle(conn)) {
            continue;
        }
        if (surplus(server, conn, open, now)) {
            open--;
            news_conn_quit(conn);
        } else if (conn->idle_since + settings_of(server)->idle_close_ms < next) {
            next = conn->idle_since + settings_of(server)->idle_close_ms;
        }
    }
    return next;
}

static void look(void *arg)
{
    struct news_server *server = arg;
    uint64_t now = news_pool_now();
    uint64_t held;
    uint64_t idle;
    uint64_t next;

    send_away(server, now);
    held = news_deal(server, now);
    if (news_server_is_spent(server)) {
        send_away(server, now); /* what is in flight may need all that is left */
    }
    idle = close_some(server, now);
    next = open_more(server, now);
    next = idle < next ? idle : next;
    next = held < next ? held : next;
    count_connections(server);
    if (next == UINT64_MAX) {
        loop_timer_stop(server->timer);
    } else {
        loop_timer_set(server->timer, next > now ? next - now : 1);
    }
}

static void on_task(void *arg)
{
    struct news_server *server = arg;

    server->woken = false;
    look(server);
}

void news_server_wake(struct news_server *server)
{
    if (!server->woken) {
        server->woken = true;
        loop_post(server->pool->net, &server->task, on_task, server);
    }
}

/* What connections tell */

void news_server_ready(struct news_server *server)
{
    pace_ready(&server->pace);
    server->doubted = false;
    note_out(server, OK);
    news_server_wake(server);
}

void news_server_worked(struct news_server *server)
{
    pace_worked(&server->pace);
}

/* Learn from a connection that ended: wait, use fewer, or leave this provider alone. */
static void learn(
    struct news_server *server, const struct news_trouble *trouble, uint32_t epoch, bool was_ready)
{
    const struct news_settings *settings = settings_of(server);
    enum nntp_verdict verdict = trouble->verdict;
    uint64_t now = news_pool_now();
    uint32_t dice = news_pool_dice(server->pool);
    unsigned ready = take_census(server).ready;
    bool last_one = server->gate.allowed == 1;

    if (verdict == NNTP_DO_STOP && !was_ready && ready > 0) {
        verdict = NNTP_DO_FEWER; /* others are logged in: some servers say it that way */
    }
    if (verdict == NNTP_DO_STOP) {
        put_out(server, trouble->err, trouble->text, PENALTY_PARTS * settings->reconnect_max_ms);
        return;
    }
    if (verdict == NNTP_DO_FEWER && epoch == server->pace.epoch) {
        gate_refused(&server->gate, ready, now, settings->limit_probe_ms);
        log_info("news", "too many connections, now allowed=%u", server->gate.allowed);
    }
    if (was_ready || (verdict == NNTP_DO_FEWER && !last_one)) {
        pace_trouble(&server->pace, epoch, now, limits_of(server), dice);
        return;
    }
    pace_failed(&server->pace, epoch, now, limits_of(server), dice);
    if (server->pace.failures >= settings->connect_failures && ready == 0) {
        put_out(server, trouble->err, trouble->text, settings->reconnect_max_ms);
    }
}

/* Something went wrong: does any connection still work? */
static void doubt(struct news_server *server)
{
    if (!server->doubted && take_census(server).ready == 0) {
        server->doubted = true;
        server->leaving = true;
    }
}

void news_server_gone(
    struct news_server *server, struct news_conn *conn, const struct news_trouble *trouble)
{
    bool was_ready = conn != NULL && conn->was_ready;
    uint32_t epoch = conn != NULL ? conn->epoch : server->pace.epoch;

    if (conn != NULL) {
        news_conn_free(conn);
    }
    if (trouble->err != OK) {
        news_server_note(server, trouble->err, trouble->text);
        news_server_count(server, &server->counters.reconnects, 1);
        learn(server, trouble, epoch, was_ready);
        doubt(server);
    }
    news_server_wake(server);
}

/* Life */

enum err news_server_new(
    struct news_pool *pool, const struct news_provider *provider, struct news_server **out)
{
    struct news_server *server = calloc(1, sizeof *server);
    enum err err = server != NULL ? OK : ERR_NO_MEMORY;

    *out = NULL;
    if (err == OK) {
        server->pool = pool;
        list_init(&server->conns);
        list_init(&server->posts);
        list_init(&server->reads);
        err = news_provider_copy(provider, &server->provider);
    }
    if (err == OK) {
        err = loop_timer_new(pool->net, look, server, &server->timer);
    }
    if (err != OK) {
        news_server_free(server);
        return err;
    }
    server->gate.max = server->provider.connections;
    server->gate.allowed = server->gate.max;
    server->share = server->gate.max;
    server->counters.connections_allowed = server->gate.max;
    server->counters.spent = server->provider.spent;
    *out = server;
    return OK;
}

void news_server_free(struct news_server *server)
{
    if (server == NULL) {
        return;
    }
    LIST_EACH(node, after, &server->conns)
    {
        news_conn_free(conn_at(node));
    }
    loop_unpost(server->pool->net, &server->task);
    loop_timer_free(server->timer);
    news_provider_clear(&server->provider);
    free(server);
}
