/* A damaged catalogue is noticed, and its keys are read out of what is left. */
#include "io/store/store_rescue.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store_fixture.h"

enum { PAGE = 4096 };

struct found {
    int shares, paths, settings, providers;
};

static enum err on_share(void *arg, const struct store_share *share, const struct store_path *paths,
    size_t path_count, const struct store_settings *settings)
{
    struct found *found = arg;

    found->shares++;
    found->paths += (int)path_count;
    for (size_t i = 0; i < KEY_LEN; i++) {
        assert_int_equal(share->write_seed[i], 0x11);
    }
    assert_int_equal(share->link_secret[23], 0x22);
    if (path_count > 0 && settings->one_file_system) {
        assert_true(bytes_equal(paths[0].path, bytes_str("/some/folder")));
        assert_true(bytes_equal(buf_view(&settings->ignore_rules), bytes_str("*.o")));
        found->settings += settings->redundancy == 5;
    }
    assert_string_equal(share->title, "a title");
    return OK;
}

static enum err on_provider(void *arg, const struct store_provider *provider)
{
    struct found *found = arg;

    found->providers++;
    assert_string_equal(provider->name, "news");
    assert_string_equal(provider->host, "news.example.com");
    assert_int_equal(provider->port, 563);
    assert_string_equal(provider->user, "me");
    assert_int_equal(provider->roles, 6);
    assert_int_equal(provider->quota, 1000);
    assert_int_equal(provider->spent, 999);
    return OK;
}

static void fill(struct fixture *f)
{
    struct store_settings settings = {.one_file_system = true, .redundancy = 5};
    struct store_provider provider = {.name = "news",
        .host = "news.example.com",
        .port = 563,
        .tls = 1,
        .ca_file = "",
        .user = "me",
        .group = "a.b",
        .connections = 3,
        .roles = 6,
        .quota = 1000};

    assert_int_equal(buf_append_str(&settings.ignore_rules, "*.o"), OK);
    assert_int_equal(store_share_set_settings(f->store, f->share, &settings), OK);
    buf_clear(&settings.ignore_rules);
    assert_int_equal(store_provider_put(f->store, &provider), OK);
    assert_int_equal(store_provider_spend(f->store, "news", 999), OK);
    for (int i = 0; i < 300; i++) { /* pages that belong to nothing that matters */
        struct store_version version = {
            .n = (uint64_t)i + 1, .payload = bytes_at("a long text to fill pages with", 30)};

        assert_int_equal(store_version_add(f->store, f->share, &version), OK);
    }
}

static enum err rescue(struct fixture *f, struct found *found)
{
    *found = (struct found){0};
    return store_rescue(f->path, &(struct store_rescue){on_share, on_provider, found});
}

static void a_sound_one_is_read_whole(void **state)
{
    struct fixture *f = *state;
    struct found found;
    atomic_int stop = 0;

    fill(f);
    assert_int_equal(store_check(f->path, &stop), OK); /* also while it is open */
    assert_int_equal(rescue(f, &found), OK);
    assert_int_equal(found.shares, 1);
    assert_int_equal(found.paths, 1);
    assert_int_equal(found.providers, 1);
    assert_int_equal(found.settings, 1);
    atomic_store(&stop, 1);
    assert_int_equal(store_check(f->path, &stop), ERR_CANCELLED);
}

static void write_junk(struct fixture *f, off_t at)
{
    char junk[PAGE];
    int fd = open(f->path, O_WRONLY);

    memset(junk, 0xa5, sizeof(junk));
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, junk, sizeof(junk), at), PAGE);
    assert_int_equal(close(fd), 0);
}

/* Whatever page but the first is destroyed: it is noticed or was unused, nothing crashes, and no
 * wrong key comes out (on_share asserts). */
static void every_page_may_be_gone(void **state)
{
    int noticed = 0, shares = 0;
    off_t size = PAGE + 1; /* until it is known */

    (void)state;
    for (off_t at = PAGE; at < size; at += PAGE) {
        void *inner = NULL;
        struct fixture *f;
        struct found found;
        atomic_int stop = 0;
        int fd;

        (void)fixture_setup(&inner);
        f = inner;
        fill(f);
        store_close(f->store);
        f->store = NULL;
        fd = open(f->path, O_RDONLY);
        size = lseek(fd, 0, SEEK_END);
        close(fd);
        write_junk(f, at);
        noticed += store_check(f->path, &stop) == ERR_STORE_CORRUPT;
        assert_int_equal(rescue(f, &found), OK);
        shares += found.shares;
        (void)fixture_teardown(&inner);
    }
    assert_true(size / PAGE > 12);
    assert_true(noticed > size / PAGE - 4);
    assert_true(shares > size / PAGE - 6); /* only what is on the way to the share loses it */
}

static void no_database_gives_nothing(void **state)
{
    struct fixture *f = *state;
    struct found found;
    atomic_int stop = 0;
    FILE *file;

    store_close(f->store);
    f->store = NULL;
    file = fopen(f->path, "w");
    for (int i = 0; i < 9000; i++) {
        (void)fputc(i * 7, file);
    }
    assert_int_equal(fclose(file), 0);
    assert_int_equal(store_check(f->path, &stop), ERR_STORE_CORRUPT);
    assert_int_equal(rescue(f, &found), OK);
    assert_int_equal(found.shares + found.providers, 0);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(rescue(f, &found), OK);
    assert_int_equal(found.shares + found.providers, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_one_is_read_whole),
        cmocka_unit_test(every_page_may_be_gone),
        TEST(no_database_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
