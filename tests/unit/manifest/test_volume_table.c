/* Volume entries: the page's examples, exceptions, and entries that break a rule. */
#include "../../golden/format/format_example.h"

#include "codec/manifest/volume_table.h"

static struct volume_entry example_meta(struct buf *cids)
{
    struct volume_entry e = {.number = 3, .kind = VOLUME_META, .k = 1, .m = 1};

    format_count_up(0x40, e.vk, KEY_LEN);
    format_example("cid", cids);
    format_example("parity cid", cids);
    e.cids = buf_view(cids);
    return e;
}

/* Two buffers to keep what the entry borrows. */
static struct volume_entry example_data(struct buf *attempts, struct buf *changed)
{
    struct volume_entry e = {.number = 9, .kind = VOLUME_DATA, .k = 1024, .m = 103};
    struct buf at = {0};
    struct bytes in;

    format_count_up(0x40, e.vk, KEY_LEN);
    format_example("pointer", &at);
    in = buf_view(&at);
    assert_int_equal(pointer_take(&in, &e.list), OK);
    buf_clear(&at);
    assert_int_equal(volume_attempt_put(attempts, 3, 1), OK);
    assert_int_equal(volume_attempt_put(attempts, 1100, 0x80000001), OK);
    assert_int_equal(volume_changed_put(changed, 7, bytes_str("<x@y.example>")), OK);
    e.attempts = buf_view(attempts);
    e.changed = buf_view(changed);
    return e;
}

static void assert_same(const struct volume_entry *a, const struct volume_entry *b)
{
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->k, b->k);
    assert_int_equal(a->m, b->m);
    assert_memory_equal(a->vk, b->vk, KEY_LEN);
    assert_memory_equal(&a->list, &b->list, sizeof(a->list));
    assert_true(bytes_equal(a->cids, b->cids));
    assert_true(bytes_equal(a->attempts, b->attempts));
    assert_true(bytes_equal(a->changed, b->changed));
}

static void test_examples(void **state)
{
    struct buf keep[3] = {{0}, {0}, {0}};
    struct buf out = {0};
    struct volume_entry meta = example_meta(&keep[0]);
    struct volume_entry data = example_data(&keep[1], &keep[2]);
    struct volume_entry got;
    struct bytes in;

    (void)state;
    assert_int_equal(volume_entry_encode(&meta, &out), OK);
    format_assert("meta entry: K = M = 1, VK, the cids of section 3", buf_view(&out));
    assert_int_equal(volume_entry_decode(3, buf_view(&out), &got), OK);
    assert_same(&got, &meta);
    struct cid second = volume_cid_at(got.cids, 1);
    format_assert("parity cid", bytes_at(second.b, 32));
    out.len = 0;
    assert_int_equal(volume_entry_encode(&data, &out), OK);
    format_assert("data entry: K = 1024, M = 103, VK, the pointer, two attempts, one changed id",
        buf_view(&out));
    assert_int_equal(volume_entry_decode(9, buf_view(&out), &got), OK);
    assert_same(&got, &data);
    /* one after the other, as in a head */
    out.len = 0;
    assert_int_equal(volume_entry_put(&out, &meta), OK);
    assert_int_equal(volume_entry_put(&out, &data), OK);
    in = buf_view(&out);
    assert_int_equal(volume_entry_take(&in, &got), OK);
    assert_same(&got, &meta);
    assert_int_equal(volume_entry_take(&in, &got), OK);
    assert_same(&got, &data);
    assert_int_equal(in.len, 0);
    for (int i = 0; i < 3; i++) {
        buf_clear(&keep[i]);
    }
    buf_clear(&out);
}

static void test_exceptions(void **state)
{
    struct buf keep[2] = {{0}, {0}};
    struct volume_entry e = example_data(&keep[0], &keep[1]);
    struct bytes id = {0};

    (void)state;
    assert_int_equal(volume_attempt_of(&e, 3), 1);
    assert_int_equal(volume_attempt_of(&e, 1100), 0x80000001);
    assert_int_equal(volume_attempt_of(&e, 0), 0);
    assert_int_equal(volume_attempt_of(&e, 4), 0);
    assert_int_equal(volume_attempt_of(&e, 1101), 0);
    assert_true(volume_changed_of(&e, 7, &id));
    assert_true(bytes_equal(id, bytes_str("<x@y.example>")));
    assert_false(volume_changed_of(&e, 6, &id));
    assert_false(volume_changed_of(&e, 8, &id));
    buf_clear(&keep[0]);
    buf_clear(&keep[1]);
}

/* Each row changes a valid entry so that it breaks one rule. */
enum breakage {
    NUMBER_0,
    NUMBER_HIGH,
    K_0,
    K_HIGH,
    M_HIGH,
    NO_LIST,
    BOTH_LISTS,
    CIDS_SHORT,
    LIST_LONG,
    ATTEMPT_0,
    ATTEMPT_AGAIN,
    ATTEMPT_BEYOND,
    CHANGED_AGAIN,
    CHANGED_BEYOND,
    CHANGED_NO_BRACKET,
    CHANGED_WITH_SPACE,
    META_TOO_LARGE,
    NO_KIND,
    BREAKAGES
};

