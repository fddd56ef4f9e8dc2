/* A rate in bytes a second, kept by a bucket of tokens: arithmetic alone, times are arguments. What
 * is charged is a whole article, so the bucket may go below empty; what follows waits for it.
 * Between two moments no more is let through than one bucket, what flowed in, and the last article.
 */
#ifndef IO_NEWS_NEWS_RATE_H
#define IO_NEWS_NEWS_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RATE_BUCKET_MS = 250 }; /* what an idle while saves up: this much of a second's flow */

/* { 0 }: no limit. */
struct rate {
    int64_t flow;    /* bytes a second; 0: no limit; below 0: nothing passes */
    int64_t balance; /* thousandths of a byte; at most RATE_BUCKET_MS of flow */
    uint64_t at;     /* ms: when `balance` held */
};

/* Another flow from now on. A debt stays; what was saved up does not. */
void rate_set(struct rate *rate, int64_t flow, uint64_t now);

/* How many ms until `len` bytes may pass; 0: now; UINT64_MAX: not before the flow changes. A body
 * larger than the bucket passes when that is full. */
uint64_t rate_wait(struct rate *rate, size_t len, uint64_t now);

/* `len` bytes pass; less than 0: they were charged and did not. */
void rate_charge(struct rate *rate, int64_t len);

#endif
