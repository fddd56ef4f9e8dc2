/* The far side: the whole life of a helper process, from main() on. */
#ifndef IO_HELPER_HELPER_SERVE_H
#define IO_HELPER_HELPER_SERVE_H

#include "base/bytes.h"

struct helper_service {
    /* The first thing, with every right still there: what needs files of the system (libraries that
     * read settings) is done now. `folder` is a descriptor, yours. */
    enum err (*begin)(void *arg, int folder);
    /* One call; on any of several threads, side by side. `answer` is zeroed. Requests come from who
     * started us, data from there or further away. */
    void (*serve)(void *arg, struct bytes request, struct bytes data, void *answer);
    /* The other side is gone, and no call runs any more. */
    void (*end)(void *arg);
    void *arg;
    size_t answer_len; /* as the other side has it */
};

/* Be a helper until the other side is gone. Returns what the process ends with, by _exit(). */
MUST_USE int helper_serve(const struct helper_service *service);

#endif
