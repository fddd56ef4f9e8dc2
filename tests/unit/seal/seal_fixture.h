/* The share of docs/format.md, section 10, for every test of this room. */
#ifndef TESTS_UNIT_SEAL_SEAL_FIXTURE_H
#define TESTS_UNIT_SEAL_SEAL_FIXTURE_H

#include "../../golden/format/format_example.h"
#include "codec/seal/seal_head.h"

struct fixture {
    struct sealer *s;
    struct share_keys share;
    uint8_t link_secret[SEAL_LINK_SECRET_LEN];
    uint8_t r[KEY_LEN];
    struct read_keys read;
    struct volume_keys volume;
};

/* cmocka set-up and tear-down of a group. */
int fixture_new(void **state);
int fixture_free(void **state);

/* `len` new bytes, byte i is i mod `modulus`. The caller frees them. */
uint8_t *fixture_bytes(size_t len, unsigned modulus);

/* The unkeyed BLAKE2b-256 that the page calls "digest of". */
void fixture_assert_digest(const char *name, const uint8_t *bytes, size_t len);

#endif
