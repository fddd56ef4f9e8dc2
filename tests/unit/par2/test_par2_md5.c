/* MD5: RFC 1321's own vectors, every split, every kernel lane by lane, many messages at once. */
#include "codec/par2/par2_md5.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle.h"

/* RFC 1321 appendix A.5. */
static const struct {
    const char *text;
    const char *hex;
} vectors[] = {
    {"", "d41d8cd98f00b204e9800998ecf8427e"},
    {"a", "0cc175b9c0f1b6a831c399e269772661"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72"},
    {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "d174ab98d277d9f5a5611c2c9f419d9f"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a"},
};

static void check_hex(const struct par2_id *id, const char *hex)
{
    char text[33];

    for (size_t i = 0; i < sizeof id->b; i++) {
        snprintf(text + 2 * i, 3, "%02x", id->b[i]);
    }
    assert_string_equal(text, hex);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct par2_id id = par2_md5_of(bytes_str(vectors[i].text));

        check_hex(&id, vectors[i].hex);
    }
}

/* 0 to 200 bytes 'x' hashed together with every length's hash before: one number for all paddings.
 * The expected value is openssl's, by the same chain. */
static void test_paddings(void **state)
{
    uint8_t message[200];
    struct par2_id id = {{0}};

    (void)state;
    memset(message, 'x', sizeof message);
    for (size_t len = 0; len <= sizeof message; len++) {
        struct par2_md5 md5;

        par2_md5_init(&md5);
        par2_md5_update(&md5, bytes_at(id.b, sizeof id.b));
        par2_md5_update(&md5, bytes_at(message, len));
        id = par2_md5_final(&md5);
    }
    check_hex(&id, "1dfff6fe665fd4d46f6616224707f37d");
}

static void test_splits(void **state)
{
    uint8_t message[150];
    uint64_t seed = 21;
    struct par2_id whole;

    (void)state;
    oracle_fill(&seed, message, sizeof message);
    whole = par2_md5_of(bytes_at(message, sizeof message));
    for (size_t cut = 0; cut <= sizeof message; cut++) {
        struct par2_md5 md5;
        struct par2_id id;

        par2_md5_init(&md5);
        par2_md5_update(&md5, bytes_at(message, cut));
        par2_md5_update(&md5, bytes_at(message + cut, sizeof message - cut));
        id = par2_md5_final(&md5);
        assert_true(par2_id_equal(&id, &whole));
    }
}

/* Each lane of each kernel against the plain one; lanes start in different states. */
static void test_kernels(void **state)
{
    enum { BLOCKS = 5, LEN = BLOCKS * PAR2_MD5_BLOCK };
    static uint8_t message[PAR2_MD5_LANES_MAX][LEN];
    const struct par2_md5_kernel *plain = par2_md5_kernel_get(0);
    const struct par2_md5_kernel *kernel;
    uint64_t seed = 22;

    (void)state;
    oracle_fill(&seed, message[0], sizeof message);
    for (size_t k = 1; (kernel = par2_md5_kernel_get(k)) != NULL; k++) {
        uint32_t got[PAR2_MD5_LANES_MAX][4];
        uint32_t *states[PAR2_MD5_LANES_MAX];
        const uint8_t *in[PAR2_MD5_LANES_MAX];

        if (!kernel->usable()) {
            continue;
        }
        for (size_t i = 0; i < kernel->lanes; i++) {
            memset(got[i], (int)i, sizeof got[i]);
            states[i] = got[i];
            in[i] = message[i];
        }
        kernel->run(states, in, BLOCKS);
        for (size_t i = 0; i < kernel->lanes; i++) {
            uint32_t expected[4];
            uint32_t *one = expected;

            memset(expected, (int)i, sizeof expected);
            plain->run(&one, &in[i], BLOCKS);
            assert_memory_equal(got[i], expected, sizeof expected);
        }
    }
}

enum { MANY_MAX = 100, MANY_LEN = 1000 };

/* Messages that got different starts: `step` bytes more each. */
struct crowd {
    uint8_t message[MANY_MAX][MANY_LEN];
    struct par2_md5 md5[MANY_MAX];
    struct par2_md5 *pointers[MANY_MAX];
    const uint8_t *in[MANY_MAX];
};

/* All of them in calls of random length. */
static void feed(struct crowd *c, uint64_t *seed, size_t count)
{
    size_t done = 0;

    while (done < MANY_LEN) {
        size_t n = oracle_below(seed, 400);

        n = n < MANY_LEN - done ? n : MANY_LEN - done;
        for (size_t i = 0; i < count; i++) {
            c->in[i] = c->message[i] + done;
        }
        par2_md5_update_many(c->pointers, c->in, n, count);
        done += n;
    }
}

static void check_many(uint64_t *seed, size_t count, size_t step)
{
    static struct crowd c;

    for (size_t i = 0; i < count; i++) {
        oracle_fill(seed, c.message[i], MANY_LEN);
        par2_md5_init(&c.md5[i]);
        par2_md5_update(&c.md5[i], bytes_at(c.message[i], i * step % PAR2_MD5_BLOCK));
        c.pointers[i] = &c.md5[i];
    }
    feed(&c, seed, count);
    for (size_t i = 0; i < count; i++) {
        struct par2_md5 one;
        struct par2_id expected;
        struct par2_id id = par2_md5_final(&c.md5[i]);

        par2_md5_init(&one);
        par2_md5_update(&one, bytes_at(c.message[i], i * step % PAR2_MD5_BLOCK));
        par2_md5_update(&one, bytes_at(c.message[i], MANY_LEN));
        expected = par2_md5_final(&one);
        assert_true(par2_id_equal(&id, &expected));
    }
}

static void test_many(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100};
    uint64_t seed = 23;

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        check_many(&seed, counts[i], 0);
        check_many(&seed, counts[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_paddings),
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
