/* Heads: what we write is pinned to the byte, what we refuse to write, and what we read. */
#include "codec/nntp/nntp_article.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct nntp_head_fields good_fields(void)
{
    return (struct nntp_head_fields){
        .from = bytes_str("abc <abc@def.com>"),
        .newsgroups = bytes_str("alt.binaries.test"),
        .subject = bytes_str("kx7 qpl"),
        .id = bytes_str("<a@b.com>"),
        .date = 1790000000,
    };
}

static void test_golden_head(void **state)
{
    char path[512];
    uint8_t expected[1024];
    struct nntp_head_fields fields = good_fields();
    struct buf out = {0};
    FILE *f;
    size_t len;

    (void)state;
    snprintf(path, sizeof path, "%s/golden/nntp/head.txt", TEST_DATA_DIR);
    f = fopen(path, "rb");
    assert_non_null(f);
    len = fread(expected, 1, sizeof expected, f);
    fclose(f);
    assert_int_equal(nntp_article_head(&fields, &out), OK);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.ptr, expected, len);
    assert_true(nntp_article_head_valid(bytes_at(out.ptr, out.len - 2)));
    buf_clear(&out);
}

static const struct {
    int64_t date;
    const char *text; /* NULL: refused */
} dates[] = {
    {0, "Thu, 01 Jan 1970 00:00:00 +0000"},
    {951782400, "Tue, 29 Feb 2000 00:00:00 +0000"},
    {1234567890, "Fri, 13 Feb 2009 23:31:30 +0000"},
    {4102444799, "Thu, 31 Dec 2099 23:59:59 +0000"},
    {253402300799, "Fri, 31 Dec 9999 23:59:59 +0000"},
    {253402300800, NULL},
    {-1, NULL},
    {INT64_MAX, NULL},
    {INT64_MIN, NULL},
};

static void test_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        struct nntp_head_fields fields = good_fields();
        struct buf out = {0};
        struct buf value = {0};
        enum err err;

        fields.date = dates[i].date;
        err = nntp_article_head(&fields, &out);
        assert_int_equal(err, dates[i].text == NULL ? ERR_BAD_REQUEST : OK);
        if (err == OK) {
            assert_int_equal(nntp_article_field(buf_view(&out), "date", &value), OK);
            assert_true(bytes_equal(buf_view(&value), bytes_str(dates[i].text)));
        }
        buf_clear(&out);
        buf_clear(&value);
    }
}

enum field { FROM, NEWSGROUPS, SUBJECT, ID };

static const struct {
    enum field field;
    const char *value;
} refused[] = {
    {FROM, ""},
    {FROM, "a\r\nX: y"},
    {FROM, "a\nX: y"},
    {FROM, "a\rb"},
    {FROM, "\xc3\xa4 <a@b>"},
    {FROM, " a <a@b>"},
    {FROM, "a <a@b> "},
    {SUBJECT, ""},
    {SUBJECT, "x\r\n\r\nbody"},
    {SUBJECT, "tab\there"},
    {SUBJECT, "\x7f"},
    {NEWSGROUPS, ""},
    {NEWSGROUPS, "alt.test,"},
    {NEWSGROUPS, ",alt.test"},
    {NEWSGROUPS, "alt.test, alt.b"},
    {NEWSGROUPS, "alt.test\r\nControl: cancel"},
    {ID, ""},
    {ID, "<a>"},
    {ID, "<a@b>\r\n"},
};

static void test_refused_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct nntp_head_fields fields = good_fields();
        struct bytes *const places[] = {
            [FROM] = &fields.from,
            [NEWSGROUPS] = &fields.newsgroups,
            [SUBJECT] = &fields.subject,
            [ID] = &fields.id,
        };
        struct buf out = {0};

        *places[refused[i].field] = bytes_str(refused[i].value);
        if (nntp_article_head(&fields, &out) != ERR_BAD_REQUEST) {
            fail_msg("row %zu: %s", i, refused[i].value);
        }
        assert_int_equal(out.len, 0);
        buf_clear(&out);
    }
}

static void test_nul_and_long_lines(void **state)
{
    uint8_t text[NNTP_HEADER_LINE_MAX];
    size_t most = NNTP_HEADER_LINE_MAX - strlen("Subject: ");
    struct nntp_head_fields fields = good_fields();
    struct buf out = {0};

    (void)state;
    fields.subject = bytes_at("a\0b", 3);
    assert_int_equal(nntp_article_head(&fields, &out), ERR_BAD_REQUEST);
    memset(text, 's', sizeof text);
    fields.subject = bytes_at(text, most + 1);
    assert_int_equal(nntp_article_head(&fields, &out), ERR_BAD_REQUEST);
    fields.subject = bytes_at(text, most);
    assert_int_equal(nntp_article_head(&fields, &out), OK);
    assert_true(nntp_article_head_valid(bytes_at(out.ptr, out.len - 2)));
    fields = good_fields();
    fields.newsgroups = bytes_str("alt.test,alt.b");
    assert_int_equal(nntp_article_head(&fields, &out), OK);
    buf_clear(&out);
}