static void break_lists(struct volume_entry *e, struct buf *attempts, struct buf *changed, int how)
{
    static const uint8_t few[32 * 1126];
    enum err err = OK;

    switch (how) {
    case NO_LIST:
        memset(&e->list, 0, sizeof(e->list));
        break;
    case BOTH_LISTS:
        e->cids = bytes_at(few, sizeof(few));
        break;
    case CIDS_SHORT:
        memset(&e->list, 0, sizeof(e->list));
        e->cids = bytes_at(few, sizeof(few));
        break;
    case LIST_LONG:
        e->list.length = OBJECT_HEADER_LEN + 1127 * 32 + 1;
        break;
    case ATTEMPT_0:
        err = volume_attempt_put(attempts, 1101, 0);
        break;
    case ATTEMPT_AGAIN:
        err = volume_attempt_put(attempts, 1100, 5);
        break;
    case ATTEMPT_BEYOND:
        err = volume_attempt_put(attempts, 1127, 5);
        break;
    case CHANGED_AGAIN:
        err = volume_changed_put(changed, 7, bytes_str("<x@y.example>"));
        break;
    case CHANGED_BEYOND:
        err = volume_changed_put(changed, 1127, bytes_str("<x@y.example>"));
        break;
    case CHANGED_NO_BRACKET:
        err = volume_changed_put(changed, 8, bytes_str("x@y.example"));
        break;
    case CHANGED_WITH_SPACE:
        err = volume_changed_put(changed, 8, bytes_str("<x@y.ex\r\nQUIT>"));
        break;
    }
    assert_int_equal(err, OK);
    e->attempts = buf_view(attempts);
    e->changed = buf_view(changed);
}

static void break_numbers(struct volume_entry *e, int how)
{
    switch (how) {
    case NUMBER_0:
        e->number = 0;
        break;
    case NUMBER_HIGH:
        e->number = VOLUME_NUMBER_MAX + 1;
        break;
    case K_0:
        e->k = 0;
        break;
    case K_HIGH:
        e->k = VOLUME_DATA_MAX + 1;
        break;
    case M_HIGH:
        e->k = 7;
        e->m = 9;
        break;
    case META_TOO_LARGE:
        e->kind = VOLUME_META;
        break;
    case NO_KIND:
        e->kind = (enum volume_kind)3;
        break;
    }
}

static void test_broken(void **state)
{
    (void)state;
    for (int how = 0; how < BREAKAGES; how++) {
        struct buf keep[2] = {{0}, {0}};
        struct buf out = {0};
        struct volume_entry e = example_data(&keep[0], &keep[1]);

        assert_int_equal(volume_entry_encode(&e, &out), OK);
        out.len = 0;
        break_lists(&e, &keep[0], &keep[1], how);
        break_numbers(&e, how);
        if (volume_entry_encode(&e, &out) == OK || out.len != 0) {
            fail_msg("row %d was written", how);
        }
        buf_clear(&keep[0]);
        buf_clear(&keep[1]);
        buf_clear(&out);
    }
}

/* What the writer refuses, the reader refuses: raw changes of the data example. */
static void test_hostile(void **state)
{
    static const struct {
        size_t at;
        uint8_t byte;
        enum err err;
    } rows[] = {
        {0, 0, ERR_TOO_NEW},                    /* kind */
        {0, 3, ERR_TOO_NEW}, {0, 2, ERR_LIMIT}, /* a meta volume with K = 1024 */
        {2, 0x7f, ERR_LIMIT},                   /* K = 16256 */
        {36, 2, ERR_TOO_NEW},                   /* form */
    };
    struct buf raw = {0};
    struct volume_entry e;

    (void)state;
    format_example(
        "data entry: K = 1024, M = 103, VK, the pointer, two attempts, one changed id", &raw);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t right = raw.ptr[rows[i].at];

        raw.ptr[rows[i].at] = rows[i].byte;
        assert_int_equal(volume_entry_decode(9, buf_view(&raw), &e), rows[i].err);
        raw.ptr[rows[i].at] = right;
    }
    assert_int_equal(volume_entry_decode(0, buf_view(&raw), &e), ERR_LIMIT);
    for (size_t len = 0; len < raw.len; len++) {
        assert_int_not_equal(volume_entry_decode(9, bytes_at(raw.ptr, len), &e), OK);
    }
    for (size_t bit = 0; bit < raw.len * 8; bit++) {
        struct buf again = {0};

        raw.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (volume_entry_decode(9, buf_view(&raw), &e) == OK) {
            assert_int_equal(volume_entry_encode(&e, &again), OK);
            assert_true(bytes_equal(buf_view(&again), buf_view(&raw)));
        }
        raw.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        buf_clear(&again);
    }
    assert_int_equal(buf_append_byte(&raw, 0), OK);
    assert_int_equal(volume_entry_decode(9, buf_view(&raw), &e), ERR_BAD_FORMAT);
    buf_clear(&raw);
}

static void test_keys(void **state)
{
    uint8_t key[VOLUME_KEY_LEN];
    uint32_t number;

    (void)state;
    volume_key(0x00abcdef, key);
    assert_memory_equal(key, "\0\xab\xcd\xef", 4);
    assert_int_equal(volume_key_decode(bytes_at(key, 4), &number), OK);
    assert_int_equal(number, 0x00abcdef);
    assert_int_equal(volume_key_decode(bytes_at(key, 3), &number), ERR_LIMIT);
    assert_int_equal(volume_key_decode(bytes_at("\0\0\0\0", 4), &number), ERR_LIMIT);
    assert_int_equal(volume_key_decode(bytes_at("\1\0\0\0", 4), &number), ERR_LIMIT);
    assert_int_equal(volume_key_decode(bytes_at("\0\0\0\1\0", 5), &number), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_exceptions),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
