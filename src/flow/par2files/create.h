/* What the steps of creating share. For create*.c only. */
#ifndef FLOW_PAR2FILES_CREATE_H
#define FLOW_PAR2FILES_CREATE_H

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
    struct slice_at *at; /* all input slices */
    uint8_t *checks;
    uint8_t *unread;
    struct outset outset;
    struct buf creator;
    struct crew crew;
    struct place_plan plan;
    uint8_t *data; /* input slices, or their columns */
    uint8_t *rows; /* recovery slices, or their columns */
    uint8_t **out; /* pointers to them */
};

/* Read and hash everything; with whole slices in memory, also add them to the recovery slices. */
MUST_USE enum err create_batches(struct create *c);

/* Read the columns of all slices band by band, and write the bands of the recovery slices. */
MUST_USE enum err create_bands(struct create *c);

/* Write what `rows` holds: columns from `from` on. */
MUST_USE enum err create_write(struct create *c, uint64_t from);

#endif
