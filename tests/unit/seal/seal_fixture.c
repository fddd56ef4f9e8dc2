/* Keys that every test of this room uses. */
#include "seal_fixture.h"

#include <sodium.h>

int fixture_new(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    uint8_t w[KEY_LEN];
    uint8_t vk[KEY_LEN];

    assert_non_null(f);
    assert_int_equal(sealer_new(&f->s), OK);
    format_count_up(0, w, sizeof(w));
    format_count_up(0x20, f->link_secret, sizeof(f->link_secret));
    format_count_up(0x40, vk, sizeof(vk));
    assert_int_equal(seal_share_keys(f->s, w, &f->share), OK);
    assert_int_equal(seal_read_public(f->s, f->link_secret, f->share.fp, f->r), OK);
    assert_int_equal(seal_read_keys(f->s, f->r, &f->read), OK);
    assert_int_equal(seal_volume_keys(f->s, vk, f->share.ck, &f->volume), OK);
    *state = f;
    return 0;
}

int fixture_free(void **state)
{
    struct fixture *f = *state;

    sealer_free(f->s);
    free(f);
    return 0;
}

uint8_t *fixture_bytes(size_t len, unsigned modulus)
{
    uint8_t *bytes = malloc(len);

    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i % modulus);
    }
    return bytes;
}

void fixture_assert_digest(const char *name, const uint8_t *bytes, size_t len)
{
    uint8_t digest[32];

    assert_int_equal(crypto_generichash(digest, sizeof(digest), bytes, len, NULL, 0), 0);
    format_assert(name, bytes_at(digest, sizeof(digest)));
}
