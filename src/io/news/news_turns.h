/* Whose turn it is: jobs that want a server's connections at the same time get them in turns,
 * however many requests each has queued. Arithmetic alone. Inside this room. */
#ifndef IO_NEWS_NEWS_TURNS_H
#define IO_NEWS_NEWS_TURNS_H

#include <stdint.h>

enum { TURNS_MAX = 32 }; /* of more, some are forgotten, and come early */

/* Zeroed: nobody had a turn. */
struct turns {
    uint64_t last;
    struct {
        uint64_t lane, turn; /* turn 0: the place is free */
    } had[TURNS_MAX];
};

/* The smaller, the longer ago; 0: never. */
uint64_t turns_of(const struct turns *turns, uint64_t lane);

/* It has a turn now. */
void turns_take(struct turns *turns, uint64_t lane);

#endif
