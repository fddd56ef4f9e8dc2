/* Published shares are looked after: asked for from time to time, their heads kept findable. */
#ifndef IO_STORE_STORE_CARE_H
#define IO_STORE_STORE_CARE_H

#include <stdbool.h>

#include "io/store/store.h"

struct store_care {
    int64_t share;
    int64_t published;   /* unix seconds: when its newest version was */
    int64_t checked_at;  /* when the last check ended; 0: there was none */
    int64_t check_after; /* the next one is not before this: one was begun in vain; 0: whenever */
    int64_t alive_at;    /* when its head was last posted at a day's address */
    bool renew;          /* the next publication makes a version though nothing is new */
};

/* ERR_NO_ROW: no such share. */
MUST_USE enum err store_care_get(struct store *store, int64_t share, struct store_care *care);

/* Write checked_at, check_after and alive_at. */
MUST_USE enum err store_care_plan(struct store *store, const struct store_care *care);

/* The next publication is to make a version, whatever it finds. store_version_published() ends
 * that. Durable on return. */
MUST_USE enum err store_care_renew(struct store *store, int64_t share);

/* Every share that is published and not being adopted. */
typedef enum err (*store_care_fn)(void *arg, const struct store_care *care);
MUST_USE enum err store_care_each(struct store *store, store_care_fn each, void *arg);

#endif
