/* The definition of PAR2's recovery slices in its plainest form: what every kernel is judged by.
 * Shares nothing with the code under test. */
#ifndef TESTS_UNIT_PAR2_ORACLE_H
#define TESTS_UNIT_PAR2_ORACLE_H

#include <stddef.h>
#include <stdint.h>

/* a * b in GF(2^16) modulo 0x1100B. */
uint16_t oracle_mul(uint16_t a, uint16_t b);

uint16_t oracle_power(uint16_t a, uint32_t e);

/* The constant of input slice `i`. */
uint16_t oracle_constant(uint32_t i);

/* out ^= constant(input)^exponent * in, `len` bytes. */
void oracle_add(uint32_t input, uint32_t exponent, const uint8_t *in, uint8_t *out, size_t len);

/* xorshift64: the same numbers in every run. */
uint64_t oracle_random(uint64_t *state);
void oracle_fill(uint64_t *state, uint8_t *out, size_t len);

/* A number below `limit`. */
size_t oracle_below(uint64_t *state, size_t limit);

/* `count` slices of `len` bytes in one piece of memory, zeroed; free the pointer to free all. */
uint8_t **oracle_slices(size_t count, size_t len);

#endif
