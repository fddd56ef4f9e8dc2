/* The way from listing to the catalogue, which takes one put at a time: full batches wait here in
 * the order in which they came. Who brings one while nobody puts, puts until none waits; the others
 * go on listing with an empty batch. */
#ifndef FLOW_INDEX_INDEX_PUT_H
#define FLOW_INDEX_INDEX_PUT_H

#include "base/list.h"
#include "io/store/store_entry.h"

enum {
    INDEX_SORT_MAX = 16384,     /* a folder with more is put unsorted, piece by piece */
    INDEX_NAMES_LEN = 2u << 20, /* bytes for names and targets */
    INDEX_ENTRIES_MAX = INDEX_SORT_MAX + STORE_BATCH_MAX,
    INDEX_WAITING_MAX = 16, /* small folders that wait for one put */
    INDEX_LISTINGS_MAX = INDEX_WAITING_MAX + INDEX_ENTRIES_MAX / STORE_BATCH_MAX + 1,
};

/* Listed entries until they are put; it is in one pair of hands at a time. */
struct index_batch {
    struct list node;
    struct store_entry *entries; /* INDEX_ENTRIES_MAX of them */
    size_t count;
    uint8_t *names;
    size_t names_len;
    struct store_listing listings[INDEX_LISTINGS_MAX]; /* what is to be put */
    size_t listing_count;
    size_t whole; /* entries that belong to `listings`; the rest is of the folder at hand */
};

/* NULL: no memory. */
struct index_batch *index_batch_new(void);
void index_batch_free(struct index_batch *batch);

struct index_puts;

/* `spare`: batches beyond those that are in the hands of those who list. */
MUST_USE enum err index_puts_new(
    struct store *store, int64_t share, size_t spare, struct index_puts **out);

/* Nobody is inside any more. Batches that still wait are dropped. */
void index_puts_free(struct index_puts *puts);

/* Any thread: hand *batch over and get an empty one in its place; waits while all others wait to be
 * put. Puts what waits when nobody else does. Batches of one caller are put in its order.
 * Returns the first trouble that any put had: nothing is put after that. */
MUST_USE enum err index_puts_hand(struct index_puts *puts, struct index_batch **batch);

#endif
