/* News providers as the user set them up. The password is not here but in a 0600 file. */
#ifndef IO_STORE_STORE_PROVIDER_H
#define IO_STORE_STORE_PROVIDER_H

#include "io/store/store.h"

struct store_provider {
    int64_t id;
    const char *name; /* unique */
    const char *host;
    uint16_t port;
    int tls;             /* 0 none, 1 implicit */
    const char *ca_file; /* "" for the system's */
    const char *user;    /* "" for none */
    const char *group;
    uint32_t connections;
    int position;       /* order in which they are asked */
    int plain_password; /* 1: the user wants the password sent even unencrypted */
    int paused;         /* 1: not to be used until it is resumed */
};

typedef enum err (*store_provider_fn)(void *arg, const struct store_provider *provider);

/* Insert or replace by name (id is ignored). */
MUST_USE enum err store_provider_put(struct store *store, const struct store_provider *provider);

/* ERR_NO_ROW: there is none of that name. */
MUST_USE enum err store_provider_remove(struct store *store, const char *name);
MUST_USE enum err store_provider_each(struct store *store, store_provider_fn each, void *arg);

#endif
