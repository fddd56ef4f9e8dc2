/* The volumes of a share that a test makes. */
#ifndef TESTS_UNIT_RESTORE_MAKER_VOLUME_H
#define TESTS_UNIT_RESTORE_MAKER_VOLUME_H

#include "share_maker.h"

/* A volume with fresh random keys. */
void maker_volume_init(struct maker *m, struct maker_volume *v, uint32_t number, int kind);

/* One segment more, all zeros; its index is returned. */
uint32_t maker_segment_new(struct maker_volume *v);

/* Post SEGMENT_LEN raw bytes under `id`. */
void maker_post_body(struct maker *m, const char *id, const uint8_t *raw);

/* Post all segments of `v` and say what the tables say of it; *e borrows from the two buffers. */
void maker_volume_describe(struct maker *m, struct maker_volume *v, struct volume_entry *e,
    struct buf *attempts, struct buf *changed);

#endif
