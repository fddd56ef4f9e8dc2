/* The articles on disk, and where each of them is. One thread uses it. */
#ifndef APP_NEWSD_SPOOL_H
#define APP_NEWSD_SPOOL_H

#include <stdbool.h>

#include "base/bytes.h"

enum {
    SPOOL_NONE = -1,
    SPOOL_GROUPS_MAX = 1000, /* groups in a spool */
    SPOOL_CROSS_MAX = 16,    /* groups an article is filed in */
};

struct spool_options {
    const char *dir;           /* made when it is not there */
    const char *const *groups; /* to be added to those it has */
    size_t group_count;
    enum spool_sync {
        SPOOL_SYNC_NEVER, /* a kill loses nothing, a power cut the last seconds */
        SPOOL_SYNC_EACH,  /* each article is on the disk before it is accepted */
    } sync;
};

/* Open a spool and read its index. ERR_LOCKED: another server has it open. */
struct spool;
MUST_USE enum err spool_open(const struct spool_options *options, struct spool **spool);
void spool_close(struct spool *spool);

/* Where an article is: a row of the index; SPOOL_NONE: not here. */
int64_t spool_find(const struct spool *spool, struct bytes id);

/* An article as a file in wire form, its head, the empty line, the body and the lone dot's line. */
struct spool_file {
    int fd; /* the caller closes it */
    uint64_t len;
    uint64_t head_len; /* without the empty line */
};
/* ERR_NO_ARTICLE: the file is gone or damaged, whatever the index says. */
MUST_USE enum err spool_read(const struct spool *spool, int64_t row, struct spool_file *file);

/* Groups by number, 0 to spool_group_count() - 1. Articles have numbers from 1 in each. */
int spool_group_find(const struct spool *spool, struct bytes name);
int spool_group_count(const struct spool *spool);
const char *spool_group_name(const struct spool *spool, int group);
uint32_t spool_group_high(const struct spool *spool, int group); /* 0: it is empty */
int64_t spool_group_row(const struct spool *spool, int group, uint32_t number);

/* An article on its way in. { .fd = -1 } holds nothing. */
struct spool_draft {
    int fd;
    uint64_t len;
    uint64_t number; /* of its file in tmp/ */
};
MUST_USE enum err spool_draft_begin(struct spool *spool, struct spool_draft *draft);
MUST_USE enum err spool_draft_write(
    struct spool_draft *draft, const struct bytes *parts, size_t count);
void spool_draft_drop(struct spool *spool, struct spool_draft *draft);

/* Make the draft the article `id`, filed in `groups`. ERR_DUPLICATE: it is here already. The draft
 * is gone in any case; when this fails, nothing of it is left. */
struct spool_filing {
    struct bytes id;
    uint64_t head_len;
    int groups[SPOOL_CROSS_MAX];
    size_t group_count;
};
MUST_USE enum err spool_draft_commit(
    struct spool *spool, struct spool_draft *draft, const struct spool_filing *filing);

#endif
