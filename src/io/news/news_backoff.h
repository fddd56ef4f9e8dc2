/* How long to wait and how many connections to allow: arithmetic alone, times are arguments. */
#ifndef IO_NEWS_NEWS_BACKOFF_H
#define IO_NEWS_NEWS_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* The wait after `last`: `min` at first, then twice as long each time, at most `max`. */
uint64_t backoff_next(uint64_t last, uint64_t min, uint64_t max);

/* `wait` give or take an eighth, by the random number `dice`, so that many do not come at once. */
uint64_t backoff_jitter(uint64_t wait, uint32_t dice);

/* How many connections a server lets us have. { .max, .allowed } to begin with. */
struct gate {
    unsigned max;      /* what the user allows; at least 1 */
    unsigned allowed;  /* 1..max */
    uint64_t probe_at; /* when one more may be tried; has a meaning while allowed < max */
    bool probing;      /* `allowed` was raised by one and nobody has refused yet */
};

/* The server said "too many connections" while `open` of them worked: half as many from now on, but
 * a refused probe only takes back the one it added. */
void gate_refused(struct gate *gate, unsigned open, uint64_t now, uint64_t probe_ms);

/* Allow one more when it is time. True: it did. */
bool gate_probe(struct gate *gate, uint64_t now, uint64_t probe_ms);

/* The pace of new connections to one server. { 0 } to begin with. */
struct pace {
    uint64_t open_at;  /* not before this */
    uint64_t wait;     /* the last wait after trouble; 0: all is well */
    uint32_t epoch;    /* counts troubles; a connection remembers the epoch it was opened in */
    unsigned failures; /* connections in a row that never became ready */
    bool proven;       /* one became ready since the last failure: several may open at once */
};

struct pace_limits {
    uint64_t min, max; /* ms */
};

/* A connection is opened now: the next one not before a short while. */
void pace_opened(struct pace *pace, uint64_t now, struct pace_limits limits);

/* A connection became ready: logged in. */
void pace_ready(struct pace *pace);

/* A command worked: the server is well. */
void pace_worked(struct pace *pace);

/* A connection from `epoch` broke. Several that break together count as one trouble. */
void pace_trouble(
    struct pace *pace, uint32_t epoch, uint64_t now, struct pace_limits limits, uint32_t dice);

/* As pace_trouble, of a connection that never became ready. */
void pace_failed(
    struct pace *pace, uint32_t epoch, uint64_t now, struct pace_limits limits, uint32_t dice);

#endif
