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

#include "app/control/folder_cache.h"

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
        cmocka_unit_test(test_cache),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
