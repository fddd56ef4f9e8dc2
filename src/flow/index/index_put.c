/* Batches wait to be put; one at a time puts. */
#include "flow/index/index_put.h"

#include <pthread.h>
#include <stdlib.h>

struct index_puts {
    struct store *store;
    int64_t share;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t freed; /* `empty` got one */
    struct list waiting;  /* full batches, the oldest first */
    struct list empty;
    bool putting; /* somebody puts, and takes what comes until `waiting` is empty */
    enum err err; /* the first trouble */
};

/* --- batches -----------------------------------------------------------------------------------
 */

struct index_batch *index_batch_new(void)
{
    struct index_batch *batch = calloc(1, sizeof(*batch));

    if (batch == NULL) {
        return NULL;
    }
    list_init(&batch->node);
    batch->entries = malloc(INDEX_ENTRIES_MAX * sizeof(batch->entries[0]));
    batch->names = malloc(INDEX_NAMES_LEN);
    if (batch->entries == NULL || batch->names == NULL) {
        index_batch_free(batch);
        return NULL;
    }
    return batch;
}

void index_batch_free(struct index_batch *batch)
{
    if (batch != NULL) {
        free(batch->entries);
        free(batch->names);
        free(batch);
    }
}

static void empty(struct index_batch *batch)
{
    batch->count = 0;
    batch->whole = 0;
    batch->names_len = 0;
    batch->listing_count = 0;
}

static void free_all(struct list *batches)
{
    LIST_EACH(node, after, batches)
    {
        index_batch_free(LIST_ITEM(node, struct index_batch, node));
    }
    list_init(batches);
}

/* --- life and death ----------------------------------------------------------------------------
 */

enum err index_puts_new(struct store *store, int64_t share, size_t spare, struct index_puts **out)
{
    struct index_puts *puts = calloc(1, sizeof(*puts));

    if (puts == NULL) {
        return ERR_NO_MEMORY;
    }
    puts->store = store;
    puts->share = share;
    pthread_mutex_init(&puts->lock, NULL);
    pthread_cond_init(&puts->freed, NULL);
    list_init(&puts->waiting);
    list_init(&puts->empty);
    for (size_t i = 0; i < spare; i++) {
        struct index_batch *batch = index_batch_new();

        if (batch == NULL) {
            index_puts_free(puts);
            return ERR_NO_MEMORY;
        }
        list_push(&puts->empty, &batch->node);
    }
    *out = puts;
    return OK;
}

void index_puts_free(struct index_puts *puts)
{
    if (puts != NULL) {
        free_all(&puts->waiting);
        free_all(&puts->empty);
        pthread_cond_destroy(&puts->freed);
        pthread_mutex_destroy(&puts->lock);
        free(puts);
    }
}

/* --- putting -----------------------------------------------------------------------------------
 */

/* As many listings at a time as a put takes. */
static enum err put(struct index_puts *puts, const struct index_batch *batch)
{
    struct store_scan_counts counts = {0};
    size_t at = 0;
    enum err err = OK;

    while (err == OK && at < batch->listing_count) {
        const struct store_listing *first = &batch->listings[at];
        size_t entries = first->count;
        size_t end = at + 1;

        while (
            end < batch->listing_count && entries + batch->listings[end].count <= STORE_BATCH_MAX) {
            entries += batch->listings[end++].count;
        }
        err = store_scan_put(puts->store, puts->share, first, end - at, &counts);
        at = end;
    }
    return err;
}

/* Put what waits, and what comes meanwhile. Inside and outside of the lock in turns. */
static void put_waiting(struct index_puts *puts)
{
    struct list *node;

    puts->putting = true;
    while ((node = list_take(&puts->waiting)) != NULL) {
        struct index_batch *batch = LIST_ITEM(node, struct index_batch, node);
        enum err err = puts->err;

        pthread_mutex_unlock(&puts->lock);
        err = err == OK ? put(puts, batch) : err;
        empty(batch);
        pthread_mutex_lock(&puts->lock);
        puts->err = puts->err == OK ? err : puts->err;
        list_push_front(&puts->empty, node); /* the one whose memory is still warm goes first */
        pthread_cond_signal(&puts->freed);
    }
    puts->putting = false;
}

enum err index_puts_hand(struct index_puts *puts, struct index_batch **batch)
{
    struct list *node;
    enum err err;

    pthread_mutex_lock(&puts->lock);
    list_push(&puts->waiting, &(*batch)->node);
    if (!puts->putting) {
        put_waiting(puts);
    }
    while ((node = list_take(&puts->empty)) == NULL) {
        pthread_cond_wait(&puts->freed, &puts->lock);
    }
    *batch = LIST_ITEM(node, struct index_batch, node);
    err = puts->err;
    pthread_mutex_unlock(&puts->lock);
    return err;
}
