/* Sorted folders kept for a moment, for the pages that follow. Home loop's thread; a list that is
 * in use is out of the cache, and whoever used it puts it back. */
#ifndef APP_CONTROL_FOLDER_CACHE_H
#define APP_CONTROL_FOLDER_CACHE_H

#include "app/control/folder_list.h"
#include "io/loop/loop.h"

enum {
    FOLDER_CACHE_LISTS = 8,
    FOLDER_CACHE_BYTES = 64 << 20,
    FOLDER_CACHE_MS = 60000, /* unused for so long, it goes */
};

struct folder_cache;

MUST_USE enum err folder_cache_new(struct loop *loop, struct folder_cache **cache);
void folder_cache_free(struct folder_cache *cache);

/* Take the list that was put under `key`; NULL: none. */
struct folder_list *folder_cache_take(struct folder_cache *cache, struct bytes key);

/* Keep a list (taken over; NULL is allowed) under `key`. What was used longest ago goes first. */
void folder_cache_put(struct folder_cache *cache, struct bytes key, struct folder_list *list);

#endif
