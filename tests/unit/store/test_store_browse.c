/* A folder of a share at a time. */
#include "io/store/store_browse.h"

#include <stdio.h>
#include <string.h>

#include "store_fixture.h"

static struct store_entry entry(const char *name, enum store_type type)
{
    return (struct store_entry){.name = bytes_str(name),
        .type = type,
        .mode = 0640,
        .size = type == STORE_FILE ? 3 : 0,
        .mtime_ns = 7,
        .inode = 1,
        .device = 1};
}

static void put(struct fixture *f, uint64_t ticket, uint64_t id, const struct store_entry *entries,
    size_t count)
{
    struct store_listing listing = {.ticket = ticket,
        .folder = id,
        .entries = entries,
        .count = count,
        .order = STORE_SORTED,
        .first = true,
        .last = true};
    struct store_scan_counts counts = {0};

    assert_int_equal(store_scan_put(f->store, f->share, &listing, 1, &counts), OK);
}

/* top: "d" (with a file "\xff\x01", a folder "e" with "deep"), "f", "l" -> "f" */
static int set_up(void **state)
{
    struct store_entry top[] = {
        entry("d", STORE_DIRECTORY), entry("f", STORE_FILE), entry("l", STORE_SYMLINK)};
    struct store_entry d[] = {entry("e", STORE_DIRECTORY), entry("\xff\x01", STORE_FILE)};
    struct store_entry e[] = {entry("deep", STORE_FILE)};
    struct fixture *f;
    uint64_t ticket = 0;

    (void)fixture_setup(state);
    f = *state;
    top[2].target = bytes_str("f");
    assert_int_equal(store_scan_begin(f->store, f->share, &ticket), OK);
    put(f, ticket, STORE_ROOT_FOLDER, top, 3);
    put(f, ticket, 2, d, 2);
    put(f, ticket, 3, e, 1);
    while (store_scan_end(f->store, f->share) == ERR_CHANGED) {
    }
    return 0;
}

static const struct {
    const char *path;
    enum err err;
    uint64_t folder;
} paths[] = {
    {"", OK, 1},
    {"/", OK, 1},
    {"d", OK, 2},
    {"d/", OK, 2},
    {"/d//e/", OK, 3},
    {"d/e", OK, 3},
    {"f", ERR_NOT_DIRECTORY, 0},
    {"l", ERR_NOT_DIRECTORY, 0},
    {"d/\xff\x01", ERR_NOT_DIRECTORY, 0},
    {"x", ERR_NO_ROW, 0},
    {"d/x/e", ERR_NO_ROW, 0},
    {"d/..", ERR_NO_ROW, 0},
    {".", ERR_NO_ROW, 0},
};

static void paths_lead_to_folders(void **state)
{
    struct fixture *f = *state;
    uint64_t folder = 0;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        print_message("\"%s\"\n", paths[i].path);
        assert_int_equal(
            store_browse_find(f->store, f->share, bytes_str(paths[i].path), &folder), paths[i].err);
        if (paths[i].err == OK) {
            assert_int_equal(folder, paths[i].folder);
        }
    }
    assert_int_equal(store_browse_find(f->store, 99, bytes_str("d"), &folder), ERR_NO_ROW);
}

static enum err on_entry(void *arg, const struct store_entry *e)
{
    return buf_printf(arg, "%.*s t%d m%o s%d %s c%d %.*s;", (int)e->name.len,
        (const char *)e->name.ptr, (int)e->type, e->mode, (int)e->size, e->sent ? "sent" : "unsent",
        (int)e->child, (int)e->target.len, (const char *)e->target.ptr);
}

static const struct {
    uint64_t folder;
    const char *after;
    size_t limit;
    const char *want;
} pages[] = {
    {1, "", 9, "d t1 m640 s0 sent c2 ;f t2 m640 s3 unsent c0 ;l t3 m640 s0 sent c0 f;"},
    {1, "", 1, "d t1 m640 s0 sent c2 ;"},
    {1, "d", 1, "f t2 m640 s3 unsent c0 ;"},
    {1, "e", 9, "f t2 m640 s3 unsent c0 ;l t3 m640 s0 sent c0 f;"},
    {1, "l", 9, ""},
    {2, "", 9, "e t1 m640 s0 sent c3 ;\xff\x01 t2 m640 s3 unsent c0 ;"},
    {2, "e", 9, "\xff\x01 t2 m640 s3 unsent c0 ;"},
    {9, "", 9, ""},
};

static void folders_come_in_pages(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        struct buf text = {0};

        assert_int_equal(store_browse_each(f->store, f->share, pages[i].folder,
                             bytes_str(pages[i].after), pages[i].limit, on_entry, &text),
            OK);
        assert_int_equal(buf_append_byte(&text, 0), OK);
        assert_string_equal((const char *)text.ptr, pages[i].want);
        buf_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_lead_to_folders, set_up, fixture_teardown),
        cmocka_unit_test_setup_teardown(folders_come_in_pages, set_up, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
