/* Looking into a share: one folder, everything, one entry; and how few articles it takes. */
#include "flow/restore/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restore_rig.h"

static int setup(void **state)
{
    struct rig *rig = malloc(sizeof(*rig));
    uint64_t a, b;
    struct maker *m;

    assert_non_null(rig);
    rig_init(rig);
    m = rig->maker;
    m->tables = MAKER_META;
    a = maker_folder(m, MAKER_TOP, "a", 0711);
    b = maker_folder(m, a, "b", 0500);
    maker_file(m, MAKER_TOP, "a.txt", bytes_str("txt"), MAKER_PLAIN);
    maker_file(m, MAKER_TOP, "B", bytes_str("B"), MAKER_PLAIN);
    maker_file(m, b, "\xff\xfe", bytes_str("not text"), MAKER_PLAIN);
    maker_symlink(m, a, "link", "b");
    maker_hard_link(m, a, "again", b, "\xff\xfe");
    maker_publish(m);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    rig_clear(*state);
    free(*state);
    return 0;
}

struct list_row {
    const char *path;
    int depth;
    enum err want;
    const char *text;
};

static const struct list_row rows[] = {
    {"", LISTING_ONE_FOLDER, OK, "f 640 1 B\nd 711 0 a\nf 640 3 a.txt\n"},
    {"/", LISTING_ONE_FOLDER, OK, "f 640 1 B\nd 711 0 a\nf 640 3 a.txt\n"},
    {"a", LISTING_ONE_FOLDER, OK, "f 640 8 a/again\nd 500 0 a/b\nl 777 0 a/link -> b\n"},
    {"./a/b/", LISTING_RECURSIVE, OK, "f 640 8 a/b/\xff\xfe\n"},
    {"", LISTING_RECURSIVE, OK,
        "f 640 1 B\nd 711 0 a\nf 640 8 a/again\nd 500 0 a/b\nf 640 8 a/b/\xff\xfe\n"
        "l 777 0 a/link -> b\nf 640 3 a.txt\n"},
    {"a.txt", LISTING_ONE_FOLDER, OK, "f 640 3 a.txt\n"},
    {"a/link", LISTING_RECURSIVE, OK, "l 777 0 a/link -> b\n"},
    {"a/again", LISTING_ONE_FOLDER, OK, "f 640 8 a/again\n"},
    {"c", LISTING_ONE_FOLDER, ERR_PATH_NOT_IN_SHARE, ""},
    {"a/link/b", LISTING_ONE_FOLDER, ERR_PATH_NOT_IN_SHARE, ""},
    {"a.txt/x", LISTING_ONE_FOLDER, ERR_PATH_NOT_IN_SHARE, ""},
};

static void lists(void **state)
{
    struct rig *rig = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rig_list(rig, rows[i].path, rows[i].depth) != rows[i].want) {
            fail_msg("%s: %s", rows[i].path, err_name(rig->err));
        }
        assert_string_equal((const char *)rig->listed.ptr, rows[i].text);
        assert_string_equal(rig->title, "a share");
        assert_int_equal(rig->share.files, 4);
        assert_int_equal(rig->share.directories, 2);
        assert_int_equal(rig->share.created, 1700000000);
    }
}

/* A listing fetches no data. */
static void no_data_is_fetched(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(rig_list(rig, "", LISTING_RECURSIVE), OK);
    assert_int_equal(server_asked(&rig->server, rig->maker->data.ids[0]), 0);
    assert_int_equal(server_asked(&rig->server, rig->maker->meta.ids[0]), 1);
}

static enum err refuse(void *arg, const struct listing_entry *entry)
{
    (void)entry;
    (*(int *)arg)++;
    return ERR_NO_MEMORY;
}

struct refused {
    int entries;
    struct loop *loop;
    enum err err;
};

static void on_refused(void *arg, enum err err, const struct listing_share *share)
{
    struct refused *r = arg;

    assert_non_null(share);
    r->err = err;
    loop_stop(r->loop);
}

/* What the listener says ends the listing. */
static void the_listener_may_stop_it(void **state)
{
    struct rig *rig = *state;
    struct refused r = {.loop = rig->loop};
    struct listing_options options = {
        .env = {.loop = rig->loop, .workers = rig->workers, .news = rig->news},
        .key = rig->maker->link,
        .page.path = bytes_str("")};
    struct listing *listing;

    assert_int_equal(listing_start(&options, refuse, on_refused, &r, &listing), OK);
    loop_run(rig->loop);
    assert_int_equal(r.err, ERR_NO_MEMORY);
    assert_int_equal(r.entries, 1);
}

