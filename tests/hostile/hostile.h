/* The hostile news server: RFC 3977 posting and reading by message-id on the product's own codec
 * and streams, with a script of what goes wrong (script.h). A second port
 * takes orders from a test. */
#ifndef TESTS_HOSTILE_HOSTILE_H
#define TESTS_HOSTILE_HOSTILE_H

#include <stdio.h>
#include <stdlib.h>

#include "codec/nntp/nntp_server.h"
#include "io/net/net_listen.h"
#include "shelf.h"

struct hostile {
    struct loop *loop;
    struct net_listener *listener, *orders;
    struct list clients;
    uint64_t client_count; /* not those that give orders */
    struct script script;
    struct shelf shelf;
    const char *user, *password; /* NULL: nobody has to log in */
};

enum client_kind { CLIENT_NEWS, CLIENT_ORDERS };

/* One connection. An answer leaves whole before the next command is looked at. */
struct client {
    struct list node;
    struct hostile *hostile;
    enum client_kind kind;
    struct net_stream *stream;
    struct loop_timer *timer;
    struct nntp_server rx;
    struct buf input; /* came while an answer was under way */
    struct buf out;   /* the answer, from out_at on not yet written */
    size_t out_at;
    uint64_t fill;                             /* octets of rubbish behind it ... */
    int lone_dot;                              /* ... and then a lone dot */
    int writing;                               /* the stream has a piece */
    struct rule drip;                          /* n octets every ms; n 0: as fast as it goes */
    enum { END_NOT, END_CLOSE, END_MUTE } end; /* when the answer has left */
    enum { LOGIN_NEEDED, LOGIN_NAMED, LOGIN_DONE } login;
    struct buf article; /* on its way in */
    uint64_t asked;     /* rules that had their turn with it, by bits */
    char order[513];    /* CLIENT_ORDERS: the line that the article belongs to */
};

/* client.c: a connection. The caller of a verb goes on with what is in `out`. */
void client_start(struct hostile *hostile, struct net_stream *stream, enum client_kind kind);
void client_free(struct client *client);
void client_say(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void client_add(struct client *client, struct bytes text);

/* What is in `out` is the right answer: do to it what `rule` (NULL: nothing) says. */
void client_spoil(struct client *client, const struct rule *rule);

/* The rule of `client`'s server that strikes at `point` now. */
struct rule *client_strike(struct client *client, enum point point);

/* verbs.c: a command line of a news client, and its article. */
void verbs_greet(struct client *client);
void verbs_obey(struct client *client, struct bytes line);
void verbs_article(struct client *client);

/* orders.c: the same of who gives orders. */
void orders_obey(struct client *client, struct bytes text);
void orders_text(struct client *client);

/* spoil.c: append the body of `article` to *out as `rule` (NULL: as it is) would have it. */
void spoil_body(struct hostile *hostile, const struct article *article, const struct rule *rule,
    struct buf *out);

/* Milliseconds that only move forward. */
uint64_t hostile_now(void);

/* It worked, or the test ends here. */
static inline void must(enum err err)
{
    if (err != OK) {
        (void)fprintf(stderr, "hostile_newsd: %s\n", err_text(err));
        abort();
    }
}

#endif
