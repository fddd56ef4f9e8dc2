/* Comparing a listing with the stored rows and writing the difference: the room's own. */
#ifndef IO_STORE_MERGE_H
#define IO_STORE_MERGE_H

#include "io/store/store_entry.h"
#include "io/store/store_local.h"

struct merge_known;

/* One store_scan_put() under way, inside its transaction. */
struct merge {
    struct store *store;
    int64_t share;
    uint64_t ticket; /* the one that holds */
    uint64_t next_folder;
    uint64_t marks;
    struct store_scan_counts counts; /* of all listings that were finished by this put */
    /* of the listing at hand */
    const struct store_listing *listing;
    uint64_t mark;
    struct store_scan_counts part;
    bool unsent; /* it holds a file to send */
    size_t at;   /* merge: the next entry to compare */
    struct merge_known *known;
};

/* The memory a merge needs for STORE_BATCH_MAX entries; free() it. NULL: there is none. */
struct merge_known *merge_known_new(void);

/* Put merge->listing, of which merge->mark is set. merge->part, unsent and next_folder move. */
MUST_USE enum err merge_listing(struct merge *merge);

/* *sum += *part. */
void merge_counts_add(struct store_scan_counts *sum, const struct store_scan_counts *part);

#endif
