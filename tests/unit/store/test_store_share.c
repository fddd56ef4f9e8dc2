/* Shares, their paths, versions, and forgetting them. */
#include "io/store/store_share.h"

#include <string.h>

#include "io/store/store_volume.h"
#include "store_fixture.h"

struct path_row {
    const char *what;
    struct {
        const char *path, *name;
    } paths[3];
    size_t count;
    enum err err;
};

static void shares_are_found_by_their_paths(void **state)
{
    static const struct path_row rows[] = {
        {"as given", {{"/a", "a"}, {"/b", "b"}}, 2, OK},
        {"in another order", {{"/b", "b"}, {"/a", "a"}}, 2, OK},
        {"one is missing", {{"/a", "a"}}, 1, ERR_NO_ROW},
        {"one more", {{"/a", "a"}, {"/b", "b"}, {"/c", "c"}}, 3, ERR_NO_ROW},
        {"another name", {{"/a", "x"}, {"/b", "b"}}, 2, ERR_NO_ROW},
        {"none", {{NULL, NULL}}, 0, ERR_NO_ROW},
    };
    struct fixture *f = *state;
    struct store_share share = {.title = "two"};
    struct store_path two[] = {
        {bytes_str("/a"), bytes_str("a")}, {bytes_str("/b"), bytes_str("b")}};
    int64_t made, id;

    assert_int_equal(store_share_add(f->store, &share, two, 2, &made), OK);
    assert_int_not_equal(made, f->share);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_path paths[3];
        enum err err;

        for (size_t k = 0; k < rows[i].count; k++) {
            paths[k].path = bytes_str(rows[i].paths[k].path);
            paths[k].name = bytes_str(rows[i].paths[k].name);
        }
        err = store_share_find(f->store, paths, rows[i].count, &id);
        if (err != rows[i].err || (err == OK && id != made)) {
            fail_msg("%s: %s", rows[i].what, err_name(err));
        }
    }
}

static enum err on_path(void *arg, const struct store_path *path)
{
    enum err err = buf_append(arg, path->path);

    return err == OK ? buf_append_byte(arg, '|') : err;
}

static enum err on_share(void *arg, const struct store_share *share)
{
    return buf_printf(arg, "%d %s;", (int)share->id, share->title);
}

static enum err refuse(void *arg, const struct store_share *share)
{
    (void)arg;
    (void)share;
    return ERR_NO_ROW; /* any error of the callback must come out, this one too */
}

