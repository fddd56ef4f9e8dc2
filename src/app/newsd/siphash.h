/* SipHash-2-4 with 128 bits (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): names
 * for articles that nobody who does not know the spool's key can make collide. */
#ifndef APP_NEWSD_SIPHASH_H
#define APP_NEWSD_SIPHASH_H

#include "base/bytes.h"

enum { SIPHASH_LEN = 16 };

void siphash(const uint8_t key[SIPHASH_LEN], struct bytes in, uint8_t out[SIPHASH_LEN]);

#endif
