/* Links: the page's examples both ways, what people paste, and every mistake of one character. */
#include "../../golden/format/format_example.h"

#include <ctype.h>

#include "codec/link/bech32m.h"
#include "codec/link/link.h"

static const struct {
    const char *example;
    enum link_kind kind;
} kinds[] = {
    {"public link", LINK_PUBLIC},
    {"password link, 256 MiB, t = 3", LINK_PASSWORD},
    {"invite", LINK_INVITE},
    {"write key, public share", LINK_WRITE},
    {"write key, other share", LINK_WRITE_SECRET},
    {"address", LINK_ADDRESS},
    {"recovery kit", LINK_KIT},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* What the example of this kind holds. */
static struct link example_link(enum link_kind kind)
{
    struct link link = {.kind = kind};
    struct buf fp = {0};

    format_example("fp", &fp);
    if (kind == LINK_PUBLIC || kind == LINK_PASSWORD || kind == LINK_INVITE) {
        memcpy(link.fp, fp.ptr, LINK_FP_LEN);
    }
    if (kind <= LINK_WRITE) {
        format_count_up(0x20, link.l, LINK_SECRET_LEN);
    }
    if (kind == LINK_PASSWORD) {
        link.argon_memory_log2 = 8;
        link.argon_passes = 3;
    }
    if (kind == LINK_INVITE || kind == LINK_ADDRESS) {
        format_count_up(0x60, link.box, KEY_LEN);
    }
    if (kind == LINK_WRITE || kind == LINK_WRITE_SECRET) {
        format_count_up(0, link.w, KEY_LEN);
    }
    if (kind == LINK_WRITE_SECRET) {
        format_count_up(0x80, link.r, KEY_LEN);
    }
    if (kind == LINK_KIT) {
        format_count_up(0x80, link.seed, KEY_LEN);
    }
    buf_clear(&fp);
    return link;
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct link want = example_link(kinds[i].kind);
        struct link got;
        struct buf text = {0};

        assert_int_equal(link_encode(&want, &text), OK);
        format_assert(kinds[i].example, buf_view(&text));
        assert_true(text.len <= LINK_TEXT_MAX);
        assert_int_equal(link_decode(buf_view(&text), &got), OK);
        assert_memory_equal(&got, &want, sizeof(got));
        buf_clear(&text);
    }
}

static void upper_case(struct buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        text->ptr[i] = (uint8_t)toupper(text->ptr[i]);
    }
}

static void test_what_people_paste(void **state)
{
    static const char *const around[][2] = {
        {"", "\n"}, {" \t", "\r\n"}, {"usync:", ""}, {"  usync:", "  "}, {"USYNC:", ""}};
    struct link link;

    (void)state;
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
        struct buf text = {0};

        assert_int_equal(buf_append_str(&text, around[i][0]), OK);
        format_example("public link", &text);
        assert_int_equal(buf_append_str(&text, around[i][1]), OK);
        assert_int_equal(link_decode(buf_view(&text), &link), OK);
        assert_int_equal(link.kind, LINK_PUBLIC);
        upper_case(&text);
        assert_int_equal(link_decode(buf_view(&text), &link), OK);
        text.ptr[text.len / 2] = 'q';
        assert_int_equal(link_decode(buf_view(&text), &link), ERR_LINK_TYPO);
        buf_clear(&text);
    }
}

/* A decoded link may only be of this text; a failed one leaves no secret behind. */
static void assert_refused(struct bytes text)
{
    static const struct link nothing;
    struct link link;
    enum err err = link_decode(text, &link);

    if (err != ERR_LINK_TYPO && err != ERR_LINK_BAD) {
        fail_msg("%.*s: %s", (int)text.len, (const char *)text.ptr, err_name(err));
    }
    assert_memory_equal(&link, &nothing, sizeof(link));
}

/* Every other character in place of character i. */
static void other_characters(struct buf *text, size_t i)
{
    uint8_t right = text->ptr[i];

    for (unsigned c = 0; c < 256; c++) {
        text->ptr[i] = (uint8_t)c;
        if (c != right && !(i == 0 && isspace((int)c))) {
            assert_refused(buf_view(text));
        }
    }
    text->ptr[i] = right;
}

