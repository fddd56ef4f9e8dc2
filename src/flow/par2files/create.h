/* What the steps of creating share. For create*.c only. */
#ifndef FLOW_PAR2FILES_CREATE_H
#define FLOW_PAR2FILES_CREATE_H

#include "codec/par2/par2_encoder.h"
#include "flow/par2files/crew.h"
#include "flow/par2files/originals.h"
#include "flow/par2files/outset.h"
#include "flow/par2files/place.h"

#define CREATE_CREATOR "Created by usenetsync " USENETSYNC_VERSION "."

struct create {
    const struct par2files_create *options;
    struct originals sources;
    uint64_t slice_len;
    uint64_t slices;
    uint64_t recovery;
    uint32_t *order;         /* the input slices' numbers, in the order they are read */
    struct slice_at *at;     /* in that order, as are the next three */
    struct original **owner; /* the files they belong to */
    uint8_t *checks;         /* PAR2_CHECK_LEN each */
    uint8_t *unread;
    struct outset outset;
    struct buf creator;
    struct crew crew;
    struct par2_encoder *encoder; /* of the whole set; NULL: no recovery slices */
    struct place_plan plan;
    uint8_t *data; /* input slices, or their columns */
    uint8_t *rows; /* recovery slices, or their columns */
    uint8_t **out; /* pointers to them */
};

/* Choose the order, which depends on the plan, and fill in `order`, `at` and `owner`. */
MUST_USE enum err create_order(struct create *c);

/* Pointers to all slices by their numbers, these lying in `data` in the order they were read, or
 * `width` bytes of each; NULL when there is no memory. */
uint8_t **create_inputs(const struct create *c, uint8_t *data, size_t width);

/* The checks by the slices' numbers; the caller frees them. */
MUST_USE enum err create_checks(const struct create *c, uint8_t **checks);

/* Read and hash everything; with whole slices in memory, also add them to the recovery slices. */
MUST_USE enum err create_batches(struct create *c);

/* Read the columns of all slices band by band, and write the bands of the recovery slices. */
MUST_USE enum err create_bands(struct create *c);

/* Write what `rows` holds: columns from `from` on. */
MUST_USE enum err create_write(struct create *c, uint64_t from);

#endif
