/* What the daemon was told to keep to, by name; the values are app/control's encoding. */
#ifndef IO_STORE_STORE_SETTING_H
#define IO_STORE_STORE_SETTING_H

#include "io/store/store.h"

struct store_setting {
    const char *name;
    struct bytes value;
};

/* Write all of these, or none. Durable on return. */
MUST_USE enum err store_setting_put(
    struct store *store, const struct store_setting *settings, size_t count);

/* Append the value of one. ERR_NO_ROW: it was never set. */
MUST_USE enum err store_setting_get(struct store *store, const char *name, struct buf *value);

#endif
