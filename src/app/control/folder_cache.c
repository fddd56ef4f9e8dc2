/* A handful of lists, the one used last in front. */
#include "app/control/folder_cache.h"

#include <stdlib.h>
#include <string.h>

struct slot {
    struct buf key;
    struct folder_list *list; /* NULL: empty, and so are those behind */
};

struct folder_cache {
    struct slot slots[FOLDER_CACHE_LISTS];
    struct loop_timer *timer; /* since the last use of any */
};

static void slot_clear(struct slot *slot)
{
    buf_clear(&slot->key);
    folder_list_free(slot->list);
    slot->list = NULL;
}

static void on_timer(void *arg)
{
    struct folder_cache *cache = arg;

    for (size_t i = 0; i < FOLDER_CACHE_LISTS; i++) {
        slot_clear(&cache->slots[i]);
    }
}

enum err folder_cache_new(struct loop *loop, struct folder_cache **out)
{
    struct folder_cache *cache = calloc(1, sizeof(*cache));
    enum err err = cache != NULL ? OK : ERR_NO_MEMORY;

    if (err == OK) {
        err = loop_timer_new(loop, on_timer, cache, &cache->timer);
    }
    if (err != OK) {
        free(cache);
        return err;
    }
    *out = cache;
    return OK;
}

void folder_cache_free(struct folder_cache *cache)
{
    if (cache != NULL) {
        on_timer(cache);
        loop_timer_free(cache->timer);
        free(cache);
    }
}

/* Take slot `i` out; those behind it move up. */
static struct slot take_slot(struct folder_cache *cache, size_t i)
{
    struct slot slot = cache->slots[i];

    memmove(&cache->slots[i], &cache->slots[i + 1],
        (FOLDER_CACHE_LISTS - 1 - i) * sizeof(cache->slots[0]));
    cache->slots[FOLDER_CACHE_LISTS - 1] = (struct slot){0};
    return slot;
}

struct folder_list *folder_cache_take(struct folder_cache *cache, struct bytes key)
{
    for (size_t i = 0; i < FOLDER_CACHE_LISTS && cache->slots[i].list != NULL; i++) {
        if (bytes_equal(buf_view(&cache->slots[i].key), key)) {
            struct slot slot = take_slot(cache, i);

            buf_clear(&slot.key);
            return slot.list;
        }
    }
    return NULL;
}

/* Lists from the first on, as far as they fit into memory and number. */
static void make_room(struct folder_cache *cache)
{
    size_t bytes = 0;

    for (size_t i = 0; i < FOLDER_CACHE_LISTS && cache->slots[i].list != NULL; i++) {
        bytes += folder_list_size(cache->slots[i].list);
        if (i > 0 && bytes > FOLDER_CACHE_BYTES) {
            while (cache->slots[i].list != NULL) {
                struct slot slot = take_slot(cache, i);

                slot_clear(&slot);
            }
        }
    }
}

void folder_cache_put(struct folder_cache *cache, struct bytes key, struct folder_list *list)
{
    struct folder_list *older = folder_cache_take(cache, key);
    struct slot slot = {.list = list};

    folder_list_free(older);
    if (list == NULL || buf_append(&slot.key, key) != OK) {
        slot_clear(&slot);
        return;
    }
    slot_clear(&cache->slots[FOLDER_CACHE_LISTS - 1]);
    memmove(&cache->slots[1], &cache->slots[0], (FOLDER_CACHE_LISTS - 1) * sizeof(cache->slots[0]));
    cache->slots[0] = slot;
    make_room(cache);
    loop_timer_set(cache->timer, FOLDER_CACHE_MS);
}
