/* Folders of any size: sorted, found, cut. */
#include "app/control/folder_list.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/control/folder_loan.h"

enum { MANY = 20000 };

static char dir[] = "/tmp/usenetsync-list-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    return 0;
}

static int tear_down(void **state)
{
    char command[80];

    (void)state;
    assert_int_equal(chdir("/"), 0);
    (void)snprintf(command, sizeof(command), "rm -rf %s", dir);
    return system(command);
}

static struct disk_names *names_open(void)
{
    struct disk_names *names = NULL;

    assert_int_equal(disk_names_open(bytes_str(dir), (struct bytes){0}, &names), OK);
    return names;
}

static struct folder_list *read_list(const struct folder_wish *wish, struct bytes after)
{
    struct disk_names *names = names_open();
    struct folder_list *list = NULL;

    assert_int_equal(folder_list_read(names, wish, after, &list), OK);
    disk_names_free(names);
    return list;
}

/* Every page size walks over every name once, in order, with a list read anew for each page or with
 * one for all. */
static void test_large(void **state)
{
    struct folder_wish wish = {.order = FOLDER_BY_TYPE, .find = ""};
    uint8_t key[FOLDER_KEY_MAX];
    struct folder_list *list;
    size_t len = 0, seen = 0;
    struct bytes name;
    enum disk_type type;
    char last[16] = "";

    (void)state;
    for (int i = 0; i < MANY; i++) {
        char path[16];

        (void)snprintf(path, sizeof(path), "f%05d", i * 7919 % MANY);
        assert_int_equal(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
    }
    assert_int_equal(mkdir("zzz", 0700), 0);
    list = read_list(&wish, (struct bytes){0});
    assert_int_equal(folder_list_total(list), MANY + 1);
    for (;;) {
        size_t i = folder_list_find(list, bytes_at(key, len));
        size_t end = i + 997;

        for (; i < end && folder_list_get(list, i, &name, &type); i++, seen++) {
            char text[16];

            (void)snprintf(text, sizeof(text), "%.*s", (int)name.len, (const char *)name.ptr);
            assert_int_equal(type, seen == 0 ? DISK_DIRECTORY : DISK_FILE);
            assert_true(seen <= 1 || strcmp(last, text) < 0);
            memcpy(last, text, sizeof(last));
            len = folder_key(&wish, name, type, key);
        }
        if (!folder_list_more(list, i)) {
            break;
        }
        if (seen / 997 % 2 == 0) {
            folder_list_free(list);
            list = read_list(&wish, bytes_at(key, len));
            assert_int_equal(folder_list_total(list), MANY + 1);
        }
    }
    assert_int_equal(seen, MANY + 1);
    folder_list_free(list);
}

/* A list that begins in the middle is of no use for what stands before. */
static void test_fits(void **state)
{
    struct folder_wish wish = {.order = FOLDER_BY_NAME, .find = ""};
    struct disk_names *names = names_open();
    struct folder_list *whole = read_list(&wish, (struct bytes){0});
    struct folder_list *tail;
    struct disk_stat stat;
    uint8_t middle[FOLDER_KEY_MAX], early[FOLDER_KEY_MAX];
    size_t len = folder_key(&wish, bytes_str("f10000"), DISK_FILE, middle);

    (void)state;
    assert_int_equal(folder_key(&wish, bytes_str("f00100"), DISK_FILE, early), len);
    tail = read_list(&wish, bytes_at(middle, len));
    assert_int_equal(disk_names_stat(names, &stat), OK);
    assert_true(folder_list_fits(whole, &stat, (struct bytes){0}));
    assert_true(folder_list_fits(whole, &stat, bytes_at(middle, len)));
    assert_true(folder_list_fits(tail, &stat, bytes_at(middle, len)));
    assert_false(folder_list_fits(tail, &stat, bytes_at(early, len)));
    assert_false(folder_list_fits(tail, &stat, (struct bytes){0}));
    stat.mtime_ns++; /* the folder changed */
    assert_false(folder_list_fits(whole, &stat, (struct bytes){0}));
    disk_names_free(names);
    folder_list_free(whole);
    folder_list_free(tail);
}

/* Names that begin alike, differ in case alone, are each other's beginnings, or are no ASCII. */
static const char *const alike[] = {"IMG_2024", "img_2024", "IMG_20241231_235959.jpg",
    "img_20240101_000000.JPG", "Img_20240101_000000 (1).jpg", "IMG_2024\xff", "IMG_2024\xc3\xa9",
    "img_2024 ", "IMG_2024\x01", "IMG_20240101", "IMG_2024a", "IMG_2024B", "IMG_2024b"};

enum { ALIKE = sizeof(alike) / sizeof(alike[0]), WIDTH = 300 };

/* As the contract has it: folders first, letters of either case side by side. */
static int by_rule(const void *a, const void *b)
{
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    char low[2][WIDTH];

    for (size_t i = 0; i < 2; i++) {
        const char *from = i == 0 ? left : right;
        size_t len = strlen(from);

        for (size_t k = 0; k <= len; k++) {
            low[i][k] = from[k] >= 'A' && from[k] <= 'Z' ? (char)(from[k] + 'a' - 'A') : from[k];
        }
    }
    return strcmp(low[0], low[1]) != 0 ? strcmp(low[0], low[1]) : strcmp(left, right);
}

static void expect_names(const struct folder_list *list, const char *const *want, size_t count)
{
    struct bytes name;
    enum disk_type type;

    assert_int_equal(folder_list_total(list), count);
    for (size_t i = 0; i < count; i++) {
        assert_true(folder_list_get(list, i, &name, &type));
        if (!bytes_equal(name, bytes_str(want[i]))) {
            fail_msg(
                "%zu is \"%.*s\", not \"%s\"", i, (int)name.len, (const char *)name.ptr, want[i]);
        }
    }
    assert_false(folder_list_get(list, count, &name, &type));
}

static void test_order(void **state)
{
    struct folder_wish wish = {.order = FOLDER_BY_TYPE, .find = "mg_2024"};
    const char *want[ALIKE + 2] = {"IMG_2024 a folder", "zz img_2024"};
    struct folder_list *list;

    (void)state;
    for (size_t i = 0; i < ALIKE; i++) {
        assert_int_equal(close(open(alike[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
        want[i + 2] = alike[i];
    }
    assert_int_equal(mkdir(want[0], 0700), 0);
    list = read_list(&wish, (struct bytes){0});
    qsort(want + 2, ALIKE, sizeof(*want), by_rule);
    want[1] = want[0];
    expect_names(list, want + 1, ALIKE + 1); /* all begin alike */
    folder_list_free(list);
    assert_int_equal(mkdir("zz img_2024", 0700), 0);
    want[1] = "zz img_2024";
    list = read_list(&wish, (struct bytes){0});
    expect_names(list, want, ALIKE + 2); /* not any more */
    folder_list_free(list);
}

enum { EQUAL_WORDS = 6, WORDS = 400, SAME = WORDS * EQUAL_WORDS };

/* Many names that begin differently, in either case, of which some are the same for longer than is
 * looked at first. */
static void test_many_alike(void **state)
{
    struct folder_wish wish = {.order = FOLDER_BY_NAME, .find = "of the sea"};
    static char names[SAME][WIDTH];
    const char *want[SAME];
    struct folder_list *list;

    (void)state;
    for (int i = 0; i < SAME; i++) {
        (void)snprintf(names[i], WIDTH, "%cay %03d of the sea %d", i % 2 == 0 ? 'D' : 'd',
            i % WORDS * 7 % WORDS, i / WORDS * 31 % EQUAL_WORDS);
        assert_int_equal(close(open(names[i], O_CREAT | O_EXCL | O_CLOEXEC, 0600)), 0);
        want[i] = names[i];
    }
    qsort(want, SAME, sizeof(*want), by_rule);
    list = read_list(&wish, (struct bytes){0});
    expect_names(list, want, SAME);
    folder_list_free(list);
    for (int i = 0; i < SAME; i++) {
        assert_int_equal(unlink(names[i]), 0);
    }
}

/* What is looked for in a list that is there already is what reading the folder would find. */
static void test_narrow(void **state)
{
    static const char *const finds[] = {"", "f0", "F0001", "zzz", "img_2024", "is not there"};
    struct folder_wish wish = {.order = FOLDER_BY_TYPE, .find = ""};
    struct folder_list *whole = read_list(&wish, (struct bytes){0});
    struct folder_list *tail = read_list(&wish, bytes_str("\x01g"));
    struct folder_list *found = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
        struct folder_list *read;
        struct bytes name[2];
        enum disk_type type[2];

        wish.find = finds[i];
        read = read_list(&wish, (struct bytes){0});
        assert_int_equal(folder_list_narrow(whole, &wish, &found), OK);
        assert_int_equal(folder_list_total(found), folder_list_total(read));
        assert_true(folder_list_total(read) > 0 || i == 5);
        for (size_t k = 0; k < folder_list_total(read); k++) {
            assert_true(folder_list_get(read, k, &name[0], &type[0]));
            assert_true(folder_list_get(found, k, &name[1], &type[1]));
            assert_true(bytes_equal(name[0], name[1]));
            assert_int_equal(type[0], type[1]);
        }
        folder_list_free(read);
        folder_list_free(found);
    }
    assert_int_equal(folder_list_narrow(tail, &wish, &found), ERR_NO_ROW);
    folder_list_free(whole);
    folder_list_free(tail);
}

/* A loan: the list itself where it is there, one made of the whole, or one read. */
static void test_loan(void **state)
{
    struct folder_wish wish = {.order = FOLDER_BY_TYPE, .find = ""};
    struct disk_names *names = names_open();
    struct folder_cache *cache = NULL;
    struct folder_loan loan;
    struct folder_list *whole;
    struct loop *loop = NULL;

    (void)state;
    assert_int_equal(loop_new(&loop), OK);
    assert_int_equal(folder_cache_new(loop, &cache), OK);
    assert_int_equal(folder_loan_begin(&loan, cache, &wish, bytes_str(dir)), OK);
    assert_null(loan.list);
    assert_int_equal(folder_loan_read(&loan, names, (struct bytes){0}), OK);
    whole = loan.list;
    folder_loan_end(&loan);

    wish.find = "F0001"; /* the stream stands at its end: this cannot come from the disk */
    assert_int_equal(folder_loan_begin(&loan, cache, &wish, bytes_str(dir)), OK);
    assert_ptr_equal(loan.whole, whole);
    assert_int_equal(folder_loan_read(&loan, names, (struct bytes){0}), OK);
    assert_int_equal(folder_list_total(loan.list), 10);
    folder_loan_end(&loan);

    assert_int_equal(folder_loan_begin(&loan, cache, &wish, bytes_str(dir)), OK);
    assert_int_equal(
        folder_list_total(loan.list), 10); /* kept under its own name, and the whole too */
    assert_ptr_equal(loan.whole, whole);
    folder_loan_end(&loan);
    disk_names_free(names);
    folder_cache_free(cache);
    loop_free(loop);
}

static void test_cache(void **state)
{
    struct folder_wish wish = {.order = FOLDER_BY_NAME, .find = "f0000"};
    struct folder_cache *cache = NULL;
    struct loop *loop = NULL;
    struct folder_list *list, *kept[FOLDER_CACHE_LISTS + 1];
    char key[2] = "a";

    (void)state;
    assert_int_equal(loop_new(&loop), OK);
    assert_int_equal(folder_cache_new(loop, &cache), OK);
    assert_null(folder_cache_take(cache, bytes_str("a")));
    folder_cache_put(cache, bytes_str("a"), NULL);
    assert_null(folder_cache_take(cache, bytes_str("a")));
    for (size_t i = 0; i <= FOLDER_CACHE_LISTS; i++, key[0]++) {
        kept[i] = read_list(&wish, (struct bytes){0});
        folder_cache_put(cache, bytes_str(key), kept[i]);
    }
    assert_null(folder_cache_take(cache, bytes_str("a"))); /* the oldest went */
    list = folder_cache_take(cache, bytes_str("b"));
    assert_ptr_equal(list, kept[1]);
    assert_null(folder_cache_take(cache, bytes_str("b"))); /* it is out */
    folder_cache_put(cache, bytes_str("c"), list);         /* takes the place of another */
    assert_ptr_equal(folder_cache_take(cache, bytes_str("c")), list);
    folder_list_free(list);
    folder_cache_free(cache);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_many_alike),
        cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_loan),
        cmocka_unit_test(test_cache),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
