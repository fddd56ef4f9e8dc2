/* Numbers that look random and are the same in every run (xorshift64*, Vigna 2016). */
#ifndef TESTS_UNIT_MANIFEST_RANDOM_STREAM_H
#define TESTS_UNIT_MANIFEST_RANDOM_STREAM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(0x2545F4914F6CDD1D);
}

/* 0 .. below - 1 */
static inline uint64_t random_below(uint64_t *seed, uint64_t below)
{
    return random_next(seed) % below;
}

#endif
