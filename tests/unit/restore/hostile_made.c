/* Kinds that take more than a few bytes: folders, links between entries, lists without end. */
#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#define must(call) assert_int_equal((call), OK)

static void folder(struct maker *m, uint64_t in, const char *name, uint64_t id)
{
    struct record record = {.type = RECORD_DIRECTORY, .mode = 0700, .folder = id};

    maker_record(m, in, name, &record);
    m->head.directories++;
}

static void two_folders_of_one_id(struct maker *m)
{
    folder(m, MAKER_TOP, "a", 50);
    folder(m, MAKER_TOP, "b", 50);
    maker_inline_file(m, 50, "f", bytes_str("f"));
}

/* The same, and the totals say so: what is in it is there twice. */
static void two_folders_of_one_id_counted(struct maker *m)
{
    two_folders_of_one_id(m);
    m->head.files++;
    m->head.bytes++;
}

static void a_circle_of_two(struct maker *m)
{
    folder(m, MAKER_TOP, "a", 50);
    folder(m, 50, "b", 51);
    folder(m, 51, "a", 50);
}

static void a_circle_through_the_top(struct maker *m)
{
    folder(m, MAKER_TOP, "a", 50);
    folder(m, 50, "top", MAKER_TOP);
    m->head.directories = 1000000;
}

static void an_entry_of_no_folder(struct maker *m)
{
    maker_symlink(m, 60, "x", "../canary");
}

static void folders_that_multiply(struct maker *m)
{
    for (uint64_t i = 0; i < 60; i++) {
        folder(m, i == 0 ? MAKER_TOP : 100 + i, "a", 101 + i);
        folder(m, i == 0 ? MAKER_TOP : 100 + i, "b", 101 + i);
    }
}

static void as_deep_as_may_be(struct maker *m)
{
    uint64_t in = MAKER_TOP;

    for (uint64_t i = 0; i < 255; i++) {
        folder(m, in, "d", 200 + i);
        in = 200 + i;
    }
    maker_symlink(m, in, "x", "../../canary");
}

static void one_deeper(struct maker *m)
{
    as_deep_as_may_be(m);
    folder(m, 454, "d", 455);
    folder(m, 455, "d", 456);
}

static void names_that_differ_by_case(struct maker *m)
{
    maker_inline_file(m, MAKER_TOP, "name", bytes_str("1"));
    maker_inline_file(m, MAKER_TOP, "NAME", bytes_str("2"));
    maker_symlink(m, MAKER_TOP, "Name", "../canary");
    folder(m, MAKER_TOP, "nAME", 70);
    maker_inline_file(m, 70, "file", bytes_str("3"));
}

static void link_to_a_folder(struct maker *m)
{
    folder(m, MAKER_TOP, "folder", 80);
    maker_hard_link(m, MAKER_TOP, "link", MAKER_TOP, "folder");
}

static void link_to_a_symlink(struct maker *m)
{
    maker_symlink(m, MAKER_TOP, "a", "../canary/file");
    maker_hard_link(m, MAKER_TOP, "b", MAKER_TOP, "a");
}

static void link_to_a_link(struct maker *m)
{
    maker_hard_link(m, MAKER_TOP, "a", MAKER_TOP, "true");
    maker_hard_link(m, MAKER_TOP, "b", MAKER_TOP, "a");
}

static void links_in_a_circle(struct maker *m)
{
    maker_hard_link(m, MAKER_TOP, "a", MAKER_TOP, "b");
    maker_hard_link(m, MAKER_TOP, "b", MAKER_TOP, "a");
}

static void many_links(struct maker *m)
{
    char name[16];

    for (int i = 0; i < 500; i++) {
        (void)snprintf(name, sizeof(name), "link%d", i);
        maker_hard_link(m, MAKER_TOP, name, MAKER_TOP, "true");
    }
}

/* A symlink out of the target, and what might be taken for a way through it. */
static void symlinks_and_what_might_follow(struct maker *m)
{
    maker_symlink(m, MAKER_TOP, "canary", "../canary");
    maker_symlink(m, MAKER_TOP, "canary2", "canary");
    folder(m, MAKER_TOP, "canary.d", 90);
    maker_symlink(m, 90, "up", "../../canary");
    maker_inline_file(m, 90, "file", bytes_str("x"));
}

/* A list that names the same list of holes over and over: `levels` high, as wide as pages are. */
static void list_tower(struct maker *m, unsigned levels, uint64_t *size, struct buf *run)
{
    struct buf page = {0};
    struct pointer at;

    *size = 0;
    for (int i = 0; i < 30000; i++) {
        must(buf_append(&page, bytes_at("\x04\x01", 2)));
        *size += PAYLOAD_LEN;
    }
    maker_object(m, buf_view(&page), &at);
    for (unsigned level = 1; level < levels; level++) {
        page.len = 0;
        for (int i = 0; i < 1500; i++) {
            must(pointer_put(&page, &at));
        }
        *size *= 1500;
        maker_object(m, buf_view(&page), &at);
    }
    must(pointer_put(run, &at));
    buf_clear(&page);
}

static void add_tower(struct maker *m, unsigned levels)
{
    struct record record = {.type = RECORD_FILE, .mode = 0600, .depth = (uint8_t)levels};
    struct buf run = {0};

    list_tower(m, levels, &record.size, &run);
    record.extents = buf_view(&run);
    maker_record(m, MAKER_TOP, "tower", &record);
    m->head.files++;
    m->head.bytes += record.size;
    buf_clear(&run);
}

