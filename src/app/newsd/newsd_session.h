/* One client of the server. Room-internal: newsd_session.c conducts, the other newsd_*.c answer
 * commands. */
#ifndef APP_NEWSD_NEWSD_SESSION_H
#define APP_NEWSD_NEWSD_SESSION_H

#include "app/newsd/newsd.h"
#include "codec/nntp/nntp_server.h"
#include "io/net/net_listen.h"

struct newsd {
    struct loop *loop;
    struct spool *spool;
    struct net_listener *listener;
    struct list sessions;
    unsigned clients;
    unsigned max_clients;
    uint64_t max_article;
    char *user; /* NULL: no login */
    char *password;
};

enum session_phase {
    SESSION_COMMANDS, /* the next bytes are commands */
    SESSION_ARTICLE,  /* the next bytes are an article, after 340 */
    SESSION_OVER,     /* QUIT or the like: say what is to be said, then close */
};

enum session_login { LOGIN_NEEDED, LOGIN_NAMED /* USER came */, LOGIN_DONE };

struct session;

/* Make the next part of a long answer, at most about 64 KiB, with newsd_say() or by sending a
 * chunk. Zero: that was the last. Called when most of what came before has left, and the chunk. */
typedef int (*session_source_fn)(struct session *session);

/* An article on its way in. */
struct session_post {
    struct spool_draft draft;
    struct buf head; /* until the empty line has come */
    int head_done;
    struct buf body; /* what is not yet written, a few pieces */
    struct spool_filing filing;
    struct buf id;        /* what filing.id looks at */
    char recommended[80]; /* the Message-ID we offered */
    int body_seen;        /* it has at least one octet */
    char refusal[160];    /* why it will be refused; "" so far for nothing */
};

struct session {
    struct list node;
    struct newsd *newsd;
    struct net_stream *stream;
    char peer[64];
    struct nntp_server rx;
    struct buf input; /* came while an answer was under way */
    enum session_phase phase;

    size_t unsent; /* octets said since all had left */
    int chunk_out; /* the stream looks at `chunk`, or at a part of it */
    session_source_fn source;

    enum session_login login;
    unsigned failed_logins;
    char user[NNTP_COMMAND_MAX + 1];

    int group;        /* SPOOL_NONE: none selected */
    uint32_t current; /* article number; 0: none */

    struct spool_file sending; /* fd -1: nothing */
    uint64_t sent_to;          /* offset of the next octet */
    uint64_t send_end;
    int lone_dot; /* to be said behind it */
    uint8_t *chunk;

    int range_group; /* LISTGROUP, OVER, LIST: what is left to tell */
    uint32_t range_at;
    uint32_t range_end;
    char wildmat[NNTP_COMMAND_MAX];

    struct session_post post;
};

/* A new client; the stream is the session's. */
void newsd_session_start(struct newsd *newsd, struct net_stream *stream, const char *peer);
void newsd_session_free(struct session *session);

/* Say one line (CR LF is put behind it), or raw octets. Nothing fails: a client that cannot be
 * answered for want of memory is cut off. */
void newsd_say(struct session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void newsd_say_bytes(struct session *session, struct bytes text);

#endif
