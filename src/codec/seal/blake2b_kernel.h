/* The inner loops of BLAKE2b: the plain twin, which hashes one message, and faster ones that hash
 * some side by side on processors that have the instructions. All give the same bytes. For this
 * room, its tests and its bench only. */
#ifndef CODEC_SEAL_BLAKE2B_KERNEL_H
#define CODEC_SEAL_BLAKE2B_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/seal/blake2b.h"

enum { BLAKE2B_LANES_MAX = 8 };

/* Before a loop of fixed length over vectors, so that the compiler keeps them in registers. */
#ifdef __clang__
#define BLAKE2B_UNROLL _Pragma("unroll")
#else
#define BLAKE2B_UNROLL _Pragma("GCC unroll 16")
#endif

/* A message on its way. */
struct blake2b_lane {
    uint64_t h[8];
    uint64_t counted;  /* bytes in the blocks so far; modulo 2^64 */
    uint64_t last;     /* all ones where the next block is the message's last, else 0 */
    const uint8_t *in; /* the next blocks */
};

struct blake2b_kernel {
    const char *name;
    bool (*usable)(void); /* does this processor have the instructions? */
    size_t lanes;
    size_t price; /* of a block of all lanes, the plain one's being 10 */
    /* `blocks` blocks of each of `lanes` messages. The lanes move on. */
    void (*run)(struct blake2b_lane *lanes, size_t blocks);
};

/* Kernel number `i`, fewest lanes first, 0 is plain with one; NULL behind the last one. */
const struct blake2b_kernel *blake2b_kernel_get(size_t i);

/* The one that hashes `count` messages (at least 1) at the least price each. */
const struct blake2b_kernel *blake2b_kernel_for(size_t count);

/* RFC 7693 section 2.6. */
extern const uint64_t blake2b_iv[8];

/* The kernels themselves, for the table. */
void blake2b_plain(struct blake2b_lane *lanes, size_t blocks);
#ifdef __x86_64__
bool blake2b_avx2_usable(void);
void blake2b_avx2(struct blake2b_lane *lanes, size_t blocks);
bool blake2b_avx512_usable(void);
void blake2b_avx512(struct blake2b_lane *lanes, size_t blocks);
#endif

#endif
