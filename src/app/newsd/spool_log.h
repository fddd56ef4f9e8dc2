/* The index on disk: an append-only file, a line an article, each with its CRC-32:
 *
 *     <hash, 32 hex> <len> <head_len> <group>:<number>[,<group>:<number>]... <crc, 8 hex>
 *
 * Room-internal. */
#ifndef APP_NEWSD_SPOOL_LOG_H
#define APP_NEWSD_SPOOL_LOG_H

#include "app/newsd/spool_index.h"

struct spool_place {
    int group;
    uint32_t number;
};

struct spool_entry {
    struct spool_row row;
    struct spool_place places[SPOOL_CROSS_MAX];
    size_t place_count;
};

/* Read the open file `fd` into *index. What follows its last good line is torn: it is cut off. Bad
 * lines before that are left alone, and counted in the log. *len: the file's length after that. */
MUST_USE enum err spool_log_read(int fd, struct spool_index *index, uint64_t *len);

/* Append the line of `entry` to *out. */
MUST_USE enum err spool_log_line(
    const struct spool_index *index, const struct spool_entry *entry, struct buf *out);

#endif
