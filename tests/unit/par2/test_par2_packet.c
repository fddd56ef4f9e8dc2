/* Packets: round trips, limits, and every byte of a packet flipped. */
#include "codec/par2/par2_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/endian.h"
#include "oracle.h"

static const struct par2_id set = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

/* The only packet in *b, checked; its body. */
static struct bytes body_of(const struct buf *b, struct par2_head *head, enum par2_packet_type type)
{
    struct bytes body = buf_view(b);

    assert_true(b->len >= PAR2_HEAD_LEN);
    assert_int_equal(par2_head_decode(b->ptr, head), OK);
    assert_int_equal(head->type, type);
    assert_int_equal(head->len, b->len);
    assert_true(par2_packet_is_whole(body, head));
    bytes_skip(&body, PAR2_HEAD_LEN);
    return body;
}

static void test_main(void **state)
{
    static const uint8_t ids[3 * PAR2_MD5_LEN] = {7, 8, 9};
    const struct par2_main packet = {786432, 2, {ids, sizeof ids}};
    struct par2_id id = par2_set_id(&packet);
    struct par2_main back;
    struct par2_head head;
    struct buf b = {0};
    struct bytes body;

    (void)state;
    assert_int_equal(par2_main_encode(&packet, &b), OK);
    body = body_of(&b, &head, PAR2_MAIN);
    assert_true(par2_id_equal(&head.set, &id));
    assert_int_equal(par2_main_decode(body, &back), OK);
    assert_int_equal(back.slice_len, 786432);
    assert_int_equal(back.recovered, 2);
    assert_true(bytes_equal(back.ids, packet.ids));
    id = par2_md5_of(body);
    assert_true(par2_id_equal(&head.set, &id));
    buf_clear(&b);
}

/* Names of every length modulo 4 keep their length. */
static void test_file(void **state)
{
    static const char *const names[] = {"a", "ab", "abc", "abcd", "dir/\xc3\xa4.bin"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct par2_file packet = {{{1}}, {{2}}, {{3}}, 123456789012, bytes_str(names[i])};
        struct par2_file back;
        struct par2_head head;
        struct buf b = {0};

        assert_int_equal(par2_file_encode(&set, &packet, &b), OK);
        assert_int_equal(b.len % 4, 0);
        assert_int_equal(par2_file_decode(body_of(&b, &head, PAR2_FILE), &back), OK);
        assert_true(par2_id_equal(&head.set, &set));
        assert_true(par2_id_equal(&back.id, &packet.id));
        assert_true(par2_id_equal(&back.md5, &packet.md5));
        assert_true(par2_id_equal(&back.start_md5, &packet.start_md5));
        assert_int_equal(back.len, packet.len);
        assert_true(bytes_equal(back.name, packet.name));
        buf_clear(&b);
    }
}

static void test_checks(void **state)
{
    static const uint8_t checks[2 * PAR2_CHECK_LEN] = {1, 2, 3};
    struct par2_checks packet = {{{9}}, {checks, sizeof checks}};
    struct par2_checks back;
    struct par2_head head;
    struct buf b = {0};

    (void)state;
    assert_int_equal(par2_checks_encode(&set, &packet, &b), OK);
    assert_int_equal(par2_checks_decode(body_of(&b, &head, PAR2_CHECKS), &back), OK);
    assert_true(par2_id_equal(&back.file, &packet.file));
    assert_true(bytes_equal(back.checks, packet.checks));
    buf_clear(&b);
}

static void test_recovery(void **state)
{
    uint8_t slice[100];
    struct par2_recovery packet = {65534, {slice, sizeof slice}};
    struct par2_recovery back;
    uint8_t start[PAR2_RECOVERY_LEN];
    struct par2_head head;
    struct par2_md5 md5;
    struct buf b = {0};
    uint64_t seed = 31;

    (void)state;
    oracle_fill(&seed, slice, sizeof slice);
    par2_recovery_md5(&set, packet.exponent, &md5);
    par2_md5_update(&md5, packet.slice);
    par2_recovery_encode(&set, &packet, &md5, start);
    assert_int_equal(buf_append(&b, bytes_at(start, sizeof start)), OK);
    assert_int_equal(buf_append(&b, packet.slice), OK);
    assert_int_equal(par2_recovery_decode(body_of(&b, &head, PAR2_RECOVERY), &back), OK);
    assert_int_equal(back.exponent, 65534);
    assert_true(bytes_equal(back.slice, packet.slice));
    buf_clear(&b);
}

