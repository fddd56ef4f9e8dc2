/* Heads: the page's example, one encoding for one head, every cut and flip, broken rules. */
#include "../../golden/format/format_example.h"

#include "base/endian.h"
#include "base/text.h"
#include "codec/manifest/head.h"

enum { SEVERAL = 6 };

/* The head of the page's example, and all that it borrows. */
struct fixture {
    struct head head;
    struct buf object;
    struct buf metas;
    struct buf secrets;
    uint8_t payload[HEAD_PAYLOAD_LEN];
};

static void add_meta(struct fixture *f, uint32_t number)
{
    struct volume_entry e;
    struct buf value = {0};

    format_example("meta entry: K = M = 1, VK, the cids of section 3", &value);
    assert_int_equal(volume_entry_decode(number, buf_view(&value), &e), OK);
    assert_int_equal(volume_entry_put(&f->metas, &e), OK);
    f->head.metas = buf_view(&f->metas);
    buf_clear(&value);
}

static void add_secret(struct fixture *f, uint32_t generation)
{
    static const uint8_t r[KEY_LEN] = {1, 2, 3};

    assert_int_equal(append_le32(&f->secrets, generation), OK);
    assert_int_equal(buf_append(&f->secrets, bytes_at(r, sizeof(r))), OK);
    f->head.secrets = buf_view(&f->secrets);
}

static void copy_example(const char *name, uint8_t *out, size_t len)
{
    struct buf value = {0};

    format_example(name, &value);
    assert_int_equal(value.len, len);
    memcpy(out, value.ptr, len);
    buf_clear(&value);
}

static int fixture_new(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct head *h;

    assert_non_null(f);
    h = &f->head;
    h->n = 1;
    h->created = 1700000000;
    copy_example("spk", h->spk, sizeof(h->spk));
    copy_example("ck", h->ck, sizeof(h->ck));
    h->title = bytes_str("Fotos");
    h->files = 1;
    h->directories = 1;
    h->bytes = 5 * (uint64_t)PAYLOAD_LEN + 100;
    h->articles = 6;
    h->root = 1;
    h->root_mode = 0755;
    h->next_folder = 3;
    h->next_volume = 4;
    format_example("leaf page as an object, as it is", &f->object);
    h->inlined = buf_view(&f->object);
    h->tree.length = (uint32_t)f->object.len;
    copy_example("cid of that object", h->tree.hash.b, sizeof(h->tree.hash.b));
    add_meta(f, 3);
    *state = f;
    return 0;
}

static int fixture_free(void **state)
{
    struct fixture *f = *state;

    buf_clear(&f->object);
    buf_clear(&f->metas);
    buf_clear(&f->secrets);
    free(f);
    return 0;
}

static void assert_same(const struct head *a, const struct head *b)
{
    struct head x = *a;
    struct head y = *b;

    assert_true(bytes_equal(x.title, y.title));
    assert_true(bytes_equal(x.metas, y.metas));
    assert_true(bytes_equal(x.secrets, y.secrets));
    assert_true(bytes_equal(x.inlined, y.inlined));
    x.title = y.title;
    x.metas = y.metas;
    x.secrets = y.secrets;
    x.inlined = y.inlined;
    assert_memory_equal(&x, &y, sizeof(x));
}

static void test_example(void **state)
{
    struct fixture *f = *state;
    struct head got;
    struct buf core = {0};
    struct bytes inlined;

    assert_int_equal(head_encode(&f->head, f->payload), OK);
    format_example("core", &core);
    assert_memory_equal(f->payload, core.ptr, core.len);
    for (size_t i = core.len; i < HEAD_CORE_LEN; i++) {
        assert_int_equal(f->payload[i], 0);
    }
    assert_int_equal(head_decode(f->payload, &got), OK);
    assert_same(&got, &f->head);
    assert_int_equal(head_inlined_at(&got, got.tree.offset, got.tree.length, &inlined), OK);
    format_assert("leaf page as an object, as it is", inlined);
    assert_int_equal(head_inlined_at(&got, 1, got.tree.length, &inlined), ERR_LIMIT);
    assert_int_equal(head_inlined_at(&got, UINT32_MAX, 1, &inlined), ERR_LIMIT);
    buf_clear(&core);
}