/* Cancelled at any moment: nothing comes any more, nothing leaks. */
static void cancelled_any_time(void **state)
{
    struct rig *rig = *state;
    struct refused r = {.loop = rig->loop};
    struct listing_options options = {
        .env = {.loop = rig->loop, .workers = rig->workers, .news = rig->news},
        .key = rig->maker->link,
        .page.path = bytes_str("")};

    for (uint64_t ms = 0; ms < 12; ms++) {
        struct listing *listing;

        if (r.err != OK) {
            break; /* it was faster */
        }
        assert_int_equal(listing_start(&options, refuse, on_refused, &r, &listing), OK);
        rig_pass(rig, ms);
        if (r.err == OK) {
            listing_cancel(listing);
        }
    }
    rig_pass(rig, 20);
}

/* Pages of a share that stays open. */
struct pages {
    struct rig *rig;
    struct buf names;
    char last[64];
    enum err err;
    bool more;
    int calls;
};

static enum err on_page_entry(void *arg, const struct listing_entry *entry)
{
    struct pages *p = arg;
    struct bytes name = entry->path;

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[name.len - 1 - i] == '/') {
            bytes_skip(&name, name.len - i);
            break;
        }
    }
    (void)snprintf(p->last, sizeof(p->last), "%.*s", (int)name.len, (const char *)name.ptr);
    return buf_printf(&p->names, "%s ", p->last);
}

static void on_page(void *arg, enum err err, const struct listing_share *share)
{
    struct pages *p = arg;

    assert_true(err != OK || share != NULL);
    p->err = err;
    p->calls++;
    loop_stop(p->rig->loop);
}

static void expect_page(struct pages *p, const char *names, bool more)
{
    loop_run(p->rig->loop);
    assert_int_equal(p->err, OK);
    assert_int_equal(buf_append_byte(&p->names, 0), OK);
    assert_string_equal((const char *)p->names.ptr, names);
    assert_int_equal(p->more, more);
    p->names.len = 0;
}

static size_t asked_for(struct rig *rig)
{
    size_t asked;

    pthread_mutex_lock(&rig->server.lock);
    asked = rig->server.asked;
    pthread_mutex_unlock(&rig->server.lock);
    return asked;
}

static void a_share_stays_open_for_pages(void **state)
{
    struct rig *rig = *state;
    struct pages p = {.rig = rig};
    struct listing_options options = {
        .env = {.loop = rig->loop, .workers = rig->workers, .news = rig->news},
        .key = rig->maker->link,
        .page = {.limit = 2, .more = &p.more},
        .life = LISTING_KEEP};
    struct listing_page page = {.limit = 2, .more = &p.more};
    struct listing *listing;
    size_t asked;

    assert_int_equal(listing_start(&options, on_page_entry, on_page, &p, &listing), OK);
    expect_page(&p, "B a ", true);
    page.after = bytes_str(p.last);
    assert_int_equal(listing_again(listing, &page, &p), OK);
    expect_page(&p, "a.txt ", false);
    asked = asked_for(rig);
    page.after = bytes_str("");
    assert_int_equal(listing_again(listing, &page, &p), OK);
    expect_page(&p, "B a ", true);
    assert_int_equal(asked_for(rig), asked); /* all of it is here */
    page.path = bytes_str("a/");
    page.after = bytes_str("again");
    assert_int_equal(listing_again(listing, &page, &p), OK);
    expect_page(&p, "b link ", false);
    page.after = bytes_str("zz");
    assert_int_equal(listing_again(listing, &page, &p), OK);
    expect_page(&p, "", false);
    rig_pass(rig, 20); /* nothing comes while it rests */
    assert_int_equal(p.calls, 5);
    page.path = bytes_str("none"); /* an error: it is gone */
    assert_int_equal(listing_again(listing, &page, &p), OK);
    loop_run(rig->loop);
    assert_int_equal(p.err, ERR_PATH_NOT_IN_SHARE);
    assert_int_equal(listing_start(&options, on_page_entry, on_page, &p, &listing), OK);
    loop_run(rig->loop);
    listing_cancel(listing); /* one that rests */
    rig_pass(rig, 20);
    buf_clear(&p.names);
}

static void bad_paths_are_refused_at_once(void **state)
{
    static const char *const paths[] = {"..", "a/../a", "../x"};
    struct rig *rig = *state;
    struct refused r = {.loop = rig->loop};
    struct listing_options options = {
        .env = {.loop = rig->loop, .workers = rig->workers, .news = rig->news}};
    struct listing *listing;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        options.page.path = bytes_str(paths[i]);
        assert_int_equal(
            listing_start(&options, refuse, on_refused, &r, &listing), ERR_PATH_NOT_IN_SHARE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists, setup, teardown),
        cmocka_unit_test_setup_teardown(no_data_is_fetched, setup, teardown),
        cmocka_unit_test_setup_teardown(the_listener_may_stop_it, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelled_any_time, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_paths_are_refused_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_share_stays_open_for_pages, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
