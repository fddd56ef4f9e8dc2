/* The index in memory: 36 bytes an article. Room-internal. */
#ifndef APP_NEWSD_SPOOL_INDEX_H
#define APP_NEWSD_SPOOL_INDEX_H

#include "app/newsd/siphash.h"
#include "app/newsd/spool.h"

struct spool_row {
    uint8_t hash[SIPHASH_LEN]; /* of the Message-ID */
    uint32_t len;
    uint32_t head_len;
};

struct spool_group {
    char *name;
    uint32_t *rows; /* rows[n - 1] is article n's row + 1; 0: there is none */
    uint32_t high;
    uint32_t cap;
};

struct spool_index {
    struct spool_row *rows;
    uint32_t count;
    uint32_t cap;
    uint32_t *slots; /* open addressing; row + 1, 0: free */
    uint32_t slot_mask;
    struct spool_group *groups;
    int group_count;
};

void spool_index_clear(struct spool_index *index);

int64_t spool_index_find(const struct spool_index *index, const uint8_t hash[SIPHASH_LEN]);

/* Make room for one more row, so that spool_index_add() cannot fail. */
MUST_USE enum err spool_index_reserve_row(struct spool_index *index);

/* Add a row whose hash is not there yet. */
MUST_USE enum err spool_index_add(struct spool_index *index, const struct spool_row *row);

int spool_index_group(const struct spool_index *index, struct bytes name);

/* Add a group that is not there yet. ERR_LIMIT: SPOOL_GROUPS_MAX. */
MUST_USE enum err spool_index_add_group(struct spool_index *index, struct bytes name);

/* Make room for article `number` of `group`, so that spool_index_file() cannot fail. ERR_LIMIT: a
 * number too far off. */
MUST_USE enum err spool_index_reserve(struct spool_index *index, int group, uint32_t number);
void spool_index_file(struct spool_index *index, int group, uint32_t number, uint32_t row);

#endif