/* Every field set to something. */
static void test_full(void **state)
{
    struct fixture *f = *state;
    struct head *h = &f->head;
    struct head got;

    h->n = 7;
    memset(h->prev, 9, sizeof(h->prev));
    h->generation = 300;
    h->symlinks = 5;
    h->others = COUNT_MAX;
    h->root_mtime_ns = INT64_MIN;
    h->volumes = (struct pointer){3, 0, 5, 77, {{7}}};
    h->older = (struct pointer){2, 63, 5, 77, {{8}}};
    h->next_volume = 200;
    h->next_folder = COUNT_MAX;
    for (uint32_t i = 0; i < SEVERAL; i++) {
        add_meta(f, 10 + i * i);
        add_secret(f, i * 40);
    }
    assert_int_equal(head_encode(h, f->payload), OK);
    assert_int_equal(head_decode(f->payload, &got), OK);
    assert_same(&got, h);
}

static void test_tail(void **state)
{
    struct fixture *f = *state;
    struct head_tail tail = {20000, {1, 2, 3}, {4, 5, 6}};
    struct head_tail got;

    memset(f->payload, 0xee, sizeof(f->payload));
    assert_int_equal(head_encode(&f->head, f->payload), OK);
    assert_int_equal(f->payload[HEAD_CORE_LEN], 0xee); /* the tail is not its own */
    head_put_tail(f->payload, &tail);
    head_take_tail(f->payload, &got);
    assert_memory_equal(&got, &tail, sizeof(got));
    assert_memory_equal(f->payload + HEAD_CORE_LEN, "\x20\x4e\0\0\1\2\3", 7);
    assert_memory_equal(f->payload + HEAD_PAYLOAD_LEN - 64, "\4\5\6", 3);
    assert_int_equal(head_core(f->payload).len, HEAD_CORE_LEN);
}

static void test_room(void **state)
{
    struct fixture *f = *state;
    size_t room = head_inline_room(&f->head);
    uint8_t *filler = calloc(1, HEAD_CORE_LEN);
    size_t full = f->head.inlined.len + room;
    struct head got;

    assert_non_null(filler);
    assert_in_range(room, HEAD_CORE_LEN - 1000, HEAD_CORE_LEN);
    memset(filler, 0xff, HEAD_CORE_LEN);
    f->head.inlined = bytes_at(filler, full);
    assert_int_equal(head_inline_room(&f->head), 0);
    assert_int_equal(head_encode(&f->head, f->payload), OK);
    assert_int_equal(f->payload[HEAD_CORE_LEN - 1], 0xff); /* to the last byte */
    assert_int_equal(head_decode(f->payload, &got), OK);
    f->head.inlined.len++;
    assert_int_equal(head_encode(&f->head, f->payload), ERR_LIMIT);
    assert_int_equal(head_inline_room(&f->head), 0);
    free(filler);
}

/* Whatever is accepted is written again as it was read: there is one encoding of a head. */
static void assert_one_encoding(const uint8_t *payload, uint8_t *scratch)
{
    struct head got;

    if (head_decode(payload, &got) == OK) {
        assert_int_equal(head_encode(&got, scratch), OK);
        assert_memory_equal(scratch, payload, HEAD_CORE_LEN);
    }
}

