/* The inner loops of PAR2's arithmetic, for processors that have the instructions, and a plain one
 * for all others. All give the same bytes. For this room, its tests and its bench only. */
#ifndef CODEC_PAR2_PAR2_KERNEL_H
#define CODEC_PAR2_PAR2_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/par2/par2_field.h"

enum {
    PAR2_GROUP = 8,      /* inputs whose bits share a byte of a bit plane */
    PAR2_ROW_MAX = 4096, /* no kernel's row strip is longer */
    PAR2_ALIGN = 64,     /* of every pointer to memory of our own */
};

/* Before a loop of fixed length over vectors, so that the compiler keeps them in registers. */
#ifdef __clang__
#define PAR2_UNROLL _Pragma("unroll")
#else
#define PAR2_UNROLL _Pragma("GCC unroll 16")
#endif

/* Any matrix times slices, a strip of columns at a time. */
struct par2_rows {
    size_t strip;      /* bytes of a slice that one step works on */
    size_t staged_len; /* bytes that such a strip takes when staged */
    size_t tables_len; /* bytes of the tables that `row` needs; 0: none */
    void (*prepare)(uint8_t *tables);
    /* Bring a strip into the form that `row` reads. */
    void (*stage)(const uint8_t *in, uint8_t *staged);
    /* out ^= the sum of factors[c] * the strip staged at c * staged_len, c < count. */
    void (*row)(const uint8_t *tables, const uint16_t *factors, const uint8_t *staged, size_t count,
        uint8_t *out);
};

/* Sums over bit planes: bit b of 8 inputs' words side by side in a byte. See par2_frobenius.c. */
struct par2_planes {
    size_t strip;       /* bytes of a slice that one step works on */
    size_t planes_len;  /* bytes of one group's 16 planes */
    size_t sums_len;    /* bytes of the 16 sums for one exponent */
    size_t product_len; /* bytes of the table for one group and exponent */
    size_t output_len;  /* bytes of the table for one output map */
    /* The table that multiplies the group's bits with these powers of its constants. */
    void (*prepare_product)(const uint16_t powers[PAR2_GROUP], uint8_t *table);
    /* The table of the map that takes bit j of sum b to image[b][j]. */
    void (*prepare_output)(uint16_t image[PAR2_WORD_BITS][PAR2_WORD_BITS], uint8_t *table);
    /* Cut the strips of a group into planes. */
    void (*slice)(const uint8_t *const in[PAR2_GROUP], uint8_t *planes);
    /* sums ^= the products of `groups` groups, planes and tables lying one behind the other. */
    void (*product)(const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums);
    /* out = the mapped sums. */
    void (*output)(const uint8_t *sums, const uint8_t *table, uint8_t *out);
};

struct par2_butterflies; /* par2_butterflies.h */

struct par2_kernel {
    const char *name;
    bool (*usable)(void); /* does this processor have the instructions? */
    const struct par2_rows *rows;
    const struct par2_planes *planes;           /* NULL: rows only */
    const struct par2_butterflies *butterflies; /* NULL: no transform */
};

/* Kernel number `i`, 0 is the plain one; NULL behind the last one. */
const struct par2_kernel *par2_kernel_get(size_t i);

/* The fastest one that this processor can run. */
const struct par2_kernel *par2_kernel_best(void);

/* The kernels themselves, for the table. */
extern const struct par2_rows par2_plain_rows;
#ifdef __x86_64__
bool par2_avx2_usable(void);
extern const struct par2_rows par2_avx2_rows;
extern const struct par2_planes par2_avx2_planes;
bool par2_gfni256_usable(void);
extern const struct par2_rows par2_gfni256_rows;
extern const struct par2_planes par2_gfni256_planes;
bool par2_gfni_usable(void);
extern const struct par2_rows par2_gfni_rows;
extern const struct par2_planes par2_gfni_planes;
#endif
#ifdef __AARCH64EL__
extern const struct par2_rows par2_neon_rows;
extern const struct par2_planes par2_neon_planes;
#endif

#endif
