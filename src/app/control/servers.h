/* News servers: from the catalogue and the files with passwords into the pool. */
#ifndef APP_CONTROL_SERVERS_H
#define APP_CONTROL_SERVERS_H

#include "app/control/control_own.h"
#include "io/store/store_provider.h"

enum { SERVERS_MAX = 32, SERVERS_NAME_MAX = 64, SERVERS_PASSWORD_MAX = 512 };

/* A news server with all its texts; for servers_each(). */
typedef enum err (*servers_fn)(void *arg, const struct news_provider *provider);

/* Give the servers of the catalogue to the pool. */
MUST_USE enum err servers_apply(struct control *control);

/* Call each() with every server of the catalogue and its password, in their order. The catalogue
 * may be used inside. */
MUST_USE enum err servers_each(struct control *control, servers_fn each, void *arg);

/* Keep a server's password in its 0600 file; an empty one removes the file. */
MUST_USE enum err servers_password_put(
    struct control *control, const char *name, struct bytes password);

/* 1 to SERVERS_NAME_MAX letters, digits, '.', '_', '-', not a '.' in front: fit for a file name. */
bool servers_name_ok(const char *name);

/* Does `host` name this machine itself: "localhost" or an address that never leaves it? What goes
 * there needs no encryption. */
bool servers_host_is_local(const char *host);

/* May this server be sent its password? Not in the clear over a network, unless the user wants it.
 */
bool servers_password_ok(const struct store_provider *row);

/* What servers have carried since the last time, for their quotas. */
struct servers_spent {
    struct {
        char name[SERVERS_NAME_MAX + 1];
        int64_t bytes;
    } list[SERVERS_MAX];
    size_t count;
};

/* What was not taken yet; whoever takes it writes it down. */
void servers_take_spent(struct control *control, struct servers_spent *spent);

/* Add it up in the catalogue. Any thread. */
void servers_write_spent(struct store *store, const struct servers_spent *spent);

/* Both at once. */
void servers_note_spent(struct control *control);

/* So much of the quota of server `name` is used up, whatever was counted. ERR_NO_ROW: none of this
 * name. */
MUST_USE enum err servers_set_spent(struct control *control, const char *name, int64_t spent);

/* Forget the names that servers_apply() kept. */
void servers_free(struct control *control);

#endif
