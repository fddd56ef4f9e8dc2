/* Hashes side by side: every kernel against libcrypto (seal_cid) and against another program's
 * numbers; all lengths around a block's edges, lanes that end at different times, more and fewer
 * messages than lanes. */
#include <stdlib.h>

#include "codec/seal/blake2b_kernel.h"
#include "seal_fixture.h"

enum { MESSAGES_MAX = 24, LEN_MAX = 5000, RUNS = 300 };

/* Python's hashlib.blake2b(bytes(i * 7 & 255 ...), digest_size=32, key=bytes(range(32)),
 * person=b"u1:cid"). */
static const struct {
    size_t len;
    const char *hex;
} vectors[] = {
    {0, "2efbd4d05ba4a2ba4ead9742a97b41d8ab05a8934940b7e1f39adb284e4ff037"},
    {1, "218091c863439a8cb46ca5385ba98d377f34907568b093a6aa42c298d8932108"},
    {128, "894a887d8f3680202e9e1f48e7de7bf4e807e8a4bda367c4562ce6d881827b88"},
    {129, "7a4001f2fedd5dac048eab32cc751371f593074009c8fb40cc44f871af115df7"},
    {1000, "0e0c2fd10833d80cea15f5906f037a047740a66f7b5c7edfbf841aeb2e9f815e"},
};

enum { VECTORS = sizeof vectors / sizeof vectors[0] };

static uint8_t key[KEY_LEN];
static struct blake2b_keyed keyed;

/* Each message ends where its memory ends, so that a sanitizer sees every step beyond. */
struct messages {
    size_t count;
    uint8_t *memory[MESSAGES_MAX];
    struct bytes in[MESSAGES_MAX];
    struct cid want[MESSAGES_MAX];
    uint64_t seed;
};

static uint64_t next_random(struct messages *m)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return m->seed >> 16;
}

static void add(struct messages *m, struct fixture *f, size_t len)
{
    uint8_t *memory = malloc(len + 1);

    assert_non_null(memory);
    for (size_t i = 0; i < len; i++) {
        memory[i + 1] = (uint8_t)next_random(m);
    }
    m->memory[m->count] = memory;
    m->in[m->count] = bytes_at(memory + 1, len);
    assert_int_equal(seal_cid(f->s, key, m->in[m->count], &m->want[m->count]), OK);
    m->count++;
}

static void drop(struct messages *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->memory[i]);
    }
    m->count = 0;
}

static void check_one(const struct messages *m, const struct blake2b_kernel *kernel)
{
    struct cid got[MESSAGES_MAX + 1];

    memset(got, 0xee, sizeof(got));
    blake2b_many_by(kernel, &keyed, m->in, m->count, got[0].b);
    for (size_t i = 0; i < m->count; i++) {
        if (!cid_equal(&got[i], &m->want[i])) {
            fail_msg("%s: message %zu of %zu, %zu bytes", kernel != NULL ? kernel->name : "chosen",
                i, m->count, m->in[i].len);
        }
    }
    assert_int_equal(got[m->count].b[0], 0xee);
}

/* Every kernel that this processor has, and the choice among them. */
static void check(const struct messages *m)
{
    const struct blake2b_kernel *kernel;

    for (size_t k = 0; (kernel = blake2b_kernel_get(k)) != NULL; k++) {
        if (kernel->usable()) {
            check_one(m, kernel);
        }
    }
    check_one(m, NULL);
}

