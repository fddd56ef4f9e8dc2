/* The twelve rounds of BLAKE2b (RFC 7693 section 3.2) over whatever a word is: 64 bits, or a vector
 * of one word of each lane. Whoever uses BLAKE2B_ROUNDS has the words in v[16] and m[16] and has
 * defined
 *
 *     ADD(x, y)  XOR(x, y)  TURN32(x)  TURN24(x)  TURN16(x)  TURN63(x)    rotations to the right
 *
 * Two of a round's four mixes go side by side: they fill each other's waits and leave the compiler
 * registers for all of v, which four do not. */
#ifndef CODEC_SEAL_BLAKE2B_ROUNDS_H
#define CODEC_SEAL_BLAKE2B_ROUNDS_H

#define BLAKE2B_HALF(a, b, c, d, x, A, B, C, D, X, TURN_D, TURN_B)                                 \
    v[a] = ADD(ADD(v[a], m[x]), v[b]);                                                             \
    v[A] = ADD(ADD(v[A], m[X]), v[B]);                                                             \
    v[d] = TURN_D(XOR(v[d], v[a]));                                                                \
    v[D] = TURN_D(XOR(v[D], v[A]));                                                                \
    v[c] = ADD(v[c], v[d]);                                                                        \
    v[C] = ADD(v[C], v[D]);                                                                        \
    v[b] = TURN_B(XOR(v[b], v[c]));                                                                \
    v[B] = TURN_B(XOR(v[B], v[C]));

/* RFC 7693's G of two columns or diagonals, with two words of the message each. */
#define BLAKE2B_MIX(a, b, c, d, x, y, A, B, C, D, X, Y)                                            \
    BLAKE2B_HALF(a, b, c, d, x, A, B, C, D, X, TURN32, TURN24)                                     \
    BLAKE2B_HALF(a, b, c, d, y, A, B, C, D, Y, TURN16, TURN63)

#define BLAKE2B_ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15)        \
    BLAKE2B_MIX(0, 4, 8, 12, s0, s1, 1, 5, 9, 13, s2, s3)                                          \
    BLAKE2B_MIX(2, 6, 10, 14, s4, s5, 3, 7, 11, 15, s6, s7)                                        \
    BLAKE2B_MIX(0, 5, 10, 15, s8, s9, 1, 6, 11, 12, s10, s11)                                      \
    BLAKE2B_MIX(2, 7, 8, 13, s12, s13, 3, 4, 9, 14, s14, s15)

#define BLAKE2B_ROUNDS                                                                             \
    BLAKE2B_ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)                            \
    BLAKE2B_ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)                            \
    BLAKE2B_ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4)                            \
    BLAKE2B_ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)                            \
    BLAKE2B_ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13)                            \
    BLAKE2B_ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)                            \
    BLAKE2B_ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11)                            \
    BLAKE2B_ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)                            \
    BLAKE2B_ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5)                            \
    BLAKE2B_ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)                            \
    BLAKE2B_ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)                            \
    BLAKE2B_ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)

#endif
