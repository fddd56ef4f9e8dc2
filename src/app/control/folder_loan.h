/* A sorted folder on loan from the cache, or read anew: what a page of a folder is cut from. */
#ifndef APP_CONTROL_FOLDER_LOAN_H
#define APP_CONTROL_FOLDER_LOAN_H

#include "app/control/folder_cache.h"

struct folder_loan {
    struct folder_cache *cache;
    struct folder_wish wish;   /* its `find` is the borrower's */
    struct folder_list *list;  /* what was asked for; set by folder_loan_read() */
    struct folder_list *whole; /* the same without `find`, if that was there */
    struct buf key;            /* of `list` in the cache */
    struct buf whole_key;
};

/* At home: take out what the cache has. To be ended whatever comes back. */
MUST_USE enum err folder_loan_begin(struct folder_loan *loan, struct folder_cache *cache,
    const struct folder_wish *wish, struct bytes path);

/* On a clerk: see to it that loan->list is what the folder that `names` has open holds now, as far
 * as it stands behind `after`. */
MUST_USE enum err folder_loan_read(
    struct folder_loan *loan, struct disk_names *names, struct bytes after);

/* At home: give back to the cache what there is. A zeroed loan may be ended, too. */
void folder_loan_end(struct folder_loan *loan);

#endif
