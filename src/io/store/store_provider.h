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
    int position;       /* order in which they are asked; those of one order share the work */
    int plain_password; /* 1: the user wants the password sent even unencrypted */
    int paused;         /* 1: not to be used until it is resumed */
    unsigned roles;     /* as the caller counts them; 0: all */
    int64_t quota;      /* bytes of articles that may go either way; 0: no limit */
    int64_t spent;      /* of them; not for store_provider_put(), which lets it be */
    struct bytes facts; /* what was found out about it; the same */
};

typedef enum err (*store_provider_fn)(void *arg, const struct store_provider *provider);

/* Insert or replace by name (id is ignored). What is known of a server of another host, port or
 * account is forgotten. */
MUST_USE enum err store_provider_put(struct store *store, const struct store_provider *provider);

/* ERR_NO_ROW: there is none of that name. All three. */
MUST_USE enum err store_provider_spend(struct store *store, const char *name, int64_t spent);

/* So many bytes more of it are. ERR_NO_ROW: there is none of this name. */
MUST_USE enum err store_provider_spend_more(struct store *store, const char *name, int64_t bytes);
MUST_USE enum err store_provider_learn(struct store *store, const char *name, struct bytes facts);
MUST_USE enum err store_provider_remove(struct store *store, const char *name);
MUST_USE enum err store_provider_each(struct store *store, store_provider_fn each, void *arg);

#endif