static void test_flips(void **state)
{
    struct fixture *f = *state;
    uint8_t *scratch = calloc(1, HEAD_PAYLOAD_LEN);
    struct buf core = {0};
    struct head got;

    assert_non_null(scratch);
    format_example("core", &core);
    assert_int_equal(head_encode(&f->head, f->payload), OK);
    for (size_t bit = 0; bit < core.len * 8; bit++) {
        f->payload[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_one_encoding(f->payload, scratch);
        f->payload[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t byte = core.len; byte < HEAD_CORE_LEN; byte += 997) {
        f->payload[byte] ^= 1;
        assert_int_equal(head_decode(f->payload, &got), ERR_BAD_FORMAT);
        f->payload[byte] ^= 1;
    }
    f->payload[HEAD_CORE_LEN - 1] = 1;
    assert_int_equal(head_decode(f->payload, &got), ERR_BAD_FORMAT);
    buf_clear(&core);
    free(scratch);
}

/* Cut: the rest is zeros, or all ones. */
static void test_cuts(void **state)
{
    struct fixture *f = *state;
    uint8_t *scratch = calloc(1, HEAD_PAYLOAD_LEN);
    struct buf core = {0};
    struct head got;

    assert_non_null(scratch);
    format_example("core", &core);
    for (size_t len = 0; len < core.len; len++) {
        memset(f->payload, 0, sizeof(f->payload));
        memcpy(f->payload, core.ptr, len);
        assert_one_encoding(f->payload, scratch);
        memset(f->payload + len, 0xff, sizeof(f->payload) - len);
        assert_int_not_equal(head_decode(f->payload, &got), OK);
    }
    buf_clear(&core);
    free(scratch);
}

static void test_versions_and_flags(void **state)
{
    struct fixture *f = *state;
    struct head got;

    assert_int_equal(head_encode(&f->head, f->payload), OK);
    f->payload[0] = 2;
    assert_int_equal(head_decode(f->payload, &got), ERR_TOO_NEW);
    f->payload[0] = 0;
    assert_int_equal(head_decode(f->payload, &got), ERR_BAD_FORMAT);
    f->payload[0] = 1;
    f->payload[1] |= 8;
    assert_int_equal(head_decode(f->payload, &got), ERR_TOO_NEW);
}

static void break_head(struct fixture *f, int how)
{
    static const char long_title[HEAD_TITLE_MAX + 1] = "x";
    struct head *h = &f->head;

    switch (how) {
    case 0:
        h->n = 0;
        break;
    case 1:
        h->prev[31] = 1; /* the first head has no predecessor */
        break;
    case 2:
        h->title = bytes_at(long_title, sizeof(long_title));
        break;
    case 3:
        h->title = bytes_str("caf\xe9");
        break;
    case 4:
        h->root = 0;
        break;
    case 5:
        h->next_folder = h->root;
        break;
    case 6:
        h->root_mode = 01000;
        break;
    case 7:
        h->next_volume = 3; /* a meta volume 3 is listed */
        break;
    case 8:
        h->tree.offset = 1; /* one byte beyond the inline stream */
        break;
    case 9:
        h->volumes = (struct pointer){4, 0, 0, 1, {{0}}}; /* a volume that does not exist */
        break;
    case 10:
        add_meta(f, 3);
        break;
    case 11:
        add_secret(f, 0); /* not below generation 0 */
        break;
    case 12:
        h->secrets = bytes_at(long_title, 35);
        break;
    case 13:
        h->bytes = COUNT_MAX + 1;
        break;
    case 14:
        h->generation = 9;
        add_secret(f, 5);
        add_secret(f, 5);
        break;
    case 15:
        h->metas.len--;
        break;
    default:
        fail_msg("no such row");
    }
}

static void test_broken(void **state)
{
    (void)state;
    for (int how = 0; how < 16; how++) {
        void *own;
        struct fixture *f;

        assert_int_equal(fixture_new(&own), 0);
        f = own;
        assert_int_equal(head_encode(&f->head, f->payload), OK);
        break_head(f, how);
        if (head_encode(&f->head, f->payload) == OK) {
            fail_msg("row %d was written", how);
        }
        assert_int_equal(fixture_free(&own), 0);
    }
}

static const struct {
    const char *text;
    bool valid;
} utf8_rows[] = {
    {"", true},
    {"plain", true},
    {"\xc3\xa9", true},
    {"\xe2\x82\xac\xf0\x9f\x98\x80", true},
    {"\xf4\x8f\xbf\xbf", true},
    {"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
    {"\xed\xa0\x80", false},     /* a surrogate */
    {"\xc0\xaf", false},         /* overlong */
    {"\xe0\x80\xaf", false},
    {"\xf0\x80\x80\xaf", false},
    {"\x80", false},
    {"\xe2\x82", false},
    {"\xe2\x82x", false},
    {"\xff", false},
};

static void test_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(utf8_rows) / sizeof(utf8_rows[0]); i++) {
        if (text_is_utf8(bytes_str(utf8_rows[i].text)) != utf8_rows[i].valid) {
            fail_msg("row %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_example, fixture_new, fixture_free),
        cmocka_unit_test_setup_teardown(test_full, fixture_new, fixture_free),
        cmocka_unit_test_setup_teardown(test_tail, fixture_new, fixture_free),
        cmocka_unit_test_setup_teardown(test_room, fixture_new, fixture_free),
        cmocka_unit_test_setup_teardown(test_flips, fixture_new, fixture_free),
        cmocka_unit_test_setup_teardown(test_cuts, fixture_new, fixture_free),
        cmocka_unit_test_setup_teardown(test_versions_and_flags, fixture_new, fixture_free),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
