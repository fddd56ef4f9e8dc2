/* How the volumes of shares of ours were found to be, when their articles were last asked for. */
#ifndef IO_STORE_STORE_HEALTH_H
#define IO_STORE_STORE_HEALTH_H

#include <stdbool.h>

#include "io/store/store.h"

/* One volume. Number 0 is the head: k = 1, and its spare copies are the parity. */
struct store_health {
    uint32_t volume;
    int64_t checked;       /* unix seconds */
    uint32_t k, m;         /* data and parity segments */
    uint32_t missing_data; /* not to be had as published, on any server */
    uint32_t missing_parity;
    uint32_t damaged; /* of these, so many articles are there, but with other contents */
    bool deep;        /* contents were looked at too */
};

/* Write what was found, in place of what was found before; at most STORE_BATCH_MAX rows. */
MUST_USE enum err store_health_put(
    struct store *store, int64_t share, const struct store_health *rows, size_t count);

/* Volumes with number >= from, rising, up to `limit`. */
typedef enum err (*store_health_fn)(void *arg, const struct store_health *health);
MUST_USE enum err store_health_each(struct store *store, int64_t share, uint32_t from, size_t limit,
    store_health_fn each, void *arg);

/* All of a share at a glance. */
struct store_health_sum {
    uint64_t volumes;          /* rows */
    uint64_t repairable, lost; /* volumes that miss something; more than their parity makes good */
    int64_t oldest, newest;    /* unix seconds: when the first and the last of them was checked */
    struct store_health worst; /* the one with the least to spare; only if volumes > 0 */
};

/* ERR_NO_ROW: the share was never checked. */
MUST_USE enum err store_health_sum(
    struct store *store, int64_t share, struct store_health_sum *sum);

#endif
