/* A scripted news server for tests: a thread a connection, blocking sockets. Each connection plays
 * a script, the n-th one scripts[n] and all later ones the last. A script is steps, one a line:
 *   > TEXT     send TEXT and CR LF          ! TEXT    send TEXT without CR LF
 *   < TEXT     read a line, it begins so    hello     greeting and MODE READER
 *   article    read an article              some N    read N bytes of it
 *   store      keep it as `serve` would     long N    send a line of N bytes
 *   close      end                          reset     end with RST
 *   stall      read and say nothing till the client goes
 *   pause N    sleep N ms                   serve     be a real server till the client goes */
#ifndef TESTS_UNIT_NEWS_MINI_H
#define TESTS_UNIT_NEWS_MINI_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MINI_CONNS_MAX = 600, MINI_ARTICLES_MAX = 4096 };

struct mini_article {
    char id[256];
    char *body; /* raw, as on the wire, no lone dot */
    size_t len;
};

struct mini {
    int listener;
    uint16_t port;
    pthread_t thread;
    const char *const *scripts;
    size_t script_count;
    size_t piece;       /* send in pieces of this size; 0: whole */
    const char *refuse; /* a greeting for connections above `limit` */
    unsigned limit;
    pthread_mutex_t lock; /* guards what follows */
    struct mini_conn *conns[MINI_CONNS_MAX];
    size_t conn_count;
    unsigned open, most_open;
    struct mini_article articles[MINI_ARTICLES_MAX];
    size_t article_count, posts_seen;
    char wrong[512]; /* the first thing that was not as the script said */
    bool stopping;
};

/* Start with scripts; the fields piece, refuse and limit may be set before. */
void mini_start(struct mini *mini, const char *const *scripts, size_t count);

/* End every connection and free what was kept. */
void mini_stop(struct mini *mini);

/* Keep an article; false: it is there. */
bool mini_put(struct mini *mini, const char *id, const char *body, size_t len);

/* How many connections came so far. */
size_t mini_connected(struct mini *mini);

#endif
