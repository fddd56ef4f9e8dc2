/* Inside reseal*.c only: what a walk over the catalogue found. */
#ifndef FLOW_PUBLISH_RESEAL_ROOM_H
#define FLOW_PUBLISH_RESEAL_ROOM_H

#include "codec/manifest/extents.h"
#include "flow/publish/reseal.h"
#include "io/disk/disk_stat.h"

/* A file with bytes in a wanted place, as the catalogue knows it. */
struct reseal_file {
    uint64_t folder;
    struct buf name;
    struct disk_stat stat;
};

/* Some stored bytes of one block that lie in one place: all of an item, or a part of a cut one. */
struct reseal_item {
    uint32_t place; /* which of reseal.places */
    uint32_t file;  /* which of reseal.files */
    uint64_t block; /* of the file */
    uint32_t plain_len;
    uint32_t stored_len;
    enum extent_coding coding;
    uint32_t at;   /* in the place's payload */
    uint32_t skip; /* stored bytes that lie in the place before */
    uint32_t len;  /* stored bytes that lie here */
};

struct reseal {
    const struct publish_ctx *ctx;
    uint64_t *places;
    size_t count;
    size_t limit;              /* places[limit] and those behind it are left for another walk */
    struct reseal_item *items; /* by place, then by `at` */
    size_t item_count, item_cap, items_max;
    struct reseal_file *files;
    size_t file_count, file_cap;
    int crowded; /* the first place has more items than are kept: it is covered, but hopeless */
};

/* The number of the first of reseal.places that is not below `place`. */
size_t reseal_at_or_behind(const struct reseal *reseal, uint64_t place);

#endif
