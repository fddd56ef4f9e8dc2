/* What the machine lends us: memory and processors. For this room only. */
#ifndef FLOW_PAR2FILES_PLACE_H
#define FLOW_PAR2FILES_PLACE_H

#include <stdbool.h>

#include "flow/par2files/par2files.h"

/* Bytes that slices may take. */
uint64_t place_memory(const struct par2files_place *place);

unsigned place_threads(const struct par2files_place *place);

/* A set of `slices` slices of which `extra` results of the same length are made. */
struct place_set {
    uint64_t slice_len;
    uint64_t slices;
    uint64_t extra;
    bool at_once; /* the arithmetic wants all slices at a time */
};

/* How to go through it. */
struct place_plan {
    uint64_t width;  /* columns at a time; less than a slice: bands, with all slices in each */
    uint64_t batch;  /* slices that are read at a time; if all stay in memory: at first */
    uint64_t window; /* slices in memory: all, or two batches */
};

/* Where the batch ends that begins with slice `first`, which may be none. */
uint64_t place_batch_end(const struct place_plan *plan, uint64_t slices, uint64_t first);

struct place_plan place_plan(uint64_t memory, const struct place_set *set);

/* How many columns of so many slices (at least 1) fit. */
uint64_t place_width(uint64_t memory, uint64_t slice_len, uint64_t slices);

#endif
