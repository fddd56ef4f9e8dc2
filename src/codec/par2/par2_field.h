/* GF(2^16) as PAR2 2.0 has it: the generator polynomial 0x1100B, and the constants that stand for
 * the input slices. */
#ifndef CODEC_PAR2_PAR2_FIELD_H
#define CODEC_PAR2_PAR2_FIELD_H

#include <stddef.h>
#include <stdint.h>

enum {
    PAR2_POLYNOMIAL = 0x1100b,
    PAR2_ORDER = 65535,      /* of the multiplicative group; exponents count modulo it */
    PAR2_INPUTS_MAX = 32768, /* so many numbers below PAR2_ORDER are coprime to it */
    PAR2_WORD_BITS = 16,
};

/* Tables to multiply with; about 450 KiB, so on the heap, and read-only once made. */
struct par2_field {
    uint16_t log[PAR2_ORDER + 1];        /* of 0: no meaning */
    uint16_t exp[2 * PAR2_ORDER];        /* twice, so that a sum of two logs needs no modulo */
    uint16_t input_log[PAR2_INPUTS_MAX]; /* the log of input slice i's constant */
};

void par2_field_init(struct par2_field *field);

/* a * b without tables: slow, and right by its looks. */
uint16_t par2_mul_plain(uint16_t a, uint16_t b);

static inline uint16_t par2_mul(const struct par2_field *field, uint16_t a, uint16_t b)
{
    return a == 0 || b == 0 ? 0 : field->exp[field->log[a] + field->log[b]];
}

/* 1 / a; `a` is not 0. */
static inline uint16_t par2_inverse(const struct par2_field *field, uint16_t a)
{
    return field->exp[PAR2_ORDER - field->log[a]];
}

/* The constant of input slice `i`, to the power `e` (below PAR2_ORDER). */
static inline uint16_t par2_input_power(const struct par2_field *field, uint32_t i, uint32_t e)
{
    return field->exp[(uint32_t)field->input_log[i] * e % PAR2_ORDER];
}

#endif
