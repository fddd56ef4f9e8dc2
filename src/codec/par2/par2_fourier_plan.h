/* What the transform prepares once, and what it runs by. For par2_fourier*.c only. */
#ifndef CODEC_PAR2_PAR2_FOURIER_PLAN_H
#define CODEC_PAR2_PAR2_FOURIER_PLAN_H

#include "codec/par2/par2_cantor.h"
#include "codec/par2/par2_fourier.h"

enum {
    PAR2_LEAF = 8, /* rows that the first three levels work on */
    PAR2_LEAVES = PAR2_FIELD_SIZE / PAR2_LEAF,
    PAR2_BITS_MIN = 6,
    PAR2_MAP = 32, /* bytes of a linear map's table */
    PAR2_NO_ROW = -1,
};

/* sums[dst] ^= sums[src] */
struct par2_row_sum {
    uint16_t dst;
    uint16_t src;
};

struct par2_fourier {
    const struct par2_kernel *kernel;
    const struct par2_butterflies *ops;
    struct par2_cantor cantor;
    size_t input_count;
    uint32_t base;   /* the lowest exponent; others are relative to it */
    size_t span;     /* exponents base to base + span - 1 are reckoned */
    int32_t *row;    /* of a relative exponent: the recovery slice, or PAR2_NO_ROW */
    unsigned bits;   /* a coset has 2^bits points, at least span */
    size_t strips;   /* strips that are staged at a time */
    uint32_t *order; /* the inputs by their constants' index in Cantor's basis */
    uint16_t *index; /* these indices, rising */
    uint32_t leaf_start[PAR2_LEAVES + 1]; /* in `order` */
    size_t coset_max;                     /* inputs of the fullest coset */
    struct par2_row_sum *row_sums;
    size_t row_sum_count;
    uint8_t *tables;   /* owned; below are places in it */
    uint8_t *products; /* of ops->prepare */
    uint8_t *store_map;
    uint8_t *load_maps; /* one for all inputs when base is 0, else one each */
};

/* Fill in everything. On errors the caller clears. */
MUST_USE enum err par2_fourier_plan(struct par2_fourier *f, const struct par2_task *task);

#endif