static void test_creator(void **state)
{
    struct par2_head head;
    struct buf b = {0};

    (void)state;
    assert_int_equal(par2_creator_encode(&set, "UsenetSync", &b), OK);
    assert_memory_equal(body_of(&b, &head, PAR2_CREATOR).ptr, "UsenetSync\0\0", 12);
    buf_clear(&b);
}

/* A flipped bit anywhere is seen. */
static void test_flips(void **state)
{
    static const uint8_t ids[PAR2_MD5_LEN] = {7};
    const struct par2_main packet = {4, 1, {ids, sizeof ids}};
    struct buf b = {0};

    (void)state;
    assert_int_equal(par2_main_encode(&packet, &b), OK);
    for (size_t bit = 0; bit < 8 * b.len; bit++) {
        struct par2_head head;

        b.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(
            par2_head_decode(b.ptr, &head) == OK && par2_packet_is_whole(buf_view(&b), &head));
        b.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_clear(&b);
}

/* Heads: a length and a type, and what is said of them. */
static const struct {
    const char *what;
    uint64_t len;
    char type[17];
    enum err err;
} heads[] = {
    {"shorter than a head", 60, "PAR 2.0\0Creator\0", ERR_BAD_FORMAT},
    {"no multiple of 4", 66, "PAR 2.0\0Creator\0", ERR_BAD_FORMAT},
    {"an empty creator", 64, "PAR 2.0\0Creator\0", OK},
    {"the longest creator", 64 + 65536, "PAR 2.0\0Creator\0", OK},
    {"a creator too long", 64 + 65540, "PAR 2.0\0Creator\0", ERR_LIMIT},
    {"a main packet too short", 64 + 8, "PAR 2.0\0Main\0\0\0\0", ERR_BAD_FORMAT},
    {"a main packet too long", UINT64_C(1) << 40, "PAR 2.0\0Main\0\0\0\0", ERR_LIMIT},
    {"a file without a name", 64 + 56, "PAR 2.0\0FileDesc", ERR_BAD_FORMAT},
    {"checks of too many slices", 64 + 16 + 20 * 32769, "PAR 2.0\0IFSC\0\0\0\0", ERR_LIMIT},
    {"an empty recovery slice", 64 + 4, "PAR 2.0\0RecvSlic", ERR_BAD_FORMAT},
    {"a recovery slice too long", 0xfffffffffffffffc, "PAR 2.0\0RecvSlic", ERR_LIMIT},
    {"an unknown type, as long as it likes", 0xfffffffffffffffc, "PAR 2.0\0Unknown\0", OK},
};

static void test_heads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        uint8_t in[PAR2_HEAD_LEN] = "PAR2\0PKT";
        struct par2_head head;
        enum err err;

        put_le64(in + 8, heads[i].len);
        memcpy(in + 48, heads[i].type, 16);
        err = par2_head_decode(in, &head);
        if (err != heads[i].err) {
            fail_msg("%s: %s", heads[i].what, err_name(err));
        }
        in[3] ^= 1;
        assert_int_equal(par2_head_decode(in, &head), ERR_BAD_FORMAT);
    }
}

