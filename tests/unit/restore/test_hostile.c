/* Shares whose author means harm, or erred: signed all right, and wrong inside. Each is refused,
 * and nothing appears outside the target. */
#include "flow/restore/restore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#include "base/endian.h"
#include "restore_rig.h"

/* --- what may be wrong --- */

static void symlink_value(struct buf *value)
{
    struct record record = {.type = RECORD_SYMLINK, .mode = 0777, .text = bytes_str("x")};

    assert_int_equal(record_encode(&record, value), OK);
}

/* An entry whose name no record_key_put() would take, in the top folder. */
static void bad_name(struct maker *m, const char *name)
{
    uint8_t key[64] = {0, 0, 0, 0, 0, 0, 0, MAKER_TOP};
    struct buf value = {0};

    memcpy(key + 8, name, strlen(name));
    symlink_value(&value);
    maker_entry(m, bytes_at(key, 8 + strlen(name)), buf_view(&value));
    m->head.symlinks++;
    buf_clear(&value);
}

static void name_dot_dot(struct maker *m)
{
    bad_name(m, "..");
}

static void name_dot(struct maker *m)
{
    bad_name(m, ".");
}

static void name_with_a_slash(struct maker *m)
{
    bad_name(m, "a/../../../outside");
}

static void name_empty(struct maker *m)
{
    bad_name(m, "");
}

/* A file of one extent, whatever it says. */
static void file_of(struct maker *m, const char *name, struct extent e)
{
    struct extent_writer run = {0};
    struct record record = {.type = RECORD_FILE, .mode = 0600, .size = e.plain_len};

    assert_int_equal(extent_writer_put(&run, &e), OK);
    record.extents = buf_view(&run.out);
    maker_record(m, MAKER_TOP, name, &record);
    m->head.files++;
    m->head.bytes += record.size;
    buf_clear(&run.out);
}

static void raw_beyond_the_volume(struct maker *m)
{
    maker_file(m, MAKER_TOP, "a", bytes_str("so that there is a volume"), MAKER_PLAIN);
    file_of(m, "b",
        (struct extent){
            .kind = EXTENT_RAW, .plain_len = PAYLOAD_LEN, .volume = 1, .index = 1, .blocks = 1});
}

static void run_leaves_the_volume(struct maker *m)
{
    maker_file(m, MAKER_TOP, "a", bytes_str("so that there is a volume"), MAKER_PLAIN);
    file_of(m, "b",
        (struct extent){.kind = EXTENT_RAW,
            .plain_len = 4000 * (uint64_t)PAYLOAD_LEN,
            .volume = 1,
            .blocks = 4000});
}

static void item_beyond_the_volume(struct maker *m)
{
    maker_file(m, MAKER_TOP, "a", bytes_str("so that there is a volume"), MAKER_PLAIN);
    file_of(m, "b",
        (struct extent){.kind = EXTENT_PACKED,
            .plain_len = 1000,
            .stored_len = 1000,
            .volume = 1,
            .offset = PAYLOAD_LEN - 10,
            .next_index = 7});
}

static void volume_of_nobody(struct maker *m)
{
    maker_file(m, MAKER_TOP, "a", bytes_str("so that there is a table"), MAKER_PLAIN);
    file_of(m, "b",
        (struct extent){.kind = EXTENT_RAW, .plain_len = PAYLOAD_LEN, .volume = 77, .blocks = 1});
}

static void meta_volume_as_data(struct maker *m)
{
    m->tables = MAKER_META;
    maker_file(m, MAKER_TOP, "a", bytes_str("so that there is a table"), MAKER_PLAIN);
    file_of(m, "b",
        (struct extent){.kind = EXTENT_RAW, .plain_len = PAYLOAD_LEN, .volume = 2, .blocks = 1});
}

static void inline_beyond_the_stream(struct maker *m)
{
    file_of(m, "b",
        (struct extent){
            .kind = EXTENT_PACKED, .plain_len = 500, .stored_len = 500, .offset = 700000});
}

/* The list of extents lies in an object and covers less than the size. */
static void sum_mismatch(struct maker *m)
{
    struct extent e = {.kind = EXTENT_HOLE, .plain_len = 3 * (uint64_t)PAYLOAD_LEN};
    struct extent_writer run = {0};
    struct record record = {
        .type = RECORD_FILE, .mode = 0600, .size = 4 * (uint64_t)PAYLOAD_LEN, .depth = 1};
    struct buf pointers = {0};
    struct pointer at;

    assert_int_equal(extent_writer_put(&run, &e), OK);
    maker_object(m, buf_view(&run.out), &at);
    assert_int_equal(pointer_put(&pointers, &at), OK);
    record.extents = buf_view(&pointers);
    maker_record(m, MAKER_TOP, "short", &record);
    m->head.files++;
    m->head.bytes += record.size;
    buf_clear(&run.out);
    buf_clear(&pointers);
}

static void folder_in_itself(struct maker *m)
{
    struct record record = {.type = RECORD_DIRECTORY, .mode = 0700, .folder = MAKER_TOP};

    maker_record(m, MAKER_TOP, "again", &record);
    m->head.directories = 1000000;
}

