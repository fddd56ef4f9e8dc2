/* What the machine lends us: memory and processors. For this room only. */
#ifndef FLOW_PAR2FILES_PLACE_H
#define FLOW_PAR2FILES_PLACE_H

#include "flow/par2files/par2files.h"

/* Bytes that slices may take. */
uint64_t place_memory(const struct par2files_place *place);

unsigned place_threads(const struct par2files_place *place);

/* How to go through a set of `slices` slices with `extra` results of the same length. */
struct place_plan {
    uint64_t width; /* columns at a time; less than a slice: bands, with all slices in each */
    uint64_t batch; /* whole slices at a time */
};

struct place_plan place_plan(uint64_t memory, uint64_t slice_len, uint64_t slices, uint64_t extra);

/* How many columns of so many slices (at least 1) fit. */
uint64_t place_width(uint64_t memory, uint64_t slice_len, uint64_t slices);

#endif
