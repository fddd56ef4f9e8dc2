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
    /* out ^= the mapped sums. */
    void (*output)(const uint8_t *sums, const uint8_t *table, uint8_t *out);
};

/* Butterflies of the additive transform, on rows of PAR2_FOURIER_ROW bytes in tower form: 64 low
 * bytes, then 64 high ones. See par2_fourier.c. */
enum { PAR2_FOURIER_ROW = 128, PAR2_TWIDDLE = 24, PAR2_NODE_TWIDDLES = 7 * PAR2_TWIDDLE };

struct par2_node {
    uint8_t *rows;           /* row m of node k is at rows + m * stride + k * PAR2_FOURIER_ROW */
    const uint8_t *twiddles; /* level by level, block by block */
    uint8_t *sums;           /* final nodes: rows of the same places, to be added to */
    size_t stride;
    size_t count; /* nodes that share the twiddles */
    size_t need;  /* final nodes: only rows below this are wanted */
};

struct par2_butterflies {
    /* Tables of the products with all elements of GF(2^8): image[u][j] is u times basis element j.
     */
    void (*prepare)(uint8_t image[256][8], uint8_t *tables); /* 256 * 8 bytes */
    /* The table of a linear map of words, 32 bytes. */
    void (*prepare_map)(const uint16_t image[PAR2_WORD_BITS], uint8_t *map);
    /* A row from PAR2's order to tower form, and back (out ^= row). */
    void (*load)(const uint8_t *in, const uint8_t *map, uint8_t *row);
    void (*store)(const uint8_t *row, const uint8_t *map, uint8_t *out);
    void (*add)(const uint8_t *row, uint8_t *sum); /* sum ^= row */
    void (*clear)(uint8_t *rows);                  /* 8 rows in a row become zeros */
    /* Levels 0 to 2 of 8 rows in a row, from 8 inputs; or from input `in` alone, whose three
     * factors are the twiddles. */
    void (*leaf)(const uint8_t *const in[8], const uint8_t *twiddles, uint8_t *rows);
    void (*lone)(const uint8_t *in, const uint8_t *twiddles, uint8_t *rows);
    void (*node)(const struct par2_node *node);                  /* three levels, in place */
    void (*last)(const struct par2_node *node, unsigned levels); /* the last 1 to 3, into sums */
};

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
bool par2_gfni_usable(void);
extern const struct par2_rows par2_gfni_rows;
extern const struct par2_planes par2_gfni_planes;
extern const struct par2_butterflies par2_gfni_butterflies;
uint64_t par2_gfni_matrix(const uint8_t image[8]);
void par2_gfni_word_matrices(const uint16_t image[PAR2_WORD_BITS], uint64_t out[4]);
#endif

#endif