/* Two folders of the same contents, twice over: 2^40 entries if nobody counts. */
static void folders_that_multiply(struct maker *m)
{
    struct record record = {.type = RECORD_DIRECTORY, .mode = 0700};

    for (uint64_t i = 0; i < 40; i++) {
        record.folder = MAKER_TOP + i + 1;
        maker_record(m, MAKER_TOP + i, "a", &record);
        maker_record(m, MAKER_TOP + i, "b", &record);
    }
    m->next_folder = 100;
    m->head.directories = 80;
}

static void too_deep(struct maker *m)
{
    uint64_t folder = MAKER_TOP;

    for (int i = 0; i < 300; i++) {
        folder = maker_folder(m, folder, "d", 0700);
    }
}

static void path_too_long(struct maker *m)
{
    uint64_t folder = MAKER_TOP;
    char name[201];

    memset(name, 'n', 200);
    name[200] = '\0';
    for (int i = 0; i < 21; i++) {
        folder = maker_folder(m, folder, name, 0700);
    }
}

static void fewer_files_than_said(struct maker *m)
{
    maker_inline_file(m, MAKER_TOP, "a", bytes_str("a"));
    m->head.files++;
}

static void other_sizes_than_said(struct maker *m)
{
    maker_inline_file(m, MAKER_TOP, "a", bytes_str("a"));
    m->head.bytes++;
}

static void more_files_than_said(struct maker *m)
{
    maker_inline_file(m, MAKER_TOP, "a", bytes_str("a"));
    maker_inline_file(m, MAKER_TOP, "b", bytes_str("b"));
    m->head.files--;
}

static void hard_link_to_nothing(struct maker *m)
{
    maker_hard_link(m, MAKER_TOP, "a", MAKER_TOP, "nobody");
}

static void hard_link_to_itself(struct maker *m)
{
    maker_hard_link(m, MAKER_TOP, "a", MAKER_TOP, "a");
}

static void hard_link_to_a_folder(struct maker *m)
{
    maker_folder(m, MAKER_TOP, "folder", 0700);
    maker_hard_link(m, MAKER_TOP, "z", 99, "y");
}

static void unknown_record(struct maker *m)
{
    uint8_t key[9] = {0, 0, 0, 0, 0, 0, 0, MAKER_TOP, 'a'};

    maker_entry(m, bytes_at(key, sizeof(key)), bytes_at("\x09\x00\x00", 3));
    m->head.files++;
}

struct hostile_row {
    const char *name;
    void (*make)(struct maker *m);
    enum err want;
};

static const struct hostile_row rows[] = {
    {"..", name_dot_dot, ERR_LIMIT},
    {".", name_dot, ERR_LIMIT},
    {"a name with a slash", name_with_a_slash, ERR_LIMIT},
    {"an empty name", name_empty, ERR_LIMIT},
    {"a raw block beyond the volume", raw_beyond_the_volume, ERR_BAD_FORMAT},
    {"a run that leaves the volume", run_leaves_the_volume, ERR_BAD_FORMAT},
    {"an item that goes on beyond the volume", item_beyond_the_volume, ERR_BAD_FORMAT},
    {"a volume that no table names", volume_of_nobody, ERR_BAD_FORMAT},
    {"data in a meta volume", meta_volume_as_data, ERR_BAD_FORMAT},
    {"an item beyond the inline stream", inline_beyond_the_stream, ERR_LIMIT},
    {"extents that do not make the size", sum_mismatch, ERR_BAD_FORMAT},
    {"a folder in itself", folder_in_itself, ERR_BAD_FORMAT},
    {"folders that multiply", folders_that_multiply, ERR_BAD_FORMAT},
    {"too deep", too_deep, ERR_LIMIT},
    {"a path too long", path_too_long, ERR_LIMIT},
    {"fewer files than said", fewer_files_than_said, ERR_BAD_FORMAT},
    {"other sizes than said", other_sizes_than_said, ERR_BAD_FORMAT},
    {"more files than said", more_files_than_said, ERR_BAD_FORMAT},
    {"a hard link to nothing", hard_link_to_nothing, ERR_BAD_FORMAT},
    {"a hard link to itself", hard_link_to_itself, ERR_BAD_FORMAT},
    {"a hard link into no folder", hard_link_to_a_folder, ERR_BAD_FORMAT},
    {"a record of an unknown type", unknown_record, ERR_TOO_NEW},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rig *rig = malloc(sizeof(*rig));

        assert_non_null(rig);
        rig_init(rig);
        rows[i].make(rig->maker);
        maker_publish(rig->maker);
        if (rig_restore(rig, NULL) != rows[i].want) {
            fail_msg("%s: %s", rows[i].name, err_name(rig->err));
        }
        rig_assert_tidy(rig);
        rig_clear(rig);
        free(rig);
    }
}

/* --- one file's harm alone --- */

static int setup(void **state)
{
    struct rig *rig = malloc(sizeof(*rig));

    assert_non_null(rig);
    rig_init(rig);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    rig_clear(*state);
    free(*state);
    return 0;
}

