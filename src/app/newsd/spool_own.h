/* The inside of the spool, for spool*.c alone. */
#ifndef APP_NEWSD_SPOOL_OWN_H
#define APP_NEWSD_SPOOL_OWN_H

#include "app/newsd/spool_log.h"

enum { SPOOL_PATH_LEN = 64 };

struct spool {
    int dir;
    int lock;
    int log;          /* the index file, opened for appending */
    uint64_t log_len; /* its good length: where a failed line is cut off */
    enum spool_sync sync;
    uint64_t drafts; /* made so far */
    uint8_t key[SIPHASH_LEN];
    struct spool_index index;
};

/* The file of an article, below the spool's folder. */
void spool_article_path(const uint8_t hash[SIPHASH_LEN], char path[SPOOL_PATH_LEN]);

MUST_USE enum err spool_write_all(int fd, struct bytes in);

#endif
