/* How the volumes of shares of ours were found to be, when their articles were last asked for. */
#ifndef IO_STORE_STORE_HEALTH_H
#define IO_STORE_STORE_HEALTH_H

#include <stdbool.h>

#include "io/store/store.h"

/* One volume. The head is one, too: k = 1, and its spare copies are the parity. */
enum { STORE_HEALTH_HEAD = 0 }; /* its number */
struct store_health {
    uint32_t volume;
    int64_t checked;       /* unix seconds */
    uint32_t k, m;         /* data and parity segments */
    uint32_t missing_data; /* not to be had as published, on any server */
    uint32_t missing_parity;
    uint32_t damaged; /* of these, so many articles are there, but with other contents */
    bool deep;        /* contents were looked at too, then or before */
};

/* Write what was found, in place of what was found before; at most STORE_BATCH_MAX rows. A check
 * by name does not wipe out what an earlier one by contents found: the worse counts. */
MUST_USE enum err store_health_put(
    struct store *store, int64_t share, const struct store_health *rows, size_t count);

/* What was missing of a volume was posted again, but for so much; what each server said of it holds
 * no more. Nothing, if it was never checked. */
MUST_USE enum err store_health_mend(
    struct store *store, int64_t share, uint32_t volume, uint32_t data_left, uint32_t parity_left);

/* What one server said of one volume; the name is borrowed. */
struct store_health_server {
    const char *server;
    int64_t checked; /* unix seconds */
    uint32_t volume;
    uint32_t asked, missing, damaged;
};
MUST_USE enum err store_health_server_put(
    struct store *store, int64_t share, const struct store_health_server *rows, size_t count);

/* Of all volumes: a row a server, `volume` 0, `checked` of the one that was looked at first. */
typedef enum err (*store_health_server_fn)(void *arg, const struct store_health_server *row);
MUST_USE enum err store_health_server_sum(
    struct store *store, int64_t share, store_health_server_fn each, void *arg);

/* Volumes with number >= from, rising, up to STORE_BATCH_MAX. */
typedef enum err (*store_health_fn)(void *arg, const struct store_health *health);
MUST_USE enum err store_health_each(
    struct store *store, int64_t share, uint32_t from, store_health_fn each, void *arg);

/* All of a share at a glance: its volumes, and its head beside them. */
struct store_health_sum {
    int64_t oldest, newest; /* unix seconds: when the first and the last row was written */
    bool deep;              /* all rows are */
    uint64_t volumes;
    uint64_t repairable; /* that miss something */
    uint64_t lost;       /* that miss more data than parity is there */
    uint64_t lost_meta;  /* meta volumes among those */
    uint64_t articles, missing, damaged;
    struct store_health head;  /* k = 0: never looked at */
    struct store_health worst; /* the volume with the least to spare; k = 0: there are none */
};

/* ERR_NO_ROW: the share was never checked. */
MUST_USE enum err store_health_sum(
    struct store *store, int64_t share, struct store_health_sum *sum);

/* Add a row, as store_health_sum() does for each; { 0 } is empty. `kind` is the volume's. */
enum store_health_kind { STORE_HEALTH_DATA, STORE_HEALTH_META };
void store_health_add(
    struct store_health_sum *sum, const struct store_health *row, enum store_health_kind kind);

/* Is more data missing than parity is there? */
bool store_health_is_lost(const struct store_health *row);

#endif