/* An item in the inline stream that says of itself what `e` says. */
static void inline_item(struct maker *m, const char *name, struct bytes stored, struct extent e)
{
    e.kind = EXTENT_PACKED;
    e.offset = (uint32_t)m->inlined.len;
    e.stored_len = (uint32_t)stored.len;
    assert_int_equal(buf_append(&m->inlined, stored), OK);
    file_of(m, name, e);
}

/* Bytes that are not what their ids say, frames that are bombs or junk: these files are not
 * restored, the others are. */
static void items_that_lie(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    uint8_t frame[4096];
    static const uint8_t zeros[1 << 19];
    size_t len = ZSTD_compress(frame, sizeof(frame), zeros, sizeof(zeros), 3);

    assert_false(ZSTD_isError(len));
    inline_item(m, "other bytes", bytes_str("abc"), (struct extent){.plain_len = 3});
    inline_item(m, "bomb", bytes_at(frame, len),
        (struct extent){.plain_len = len + 1, .coding = CODING_ZSTD});
    inline_item(m, "shorter than said", bytes_at(frame, len),
        (struct extent){.plain_len = PAYLOAD_LEN, .coding = CODING_ZSTD});
    inline_item(m, "junk", bytes_str("not a frame"),
        (struct extent){.plain_len = 100, .coding = CODING_ZSTD});
    maker_inline_file(m, MAKER_TOP, "true", bytes_str("true"));
    maker_publish(m);
    assert_int_equal(rig_restore(rig, NULL), ERR_ARTICLES_LOST);
    assert_int_equal(rig->result.lost_files, 4);
    rig_assert_file(rig, "true", bytes_str("true"), 0640);
    assert_int_equal(rig_count(rig), 2); /* and the marker */
    rig_assert_tidy(rig);
}

static void put_text(struct buf *page, const char *text)
{
    assert_int_equal(varint_put(page, strlen(text)), OK);
    assert_int_equal(buf_append_str(page, text), OK);
}

/* A page whose second key is below its first. */
static void an_unsorted_page(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    struct buf page = {0}, value = {0};
    uint8_t key[9] = {0, 0, 0, 0, 0, 0, 0, MAKER_TOP, 'b'};

    symlink_value(&value);
    assert_int_equal(buf_append(&page, bytes_at("\x01\x00\x02\x00\x09", 5)), OK);
    assert_int_equal(buf_append(&page, bytes_at(key, sizeof(key))), OK);
    assert_int_equal(varint_put(&page, value.len), OK);
    assert_int_equal(buf_append(&page, buf_view(&value)), OK);
    assert_int_equal(buf_append_byte(&page, 8), OK);
    put_text(&page, "a");
    assert_int_equal(varint_put(&page, value.len), OK);
    assert_int_equal(buf_append(&page, buf_view(&value)), OK);
    maker_object(m, buf_view(&page), &m->head.tree);
    m->head.symlinks = 2;
    m->keep_tree = 1;
    maker_publish(m);
    assert_int_equal(rig_restore(rig, NULL), ERR_BAD_FORMAT);
    assert_int_equal(rig_count(rig), 0);
    buf_clear(&page);
    buf_clear(&value);
}

/* The page is not the one that the head points to. */
static void a_page_with_another_hash(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;

    maker_object(m, bytes_str("some page"), &m->head.tree);
    m->head.tree.hash.b[0] ^= 1;
    m->keep_tree = 1;
    maker_publish(m);
    assert_int_equal(rig_restore(rig, NULL), ERR_BAD_SEAL);
}

/* The table that says where volumes are lies in a volume that only the table knows. */
static void tables_in_a_circle(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;

    m->head.tree = (struct pointer){.volume = 2, .length = 100};
    m->head.older = (struct pointer){.volume = 1, .length = 100};
    m->keep_tree = 1;
    maker_publish(m);
    assert_int_equal(rig_restore(rig, NULL), ERR_BAD_FORMAT);
}

/* A symlink that lies in the target already is not a door out of it. */
static void a_symlink_in_the_way(void **state)
{
    struct rig *rig = *state;
    uint64_t folder = maker_folder(rig->maker, MAKER_TOP, "d", 0700);
    char path[128], outside[128];

    maker_file(rig->maker, folder, "f", bytes_str("f"), MAKER_PLAIN);
    maker_publish(rig->maker);
    (void)snprintf(outside, sizeof(outside), "%s/outside", rig->root);
    (void)snprintf(path, sizeof(path), "%s/d", rig->target);
    assert_int_equal(mkdir(rig->target, 0700), 0);
    assert_int_equal(mkdir(outside, 0700), 0);
    assert_int_equal(symlink(outside, path), 0);
    rig->conflict = RESTORE_KEEP_EXISTING;
    assert_int_not_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rmdir(outside), 0); /* it is still empty */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),
        cmocka_unit_test_setup_teardown(items_that_lie, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unsorted_page, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_with_another_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_in_a_circle, setup, teardown),
        cmocka_unit_test_setup_teardown(a_symlink_in_the_way, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
