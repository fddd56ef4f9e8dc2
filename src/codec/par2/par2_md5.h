/* MD5 (RFC 1321), since PAR2's packets and slices carry it: of one message, or of many that go on
 * side by side, which costs a tenth. It guards against accidents only; anybody can forge it. */
#ifndef CODEC_PAR2_PAR2_MD5_H
#define CODEC_PAR2_PAR2_MD5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum { PAR2_MD5_LEN = 16, PAR2_MD5_BLOCK = 64, PAR2_MD5_LANES_MAX = 32 };

struct par2_id {
    uint8_t b[PAR2_MD5_LEN];
};

/* A message on its way; a plain struct, to be copied freely. */
struct par2_md5 {
    uint32_t state[4];
    uint64_t len;
    uint8_t block[PAR2_MD5_BLOCK]; /* the last len % 64 bytes */
};

void par2_md5_init(struct par2_md5 *md5);
void par2_md5_update(struct par2_md5 *md5, struct bytes in);

/* The hash of all that came; *md5 may go on. */
struct par2_id par2_md5_final(const struct par2_md5 *md5);

/* The hash of one message. */
struct par2_id par2_md5_of(struct bytes in);

/* Give message i the `len` bytes at in[i], for i < count. Fast if all messages have the same length
 * modulo 64, as those have that got the same calls since their start; right in any case. */
void par2_md5_update_many(
    struct par2_md5 *const *md5, const uint8_t *const *in, size_t len, size_t count);

bool par2_id_equal(const struct par2_id *a, const struct par2_id *b);

/* Inner loops, for this room, its tests and its bench. */
struct par2_md5_kernel {
    const char *name;
    bool (*usable)(void);
    size_t lanes;
    size_t price; /* of a block of all lanes, the plain one's being 10 */
    /* `blocks` blocks of each lane's message. */
    void (*run)(uint32_t *const *state, const uint8_t *const *in, size_t blocks);
};

/* Kernel number `i`, fewest lanes first, 0 is plain with one; NULL behind the last one. */
const struct par2_md5_kernel *par2_md5_kernel_get(size_t i);

extern const uint32_t par2_md5_sines[64];

#ifdef __x86_64__
bool par2_md5_avx2_usable(void);
void par2_md5_avx2(uint32_t *const *state, const uint8_t *const *in, size_t blocks);
bool par2_md5_avx512_usable(void);
void par2_md5_avx512(uint32_t *const *state, const uint8_t *const *in, size_t blocks);
void par2_md5_avx512_twice(uint32_t *const *state, const uint8_t *const *in, size_t blocks);
#endif

#endif
