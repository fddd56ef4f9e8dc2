/* A news server for tests: a table of articles in memory, BODY and nothing else worth mentioning,
 * a thread for each connection. It counts who asks for what, and can be told to fall silent. */
#ifndef TESTS_UNIT_RESTORE_ARTICLE_SERVER_H
#define TESTS_UNIT_RESTORE_ARTICLE_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SERVER_CONNECTIONS_MAX = 64 };

struct server_article {
    char id[256];
    uint8_t *body;
    size_t len;
    unsigned asked;     /* BODY commands answered with it */
    unsigned bad_first; /* so many answers are damaged before it comes whole */
    unsigned gone_from; /* this answer and all after it say that it is not there; counted from 1 */
};

struct article_server {
    uint16_t port;
    int listener;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t go;
    struct server_article *articles;
    size_t count;
    size_t asked;     /* BODY commands in all */
    size_t silent_at; /* from this many on, no BODY is answered; 0: never */
    /* makes the body (malloc) of an article that is not in the table, or leaves it NULL */
    void (*conjure)(void *arg, const char *id, uint8_t **body, size_t *len);
    void *conjure_arg;
    bool closing;
    int sockets[SERVER_CONNECTIONS_MAX];
    pthread_t threads[SERVER_CONNECTIONS_MAX];
    size_t connections;
};

void server_start(struct article_server *server);
void server_stop(struct article_server *server);

/* Put an article there (copied); one of the same id is replaced. */
void server_add(struct article_server *server, const char *id, const uint8_t *body, size_t len);

/* Take article `id` away; false: it was not there. */
bool server_remove(struct article_server *server, const char *id);

/* Flip a byte in the first `times` answers with article `id`. */
void server_damage(struct article_server *server, const char *id, unsigned times);

/* Answer with article `id` only so many times, then as if it were gone. */
void server_vanish(struct article_server *server, const char *id, unsigned times);

/* Fall silent with the question after `after` more; NEVER: answer all, also those that wait. */
enum { SERVER_NEVER = 0 };
void server_silence(struct article_server *server, size_t after);

/* Everything is there and whole, and nobody has asked for anything. */
void server_heal(struct article_server *server);

/* How many times `id` was answered with a body. */
unsigned server_asked(struct article_server *server, const char *id);

#endif
