/* A small stack of idle sealers under a lock; it grows to as many as were ever busy at once. */
#include "flow/restore/openers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { OPENERS_IDLE_MAX = 32 };

struct openers {
    atomic_uint holders;
    pthread_mutex_t lock; /* guards what follows */
    size_t count;
    struct sealer *idle[OPENERS_IDLE_MAX];
};

enum err openers_new(struct openers **out)
{
    struct openers *o = calloc(1, sizeof(*o));

    if (o == NULL) {
        return ERR_NO_MEMORY;
    }
    atomic_init(&o->holders, 1);
    pthread_mutex_init(&o->lock, NULL);
    *out = o;
    return OK;
}

struct openers *openers_keep(struct openers *o)
{
    atomic_fetch_add(&o->holders, 1);
    return o;
}

void openers_drop(struct openers *o)
{
    if (o == NULL || atomic_fetch_sub(&o->holders, 1) != 1) {
        return;
    }
    while (o->count > 0) {
        sealer_free(o->idle[--o->count]);
    }
    pthread_mutex_destroy(&o->lock);
    free(o);
}

enum err openers_borrow(struct openers *o, struct sealer **sealer)
{
    struct sealer *s = NULL;

    pthread_mutex_lock(&o->lock);
    if (o->count > 0) {
        s = o->idle[--o->count];
    }
    pthread_mutex_unlock(&o->lock);
    if (s == NULL) {
        return sealer_new(sealer);
    }
    *sealer = s;
    return OK;
}

void openers_return(struct openers *o, struct sealer *s)
{
    pthread_mutex_lock(&o->lock);
    if (o->count < OPENERS_IDLE_MAX) {
        o->idle[o->count++] = s;
        s = NULL;
    }
    pthread_mutex_unlock(&o->lock);
    sealer_free(s);
}