static void a_tower_of_lists(struct maker *m)
{
    add_tower(m, 1);
}

static void an_endless_tower(struct maker *m)
{
    add_tower(m, 3);
}

/* Frames that make more than they say, hidden among good ones. */
static void bomb_of(struct maker *m, size_t plain, size_t says)
{
    static uint8_t zeros[8 << 20];
    uint8_t frame[4096];
    size_t len = ZSTD_compress(frame, sizeof(frame), zeros, plain, 19);
    struct extent e = {.kind = EXTENT_PACKED, .coding = CODING_ZSTD, .plain_len = says};
    struct extent_writer run = {0};
    struct record record = {.type = RECORD_FILE, .mode = 0600, .size = says};

    assert_false(ZSTD_isError(len));
    e.offset = (uint32_t)m->inlined.len;
    e.stored_len = (uint32_t)len;
    must(buf_append(&m->inlined, bytes_at(frame, len)));
    must(extent_writer_put(&run, &e));
    record.extents = buf_view(&run.out);
    maker_record(m, MAKER_TOP, "bomb", &record);
    m->head.files++;
    m->head.bytes += says;
    buf_clear(&run.out);
}

static void a_bomb(struct maker *m)
{
    bomb_of(m, 8 << 20, PAYLOAD_LEN);
}

static void a_dud(struct maker *m)
{
    bomb_of(m, 100000, PAYLOAD_LEN);
}

/* A page whose frame makes more than a page may hold. */
static void a_page_that_grows(struct maker *m)
{
    static uint8_t zeros[8 << 20];
    uint8_t stored[4096] = {1, 0, 0, 1, 0};
    size_t len = ZSTD_compress(stored + 5, sizeof(stored) - 5, zeros, sizeof(zeros), 19);

    assert_false(ZSTD_isError(len));
    maker_stored(m, bytes_at(stored, len + 5), &m->head.tree);
    m->keep_tree = 1;
}

static void a_tree_in(struct maker *m, struct pointer at)
{
    m->head.tree = at;
    m->keep_tree = 1;
}

static void tree_in_a_data_volume(struct maker *m)
{
    a_tree_in(m, (struct pointer){.volume = 1, .length = 25});
}

static void tree_in_its_own_table(struct maker *m)
{
    a_tree_in(m, (struct pointer){.volume = 2, .length = 25});
    m->head.older = m->head.tree;
}

static void tree_of_16_mb(struct maker *m)
{
    m->tables = MAKER_META;
    a_tree_in(m, (struct pointer){.volume = 2, .length = OBJECT_STORED_MAX});
}

static void table_is_the_tree(struct maker *m)
{
    maker_object(m, bytes_at("\x01\x00\x01\x00\x04\x00\x00\x00\x01\x01x", 11), &m->head.tree);
    m->head.older = m->head.tree;
    m->keep_tree = 1;
}

/* Everything else is right; one file's name needs a folder that a symlink has. */
static void a_symlink_of_a_folders_name(struct maker *m)
{
    folder(m, MAKER_TOP, "d", 95);
    maker_inline_file(m, 95, "new", bytes_str("x"));
    maker_symlink(m, MAKER_TOP, "d ", "../canary");
    maker_symlink(m, 95, "d", "../../canary");
}

#define MADE(text, fn, want)                                                                       \
    {                                                                                              \
        text, HOSTILE_MADE, NULL, want, 0, 0, fn                                                   \
    }

static const struct hostile_kind rows[] = {
    MADE("two folders of one id", two_folders_of_one_id, REFUSED),
    MADE("two folders of one id, counted", two_folders_of_one_id_counted, HARMLESS | REFUSED),
    MADE("folders in a circle", a_circle_of_two, REFUSED),
    MADE("folders in a circle through the top", a_circle_through_the_top, REFUSED),
    MADE("an entry of no folder", an_entry_of_no_folder, REFUSED),
    MADE("2^60 folders", folders_that_multiply, REFUSED),
    MADE("256 levels", as_deep_as_may_be, HARMLESS),
    MADE("258 levels", one_deeper, REFUSED),
    MADE("names that differ by case", names_that_differ_by_case, HARMLESS),
    MADE("a hard link to a folder", link_to_a_folder, REFUSED),
    MADE("a hard link to a symlink", link_to_a_symlink, REFUSED),
    MADE("a hard link to a hard link", link_to_a_link, REFUSED),
    MADE("hard links in a circle", links_in_a_circle, REFUSED),
    MADE("500 hard links", many_links, HARMLESS),
    MADE("symlinks to the canary", symlinks_and_what_might_follow, HARMLESS),
    MADE("a symlink of a folder's name", a_symlink_of_a_folders_name, HARMLESS),
    MADE("30,000 holes", a_tower_of_lists, HARMLESS),
    MADE("7 * 10^10 holes", an_endless_tower, ENDLESS),
    MADE("an item of 8 MB", a_bomb, MISSING),
    MADE("an item that makes less", a_dud, MISSING),
    MADE("a page of 8 MB", a_page_that_grows, REFUSED),
    MADE("the tree in a data volume", tree_in_a_data_volume, REFUSED),
    MADE("the tree in its own table", tree_in_its_own_table, REFUSED),
    MADE("the tree beyond its volume", tree_of_16_mb, REFUSED | MISSING),
    MADE("the tree as its own table", table_is_the_tree, REFUSED),
};

const struct hostile_kind *hostile_made(size_t *count)
{
    *count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}