/* Characters i and i + 1 in each other's place. */
static void swapped(struct buf *text, size_t i)
{
    uint8_t first = text->ptr[i];
    uint8_t second = text->ptr[i + 1];

    if (first != second) {
        text->ptr[i] = second;
        text->ptr[i + 1] = first;
        assert_refused(buf_view(text));
        text->ptr[i] = first;
        text->ptr[i + 1] = second;
    }
}

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        struct buf text = {0};

        format_example(kinds[k].example, &text);
        for (size_t i = 0; i < text.len; i++) {
            other_characters(&text, i);
            assert_refused(bytes_at(text.ptr, i));
            if (i + 1 < text.len) {
                swapped(&text, i);
            }
        }
        buf_clear(&text);
    }
}

/* Right checksums over wrong contents. */
static const struct {
    const char *hrp;
    size_t len;
    uint8_t version;
    enum err err;
} crafted[] = {
    {"usync", 41, 1, OK},
    {"usync", 41, 2, ERR_TOO_NEW},
    {"usync", 99, 200, ERR_TOO_NEW},
    {"usync", 41, 0, ERR_LINK_BAD},
    {"usync", 40, 1, ERR_LINK_BAD},
    {"usync", 42, 1, ERR_LINK_BAD},
    {"usync", 0, 1, ERR_LINK_BAD},
    {"usyncp", 42, 1, ERR_LINK_BAD}, /* zeros are no Argon2 parameters */
    {"usyncw", 57, 1, OK},
    {"usyncw", 65, 1, OK},
    {"usyncw", 61, 1, ERR_LINK_BAD},
    {"usyncid", 33, 1, OK},
    {"usynck", 33, 1, OK},
    {"usyncv", 81, 1, ERR_LINK_BAD}, /* no such kind */
    {"bc", 41, 1, ERR_LINK_BAD},
};

static void test_crafted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(crafted) / sizeof(crafted[0]); i++) {
        uint8_t data[128] = {crafted[i].version};
        struct buf text = {0};
        struct link link;
        enum err err;

        assert_int_equal(bech32m_encode(crafted[i].hrp, bytes_at(data, crafted[i].len), &text), OK);
        err = link_decode(buf_view(&text), &link);
        if (err != crafted[i].err) {
            fail_msg("row %zu: %s", i, err_name(err));
        }
        buf_clear(&text);
    }
}

static void test_not_links(void **state)
{
    static const struct {
        const char *text;
        enum err err;
    } rows[] = {
        {"", ERR_LINK_BAD},
        {"   ", ERR_LINK_BAD},
        {"https://example.org/", ERR_LINK_BAD},
        {"usync", ERR_LINK_BAD},
        {"usync1", ERR_LINK_TYPO},
        {"usyncp1abc", ERR_LINK_TYPO},
        {"usync1 qqqqqqqqq", ERR_LINK_TYPO},
        {"magnet:?xt=usync1", ERR_LINK_BAD},
    };
    uint8_t large[LINK_INPUT_MAX + 1];
    struct link link;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(link_decode(bytes_str(rows[i].text), &link), rows[i].err);
    }
    memset(large, ' ', sizeof(large));
    assert_int_equal(link_decode(bytes_at(large, sizeof(large)), &link), ERR_LINK_BAD);
    memset(large, 'q', sizeof(large));
    memcpy(large, "usync1", 6);
    assert_int_equal(link_decode(bytes_at(large, LINK_INPUT_MAX), &link), ERR_LINK_TYPO);
}

static void test_argon_bounds(void **state)
{
    static const uint32_t bad[][2] = {{5, 3}, {11, 3}, {8, 1}, {8, 11}, {0, 0}};
    struct buf text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct link link = {.kind = LINK_PASSWORD};

        link.argon_memory_log2 = bad[i][0];
        link.argon_passes = bad[i][1];
        assert_int_equal(link_encode(&link, &text), ERR_LIMIT);
    }
    assert_int_equal(text.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_what_people_paste),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_crafted),
        cmocka_unit_test(test_not_links),
        cmocka_unit_test(test_argon_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