static void test_bad_bodies(void **state)
{
    uint8_t in[100] = {0};
    struct par2_main main_packet;
    struct par2_file file;
    struct par2_checks checks;
    struct par2_recovery recovery;

    (void)state;
    assert_int_equal(par2_main_decode(bytes_at(in, 12), &main_packet), ERR_BAD_FORMAT);
    in[0] = 6; /* no multiple of 4 */
    assert_int_equal(par2_main_decode(bytes_at(in, 12), &main_packet), ERR_BAD_FORMAT);
    in[0] = 4;
    assert_int_equal(par2_main_decode(bytes_at(in, 12), &main_packet), OK);
    assert_int_equal(par2_main_decode(bytes_at(in, 11), &main_packet), ERR_BAD_FORMAT);
    assert_int_equal(par2_main_decode(bytes_at(in, 20), &main_packet), ERR_BAD_FORMAT);
    in[8] = 2; /* two files to recover, one id */
    assert_int_equal(par2_main_decode(bytes_at(in, 28), &main_packet), ERR_BAD_FORMAT);
    in[6] = 1; /* slices of 2^48 bytes */
    assert_int_equal(par2_main_decode(bytes_at(in, 60), &main_packet), ERR_LIMIT);

    assert_int_equal(par2_file_decode(bytes_at(in, 60), &file), ERR_BAD_FORMAT); /* only NULs */
    memcpy(in + 56, "a\0b", 3);
    assert_int_equal(par2_file_decode(bytes_at(in, 60), &file), ERR_BAD_FORMAT);
    in[57] = 'x';
    assert_int_equal(par2_file_decode(bytes_at(in, 60), &file), OK);
    assert_int_equal(file.name.len, 3);
    assert_int_equal(par2_file_decode(bytes_at(in, 55), &file), ERR_BAD_FORMAT);

    assert_int_equal(par2_checks_decode(bytes_at(in, 15), &checks), ERR_BAD_FORMAT);
    assert_int_equal(par2_checks_decode(bytes_at(in, 40), &checks), ERR_BAD_FORMAT);
    assert_int_equal(par2_checks_decode(bytes_at(in, 36), &checks), OK);

    put_le32(in, 65535);
    assert_int_equal(par2_recovery_decode(bytes_at(in, 8), &recovery), ERR_LIMIT);
    put_le32(in, 65534);
    assert_int_equal(par2_recovery_decode(bytes_at(in, 8), &recovery), OK);
    assert_int_equal(par2_recovery_decode(bytes_at(in, 4), &recovery), ERR_BAD_FORMAT);
    assert_int_equal(par2_recovery_decode(bytes_at(in, 10), &recovery), ERR_BAD_FORMAT);
}

static const struct {
    const char *text;
    size_t len;
    size_t at;
} finds[] = {
    {"", 0, 0},
    {"PAR2\0PK", 7, 7},
    {"PAR2\0PKT", 8, 0},
    {"PPAR2\0PKT", 9, 1},
    {"PAR2\0PPAR2\0PKTx", 15, 6},
    {"PAR2 PKTPPPPPPPPP", 17, 17},
};

static void test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof finds / sizeof finds[0]; i++) {
        assert_int_equal(par2_packet_find(bytes_at(finds[i].text, finds[i].len)), finds[i].at);
    }
}

static void test_refused(void **state)
{
    static uint8_t name[PAR2_NAME_MAX + 4];
    struct par2_file file = {.name = {name, 0}};
    struct par2_main main_packet = {6, 0, {NULL, 0}};
    struct buf b = {0};

    (void)state;
    memset(name, 'n', sizeof name);
    assert_int_equal(par2_file_encode(&set, &file, &b), ERR_LIMIT);
    file.name.len = sizeof name;
    assert_int_equal(par2_file_encode(&set, &file, &b), ERR_LIMIT);
    assert_int_equal(par2_main_encode(&main_packet, &b), ERR_LIMIT);
    assert_int_equal(b.len, 0);
    buf_clear(&b);
}

/* Ids are numbers whose last byte counts most. */
static void test_order(void **state)
{
    const struct par2_id small = {{255, 0}};
    const struct par2_id great = {{0, 1}};

    (void)state;
    assert_true(par2_id_compare(&small, &great) < 0);
    assert_true(par2_id_compare(&great, &small) > 0);
    assert_int_equal(par2_id_compare(&small, &small), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_main),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_creator),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_bad_bodies),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