static const struct {
    const char *article;
    const char *head;
    const char *body;
} splits[] = {
    {"A: b\r\n\r\nbody\r\n", "A: b\r\n", "body\r\n"},
    {"A: b\r\n\r\n", "A: b\r\n", ""},
    {"A: b\r\nC: d\r\n\r\n\r\n\r\n", "A: b\r\nC: d\r\n", "\r\n\r\n"},
    {"A: b\r\nbody\r\n", NULL, NULL},
    {"A: b\n\nbody\n", NULL, NULL},
    {"\r\nbody", NULL, NULL},
    {"", NULL, NULL},
};

static void test_splits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        struct bytes head;
        struct bytes body;
        bool whole = nntp_article_split(bytes_str(splits[i].article), &head, &body);

        assert_int_equal(whole, splits[i].head != NULL);
        assert_true(bytes_equal(head, bytes_str(whole ? splits[i].head : "")));
        assert_true(bytes_equal(body, bytes_str(whole ? splits[i].body : "")));
    }
}

static const struct {
    const char *head;
    bool valid;
} heads[] = {
    {"A: b\r\n", true},
    {"A:b\r\nC-d:\r\n", true},
    {"A: b\r\n folded\r\n\tagain\r\n", true},
    {"A: \xc3\xa4\r\n", true},
    {"", false},
    {"A: b", false},
    {"A: b\n", false},
    {" folded first\r\n", false},
    {"no colon\r\n", false},
    {": no name\r\n", false},
    {"A : b\r\n", false},
    {"\xc3\xa4: b\r\n", false},
    {"A: b\nC: d\r\n", false},
    {"A: b\rC: d\r\n", false},
    {"A: b\r\n\r\n", false},
};

static void test_heads(void **state)
{
    static char line[NNTP_HEADER_LINE_MAX + 3];

    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (nntp_article_head_valid(bytes_str(heads[i].head)) != heads[i].valid) {
            fail_msg("%s", heads[i].head);
        }
    }
    assert_false(nntp_article_head_valid(bytes_at("A: \0\r\n", 6)));
    memset(line, 'a', sizeof line);
    line[1] = ':';
    memcpy(line + NNTP_HEADER_LINE_MAX, "\r\n", 2);
    assert_true(nntp_article_head_valid(bytes_at(line, NNTP_HEADER_LINE_MAX + 2)));
    memcpy(line + NNTP_HEADER_LINE_MAX, "a\r\n", 3);
    assert_false(nntp_article_head_valid(bytes_at(line, NNTP_HEADER_LINE_MAX + 3)));
}

static const struct {
    const char *head;
    const char *name;
    enum err err;
    const char *value;
} fields_read[] = {
    {"From: me\r\nSubject: x\r\n", "Subject", OK, "x"},
    {"From: me\r\nSubject: x\r\n", "SUBJECT", OK, "x"},
    {"From:me\r\n", "From", OK, "me"},
    {"From: \t me \t\r\n", "From", OK, "me"},
    {"Subject: a\r\n b\r\n\tc\r\nFrom: x\r\n", "Subject", OK, "a b c"},
    {"Subject:\r\n b\r\n", "Subject", OK, "b"},
    {"Subject: \r\nFrom: x\r\n", "Subject", OK, ""},
    {"X-Subject: a\r\n", "Subject", ERR_NO_ROW, ""},
    {"Subjects: a\r\n", "Subject", ERR_NO_ROW, ""},
    {"From: a\r\n Subject: b\r\n", "Subject", ERR_NO_ROW, ""},
    {"Subject: a\r\nsubject: b\r\n", "Subject", ERR_BAD_FORMAT, ""},
    {"", "Subject", ERR_NO_ROW, ""},
};

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fields_read / sizeof fields_read[0]; i++) {
        struct buf value = {0};

        assert_int_equal(
            nntp_article_field(bytes_str(fields_read[i].head), fields_read[i].name, &value),
            fields_read[i].err);
        assert_true(bytes_equal(buf_view(&value), bytes_str(fields_read[i].value)));
        buf_clear(&value);
    }
}

static const struct {
    const char *body;
    const char *wire;
} stuffed[] = {
    {"a\r\n", "a\r\n"},
    {".\r\n", "..\r\n"},
    {".a\r\n..\r\nb.", "..a\r\n...\r\nb.\r\n"},
    {"\r\n\r\n", "\r\n\r\n"},
    {"", ""},
};

static void test_stuffing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stuffed / sizeof stuffed[0]; i++) {
        struct buf out = {0};

        assert_int_equal(nntp_article_stuff(bytes_str(stuffed[i].body), &out), OK);
        assert_true(bytes_equal(buf_view(&out), bytes_str(stuffed[i].wire)));
        buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_head),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_refused_fields),
        cmocka_unit_test(test_nul_and_long_lines),
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_stuffing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
