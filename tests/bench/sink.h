/* What the three files of the sink share. */
#ifndef TESTS_BENCH_SINK_H
#define TESTS_BENCH_SINK_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ARTICLE_MAX = 4 << 20,
    FIRST_CAP = 1 << 20,   /* room for a usual article at once */
    USUAL_LEN = 832 << 10, /* so much of it is used, as a rule */
    HEAD_MAX = 16 << 10,   /* where a Message-ID is looked for */
    LINE_MAX_LEN = 1024,
    EVENTS = 256,
    READS_A_TURN = 8,
};

struct bytes_own {
    uint8_t *ptr;
    size_t len;
    size_t cap;
};

struct kept {
    char id[256];
    size_t body;            /* offset */
    struct bytes_own whole; /* with the lone dot */
};

struct client {
    int fd;
    SSL *ssl;
    int shaking;
    int posting;         /* what comes is an article */
    int watches_out;     /* epoll tells when there is room */
    struct bytes_own in; /* a command line, or an article so far */
    struct bytes_own out;
    size_t out_at;
    int64_t answer_at; /* when its 240 is due; 0: none is */
    struct client *next_due;
    int leaving; /* QUIT came: the end when all is said */
    int gone;
};

struct sink {
    int epoll;
    int listener;
    int signals;
    SSL_CTX *tls;
    int64_t delay_ms;
    int hash; /* remember what came, refuse what is known, and say what never came */
    size_t keep;
    struct kept *ring;
    size_t ring_at;
    struct client *due_first, *due_last; /* all wait equally long, so this is a queue */
    double cpu_before;                   /* of getting ready, in seconds */
    uint64_t articles, bytes, stats, bodies, misses;
};
extern struct sink sink;

/* Print what failed, and errno's words, and end. */
void sink_die(const char *what);

int64_t sink_now_ms(void);

/* Make room for `extra` octets more. */
void sink_reserve(struct bytes_own *b, size_t extra);

/* Make the room of all articles that will be kept, and touch it: no page is new while somebody
 * measures. */
void sink_prepare(void);

/* Before the first article, when sink.hash says so. */
void sink_hash_start(void);

/* Has an article with this id come? */
int sink_hash_knows(const char *id);

/* 1: the id is new, and remembered with its body; 0: it was there, and is counted by whether it had
 * this body. */
int sink_hash_add(const char *id, const void *body, size_t len);

/* Print what was counted, a space behind it. */
void sink_hash_report(void);

/* Queue a line for the client; CR LF is put behind it. */
void sink_say(struct client *c, const char *text);

/* Look at what has come in: commands, or the article that was awaited. */
void sink_take(struct client *c);

#endif
