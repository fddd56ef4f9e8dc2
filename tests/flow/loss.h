/* Taking articles of a share away from the world's news server, by volume and segment. */
#ifndef TESTS_FLOW_LOSS_H
#define TESTS_FLOW_LOSS_H

#include "io/store/store_volume.h"
#include "world.h"

enum loss {
    LOSS_GONE,    /* the server has it no more */
    LOSS_DAMAGED, /* a byte of it is another one */
};

/* Volumes of w->share with k and m, as the catalogue has them; at most `cap`. Returns how many. */
struct loss_volume {
    uint32_t number;
    enum store_volume_kind kind;
    uint32_t k, m;
};
size_t loss_volumes(struct world *w, struct loss_volume *volumes, size_t cap);

/* The `nth` volume of this kind, from 0 on; the test fails where there is none. */
struct loss_volume loss_volume(struct world *w, enum store_volume_kind kind, size_t nth);

/* Let segment `index` be lost. */
void loss_take(struct world *w, uint32_t volume, uint32_t index, enum loss how);

/* Let the head of `version` be lost from its version address in `slot`. */
void loss_take_head(struct world *w, uint64_t version, uint32_t slot);

/* The same, from its address by day. */
void loss_take_head_of_day(struct world *w, uint32_t day, uint32_t slot);

#endif
