/* GF(2^16) seen from three bases: PAR2's own, Cantor's, and a tower over GF(2^8). For this room
 * only.
 *
 * Cantor's basis: b_0 = 1, b_(i+1)^2 + b_(i+1) = b_i. The element w(n) is the sum of the b_t for
 * the bits t of n. Its first 8 span GF(2^8).
 * The tower: GF(2^8)[y] with y = b_8, so that y^2 = y + b_7; a word is two bytes, low and high,
 * each in Cantor's coordinates of GF(2^8). */
#ifndef CODEC_PAR2_PAR2_CANTOR_H
#define CODEC_PAR2_PAR2_CANTOR_H

#include "codec/par2/par2_field.h"

enum { PAR2_FIELD_SIZE = 65536 };

/* About 400 KiB: for the heap. */
struct par2_cantor {
    uint16_t index[PAR2_FIELD_SIZE];   /* the n of w(n) */
    uint16_t tower[PAR2_FIELD_SIZE];   /* an element's tower form */
    uint16_t twiddle[PAR2_FIELD_SIZE]; /* of n: the tower form of w(n) */
    uint16_t element[PAR2_WORD_BITS];  /* the elements whose tower forms are 1 << k */
    uint8_t product[256][8];           /* in GF(2^8): [u][j] is u times basis element j */
    uint8_t by_b7[256];                /* u * b_7 */
};

void par2_cantor_init(struct par2_cantor *cantor, const struct par2_field *field);

#endif
