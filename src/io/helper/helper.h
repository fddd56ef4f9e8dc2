/* A helper process: this program once more, which can touch nothing but one folder and talk to
 * nobody but us (io/helper/README.md). */
#ifndef IO_HELPER_HELPER_H
#define IO_HELPER_HELPER_H

#include "base/bytes.h"

enum {
    HELPER_CHANNELS_MAX = 32,
    HELPER_REQUEST_MAX = 32768,
    HELPER_ANSWER_MAX = 4096,
};

struct helper_options {
    const char *program;  /* the file to run: "/proc/self/exe" is ourselves */
    const char *word;     /* its only argument: by it, it knows that it is the helper */
    unsigned channels;    /* calls that may be under way at once, at most HELPER_CHANNELS_MAX */
    size_t room;          /* bytes of data that a call may bring */
    unsigned patience_ms; /* what a call may take once there is hurry */
    size_t answer_len;    /* of every answer; at most HELPER_ANSWER_MAX */
};

/* Start one, on a thread that lives as long as the process: the helper is killed with it. It has no
 * folder yet, and waits. ERR_HELPER: the program cannot be run. */
struct helper;
MUST_USE enum err helper_start(const struct helper_options *options, struct helper **helper);

/* Give it the folder that it may touch (borrowed), once. OK: it is confined to that, and waits for
 * calls. ERR_HELPER: it said no, or died. Blocks, as what follows does: for workers; any thread. */
MUST_USE enum err helper_open(struct helper *helper, int folder);

struct helper_call {
    struct bytes request;     /* at most HELPER_REQUEST_MAX */
    const struct bytes *data; /* parts that come behind one another: ... */
    size_t data_count;        /* ... so many */
    void *answer;             /* answer_len bytes, written by the helper: foreign */
};

/* Ask and wait for the answer; a call more than there are channels waits for one of them.
 * ERR_HELPER: there is no helper any more. */
MUST_USE enum err helper_call(struct helper *helper, const struct helper_call *call);

/* Whoever waits for an answer waits patience_ms more, and a second; then the helper is killed. */
void helper_hurry(struct helper *helper);

/* The version of Landlock that confines it; 0: none. */
int helper_landlock(const struct helper *helper);

/* Nobody calls any more: let it end what it has begun, and wait for that a moment; then kill it.
 * NULL is allowed. */
void helper_free(struct helper *helper);

#endif