static void what_was_put_comes_back(void **state)
{
    struct fixture *f = *state;
    struct store_share share;
    struct buf text = {0};

    assert_int_equal(store_share_set_title(f->store, f->share, "new title"), OK);
    assert_int_equal(store_share_set_title(f->store, 99, "x"), ERR_NO_ROW);
    fixture_reopen(f);
    assert_int_equal(store_share_get(f->store, f->share, &share), OK);
    assert_string_equal(share.title, "new title");
    assert_int_equal(share.created, 7);
    assert_int_equal(share.write_seed[31], 0x11);
    assert_int_equal(share.link_secret[23], 0x22);
    assert_int_equal(share.version, 0);
    assert_int_equal(store_share_get(f->store, 99, &share), ERR_NO_ROW);
    assert_int_equal(store_share_paths(f->store, f->share, on_path, &text), OK);
    assert_int_equal(store_share_each(f->store, on_share, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, "/some/folder|1 new title;");
    assert_int_equal(store_share_each(f->store, refuse, NULL), ERR_NO_ROW);
    assert_int_equal(store_share_each(f->store, on_share, &text), OK); /* still usable */
    buf_clear(&text);
}

static struct store_version version(uint64_t n, uint8_t mark, const char *payload)
{
    struct store_version v = {.n = n, .created = 5, .payload = bytes_str(payload), .entries = n};

    memset(v.head_hash, mark, sizeof(v.head_hash));
    return v;
}

static enum err on_version(void *arg, const struct store_version *v)
{
    return buf_printf(arg, "%d %s %.*s;", (int)v->n, v->published ? "published" : "kept",
        (int)v->payload.len, (const char *)v->payload.ptr);
}

static void expect_version(struct fixture *f, uint64_t n, const char *want)
{
    struct buf text = {0};

    assert_int_equal(store_version_get(f->store, f->share, n, on_version, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, want);
    buf_clear(&text);
}

static void a_version_is_kept_once_and_published(void **state)
{
    struct fixture *f = *state;
    struct store_version one = version(1, 1, "head one");
    struct store_version other = version(1, 1, "another");
    struct store_version hash = version(1, 2, "head one");
    struct store_version two = version(2, 3, "head two");
    struct store_share share;
    struct buf text = {0};

    assert_int_equal(store_version_add(f->store, f->share, &one), OK);
    assert_int_equal(store_version_add(f->store, f->share, &one), OK);
    assert_int_equal(store_version_add(f->store, f->share, &other), ERR_EXISTS);
    assert_int_equal(store_version_add(f->store, f->share, &hash), ERR_EXISTS);
    expect_version(f, 1, "1 kept head one;");
    assert_int_equal(store_version_published(f->store, f->share, 1), OK);
    assert_int_equal(store_version_add(f->store, f->share, &two), OK);
    expect_version(f, 1, "1 published head one;"); /* until 2 is read back */
    assert_int_equal(store_version_published(f->store, f->share, 2), OK);
    expect_version(f, 1, "1 published ;");
    expect_version(f, 2, "2 published head two;");
    assert_int_equal(store_version_published(f->store, f->share, 3), ERR_NO_ROW);
    assert_int_equal(store_version_get(f->store, f->share, 3, on_version, &text), ERR_NO_ROW);
    assert_int_equal(store_share_get(f->store, f->share, &share), OK);
    assert_int_equal(share.version, 2);
    assert_int_equal(share.entries, 2);
    assert_int_equal(share.head_hash[0], 3);
    assert_true(share.published > 0);
    assert_int_equal(store_version_published(f->store, f->share, 1), OK); /* never back */
    assert_int_equal(store_share_get(f->store, f->share, &share), OK);
    assert_int_equal(share.version, 2);
    assert_int_equal(store_version_each(f->store, f->share, on_version, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, "1 published ;2 published ;");
    buf_clear(&text);
}

static enum err count_entry(void *arg, const struct store_entry *entry)
{
    (void)entry;
    ++*(int *)arg;
    return OK;
}

static enum err count_volume(void *arg, const struct store_volume *volume)
{
    (void)volume;
    ++*(int *)arg;
    return OK;
}

static void forgetting_takes_all_of_one_share(void **state)
{
    static const uint8_t key[KEY_LEN];
    struct fixture *f = *state;
    struct store_share share = {.title = "stays"};
    struct store_path path = {bytes_str("/x"), {0}};
    struct store_entry e = {.name = bytes_str("f"), .type = STORE_FILE, .size = 1};
    struct store_listing l = {.folder = 1, .entries = &e, .count = 1, .first = true, .last = true};
    struct store_scan_counts c = {0};
    int64_t ids[2] = {f->share, 0};
    int there = 0;
    uint32_t number;

    assert_int_equal(store_share_add(f->store, &share, &path, 1, &ids[1]), OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_scan_begin(f->store, ids[i], &l.ticket), OK);
        assert_int_equal(store_scan_put(f->store, ids[i], &l, 1, &c), OK);
        assert_int_equal(
            store_volume_add(f->store, ids[i], STORE_VOLUME_DATA, 1, key, &number), OK);
    }
    assert_int_equal(store_share_forget(f->store, ids[0]), OK);
    assert_int_equal(store_share_forget(f->store, ids[0]), ERR_NO_ROW);
    assert_int_equal(store_share_get(f->store, ids[0], &share), ERR_NO_ROW);
    assert_int_equal(
        store_entry_after(f->store, ids[0], 0, (struct bytes){0}, 9, count_entry, &there), OK);
    assert_int_equal(store_volume_after(f->store, ids[0], 0, 9, count_volume, &there), OK);
    assert_int_equal(there, 0);
    assert_int_equal(
        store_entry_after(f->store, ids[1], 0, (struct bytes){0}, 9, count_entry, &there), OK);
    assert_int_equal(store_volume_after(f->store, ids[1], 0, 9, count_volume, &there), OK);
    assert_int_equal(there, 2);
}

static void settings_are_kept(void **state)
{
    struct fixture *f = *state;
    struct store_settings s = {0};

    assert_int_equal(store_share_settings(f->store, f->share, &s), OK);
    assert_false(s.one_file_system);
    assert_int_equal(s.redundancy, STORE_REDUNDANCY_DEFAULT);
    assert_int_equal(s.ignore_rules.len, 0);
    s.redundancy = 15;
    s.one_file_system = true;
    assert_int_equal(buf_append(&s.ignore_rules, bytes_at("a\n\xff\0b", 5)), OK);
    assert_int_equal(store_share_set_settings(f->store, f->share, &s), OK);
    fixture_reopen(f);
    s.one_file_system = false;
    s.redundancy = 0;
    assert_int_equal(buf_append_str(&s.ignore_rules, "what was here before"), OK);
    assert_int_equal(store_share_settings(f->store, f->share, &s), OK);
    assert_true(s.one_file_system);
    assert_int_equal(s.redundancy, 15);
    assert_int_equal(s.ignore_rules.len, 5);
    assert_memory_equal(s.ignore_rules.ptr, "a\n\xff\0b", 5);
    assert_int_equal(store_share_settings(f->store, 77, &s), ERR_NO_ROW);
    assert_int_equal(store_share_set_settings(f->store, 77, &s), ERR_NO_ROW);
    buf_clear(&s.ignore_rules);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(shares_are_found_by_their_paths),
        TEST(what_was_put_comes_back),
        TEST(a_version_is_kept_once_and_published),
        TEST(forgetting_takes_all_of_one_share),
        TEST(settings_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
