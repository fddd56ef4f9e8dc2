/* The log is merged while others write and read; what is read beside it holds a merge up, and
 * nobody waits for that. */
#include "io/store/store_log.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "io/store/query.h"
#include "io/store/store_setting.h"
#include "store_fixture.h"

enum { VALUE_LEN = 1 << 20, PATIENCE = 6000 /* times 10 ms */ };

static uint64_t size_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return (uint64_t)st.st_size;
}

/* One setting of 1 MiB, in a transaction that waits for no disk. */
static void write_setting(struct store *store, const char *name, struct bytes value)
{
    static const char sql[] = "INSERT INTO settings (name, value) VALUES (?, ?)";
    struct query q;

    assert_int_equal(store_begin(store, STORE_WRITE), OK);
    query_init(&q, store, sql);
    query_text(&q, name);
    query_bytes(&q, value);
    assert_int_equal(store_end(store, query_run(&q, NULL)), OK);
}

/* `count` settings, each another one. */
static void write_settings(struct fixture *f, int from, int count)
{
    uint8_t *value = malloc(VALUE_LEN);
    char name[40];

    assert_non_null(value);
    for (int i = from; i < from + count; i++) {
        (void)snprintf(name, sizeof(name), "large %d", i);
        memset(value, i, VALUE_LEN);
        write_setting(f->store, name, bytes_at(value, VALUE_LEN));
    }
    free(value);
}

/* The thread has its own time: but the file grows in the end, though nobody closes it. */
static void wait_for_size(const struct fixture *f, uint64_t size)
{
    for (int i = 0; i < PATIENCE && size_of(f->path) < size; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_true(size_of(f->path) >= size);
}

static void the_log_is_merged_beside_those_who_write(void **state)
{
    struct fixture *f = *state;
    char log[120];

    (void)snprintf(log, sizeof(log), "%s-wal", f->path);
    write_settings(f, 0, 8);
    assert_true(size_of(f->path) < 8u * VALUE_LEN); /* too little for a merge */
    write_settings(f, 8, 12);
    wait_for_size(f, 16ull * VALUE_LEN);
    /* What was merged makes room, though writers leave no time: the log is not all that is written.
     */
    write_settings(f, 20, 250);
    wait_for_size(f, (270 - 17) * (uint64_t)VALUE_LEN);
    assert_true(size_of(log) < 220ull * VALUE_LEN);
}

static void who_reads_holds_up_the_merge_and_nobody_else(void **state)
{
    struct fixture *f = *state;
    struct store *reader = f->store;
    uint64_t before;

    write_settings(f, 0, 1);
    assert_int_equal(store_look(&reader), OK);
    assert_int_equal(
        sqlite3_exec(reader->db, "SELECT * FROM settings", NULL, NULL, NULL), SQLITE_OK);
    before = size_of(f->path);
    write_settings(f, 1, 140); /* more than may wait for a merge */
    assert_true(size_of(f->path) <= before + 2u * VALUE_LEN);
    assert_int_equal(store_end(reader, OK), OK);
    write_settings(f, 141, 17);
    wait_for_size(f, 140ull * VALUE_LEN);
}

static void what_is_being_merged_is_there_when_it_closes(void **state)
{
    struct fixture *f = *state;
    struct buf value = {0};

    write_settings(f, 0, 17);
    fixture_reopen(f); /* most likely in the midst of a merge */
    assert_int_equal(store_setting_get(f->store, "large 16", &value), OK);
    assert_int_equal(value.len, VALUE_LEN);
    assert_int_equal(value.ptr[VALUE_LEN - 1], 16);
    buf_clear(&value);
    store_log_stop(NULL);
    store_log_wait(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_log_is_merged_beside_those_who_write, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            who_reads_holds_up_the_merge_and_nobody_else, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            what_is_being_merged_is_there_when_it_closes, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