static void check_hex(const uint8_t *hash, const char *hex)
{
    char text[2 * BLAKE2B_LEN + 1];

    for (size_t i = 0; i < BLAKE2B_LEN; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
    assert_string_equal(text, hex);
}

static void test_vectors(void **state)
{
    const struct blake2b_kernel *kernel;
    uint8_t message[1000];
    struct bytes in[VECTORS];

    (void)state;
    for (size_t i = 0; i < sizeof(message); i++) {
        message[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < VECTORS; i++) {
        in[i] = bytes_at(message, vectors[i].len);
    }
    for (size_t k = 0; (kernel = blake2b_kernel_get(k)) != NULL; k++) {
        uint8_t out[VECTORS][BLAKE2B_LEN];

        if (!kernel->usable()) {
            continue;
        }
        blake2b_many_by(kernel, &keyed, in, VECTORS, out[0]);
        for (size_t i = 0; i < VECTORS; i++) {
            check_hex(out[i], vectors[i].hex);
        }
    }
}

/* All lengths up to a few blocks, as many messages as there is room for side by side. */
static void test_every_length(void **state)
{
    struct messages m = {.seed = 31};

    for (size_t len = 0; len <= 3 * BLAKE2B_BLOCK + 2;) {
        while (m.count < MESSAGES_MAX) {
            add(&m, *state, len++);
        }
        check(&m);
        drop(&m);
    }
}

/* 0, 1, 2 ... messages of one length. */
static void test_every_count(void **state)
{
    struct messages m = {.seed = 32};

    for (;;) {
        check(&m);
        if (m.count == MESSAGES_MAX) {
            break;
        }
        add(&m, *state, 700);
    }
    drop(&m);
}

/* A lane that ends gives its place to the next message while the others go on. */
static void test_unequal(void **state)
{
    struct messages m = {.seed = 33};

    for (int run = 0; run < RUNS; run++) {
        size_t count = next_random(&m) % (MESSAGES_MAX + 1);
        size_t most = next_random(&m) % 2 == 0 ? LEN_MAX : 3 * BLAKE2B_BLOCK;

        while (m.count < count) {
            size_t len = next_random(&m) % (most + 1);

            add(&m, *state, next_random(&m) % 4 == 0 ? len / BLAKE2B_BLOCK * BLAKE2B_BLOCK : len);
        }
        check(&m);
        drop(&m);
    }
}

/* What publishing does: payloads and parity of full size, and one short item among them. */
static void test_segments(void **state)
{
    struct messages m = {.seed = 34};

    for (int i = 0; i < 9; i++) {
        add(&m, *state, i == 4 ? 1 : i % 2 == 0 ? PAYLOAD_LEN : SEGMENT_LEN);
    }
    check(&m);
    drop(&m);
}

/* The one with the least price a message is chosen, and always one that can run. */
static void test_choice(void **state)
{
    (void)state;
    assert_string_equal(blake2b_kernel_for(1)->name, "plain");
    for (size_t count = 1; count <= MESSAGES_MAX; count++) {
        const struct blake2b_kernel *best = blake2b_kernel_for(count);
        const struct blake2b_kernel *other;

        assert_true(best->usable());
        assert_in_range(best->lanes, 1, BLAKE2B_LANES_MAX);
        for (size_t k = 0; (other = blake2b_kernel_get(k)) != NULL; k++) {
            size_t price = (count + best->lanes - 1) / best->lanes * best->price;

            assert_true(!other->usable() ||
                        price <= (count + other->lanes - 1) / other->lanes * other->price);
        }
    }
}

/* The room's door gives what seal_cid() gives. */
static void test_door(void **state)
{
    struct messages m = {.seed = 35};
    struct cid got[MESSAGES_MAX];

    for (size_t i = 0; i < 11; i++) {
        add(&m, *state, i * 333);
    }
    seal_cids(key, m.in, m.count, got);
    assert_memory_equal(got, m.want, m.count * sizeof(got[0]));
    drop(&m);
}

static int set_up(void **state)
{
    for (size_t i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t)i;
    }
    blake2b_keyed_init(&keyed, key, (const uint8_t *)"u1:cid\0\0\0\0\0\0\0\0\0");
    return fixture_new(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_count),
        cmocka_unit_test(test_unequal),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_door),
    };

    return cmocka_run_group_tests(tests, set_up, fixture_free);
}
