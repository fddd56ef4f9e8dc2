/* Taking over what was published before: numbers, volumes, and again. */
#include "io/store/store_adopt.h"

#include <stdio.h>
#include <string.h>

#include "io/store/store_known.h"
#include "store_fixture.h"

static int64_t adopting_share(struct fixture *f)
{
    struct store_share share = {.title = "", .adopting = true};
    struct store_path path = {bytes_str("/other"), {0}};
    int64_t id = 0;

    memset(share.write_seed, 3, sizeof(share.write_seed));
    assert_int_equal(store_share_add(f->store, &share, &path, 1, &id), OK);
    assert_int_equal(store_share_get(f->store, id, &share), OK);
    assert_true(share.adopting);
    return id;
}

static void numbers_go_on_and_never_back(void **state)
{
    struct fixture *f = *state;
    int64_t id = adopting_share(f);
    struct store_share share;
    uint32_t volume;
    uint64_t folder;

    assert_int_equal(store_adopt_begin(f->store, id, &(struct store_adopt){"title", 70, 900}), OK);
    assert_int_equal(
        store_adopt_begin(f->store, id, &(struct store_adopt){"new title", 7, 90}), OK);
    assert_int_equal(store_next_numbers(f->store, id, &volume, &folder), OK);
    assert_int_equal(volume, 70);
    assert_int_equal(folder, 900);
    assert_int_equal(store_share_get(f->store, id, &share), OK);
    assert_string_equal(share.title, "new title");
    assert_int_equal(store_adopt_end(f->store, id), OK);
    assert_int_equal(store_share_get(f->store, id, &share), OK);
    assert_false(share.adopting);
    /* A share that is not being taken over is left alone. */
    assert_int_equal(store_adopt_begin(f->store, id, &(struct store_adopt){"x", 1, 1}), ERR_BUG);
    assert_int_equal(
        store_adopt_begin(f->store, f->share, &(struct store_adopt){"x", 1, 1}), ERR_BUG);
}

static enum err same_volume(void *arg, const struct store_volume *row)
{
    const struct store_volume *want = arg;

    assert_int_equal(row->number, want->number);
    assert_int_equal(row->kind, want->kind);
    assert_int_equal(row->state, STORE_VOLUME_LIVE);
    assert_int_equal(row->version, want->version);
    assert_int_equal(row->k, want->k);
    assert_int_equal(row->m, want->m);
    assert_memory_equal(row->key, want->key, KEY_LEN);
    assert_true(bytes_equal(row->cids, want->cids));
    assert_true(bytes_equal(row->states, want->states));
    assert_true(bytes_equal(row->exceptions, want->exceptions));
    return OK;
}

static void volumes_are_kept_whole(void **state)
{
    static const uint8_t states[] = {0x2a};
    struct fixture *f = *state;
    int64_t id = adopting_share(f);
    uint8_t cids[3 * 32];
    struct cid cid;
    struct store_volume volume = {.number = 9,
        .kind = STORE_VOLUME_DATA,
        .state = STORE_VOLUME_LIVE,
        .version = 4,
        .k = 2,
        .m = 1,
        .states = bytes_at(states, 1),
        .cids = bytes_at(cids, sizeof(cids)),
        .exceptions = bytes_str("\2\1\1")};
    uint32_t number, index;

    memset(volume.key, 7, KEY_LEN);
    for (size_t i = 0; i < sizeof(cids); i++) {
        cids[i] = (uint8_t)(i * 5 + 1);
    }
    for (int again = 0; again < 2; again++) {
        assert_int_equal(store_adopt_volume(f->store, id, &volume), OK);
        assert_int_equal(store_volume_get(f->store, id, 9, same_volume, &volume), OK);
    }
    assert_int_equal(store_block_note(f->store, id, 9), OK);
    memcpy(cid.b, cids + 32, 32);
    assert_int_equal(store_block_find(f->store, id, &cid, &number, &index), OK);
    assert_int_equal(number, 9);
    assert_int_equal(index, 1);
    memcpy(cid.b, cids + 64, 32); /* parity is no block */
    assert_int_equal(store_block_find(f->store, id, &cid, &number, &index), ERR_NO_ROW);

    volume.key[0] ^= 1; /* another volume of this number is not overwritten */
    assert_int_equal(store_adopt_volume(f->store, id, &volume), ERR_EXISTS);
    volume.key[0] ^= 1;
    cids[0] ^= 1;
    assert_int_equal(store_adopt_volume(f->store, id, &volume), ERR_EXISTS);
    cids[0] ^= 1;
    assert_int_equal(store_volume_get(f->store, id, 9, same_volume, &volume), OK);
}

static enum err same_folder(void *arg, const struct store_entry *entry)
{
    int *count = arg;

    assert_int_equal(entry->type, STORE_DIRECTORY);
    assert_int_equal(entry->folder, 1);
    assert_int_equal(entry->child, 77);
    assert_int_equal(entry->mode, 0711);
    assert_true(bytes_equal(entry->name, bytes_str("sub")));
    ++*count;
    return OK;
}

static enum err note_child(void *arg, const struct store_entry *entry)
{
    *(uint64_t *)arg = entry->child;
    return OK;
}

/* A scan that finds the folder keeps its number; others get new ones. */
static void folders_keep_their_numbers(void **state)
{
    struct fixture *f = *state;
    int64_t id = adopting_share(f);
    struct store_entry entry = {
        .folder = 1, .name = bytes_str("sub"), .mode = 0711, .mtime_ns = 5, .child = 77};
    struct store_entry found[2] = {
        {.name = bytes_str("new"), .type = STORE_DIRECTORY, .inode = 8, .links = 1},
        {.name = bytes_str("sub"), .type = STORE_DIRECTORY, .inode = 9, .links = 1},
    };
    struct store_listing listing = {.folder = STORE_ROOT_FOLDER,
        .entries = found,
        .count = 2,
        .order = STORE_SORTED,
        .first = true,
        .last = true};
    struct store_scan_counts counts = {0};
    struct buf path = {0};
    uint64_t child = 0;
    int count = 0;

    assert_int_equal(store_adopt_begin(f->store, id, &(struct store_adopt){"t", 5, 100}), OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(store_adopt_folder(f->store, id, &entry), OK);
    }
    assert_int_equal(
        store_entry_after(f->store, id, 0, (struct bytes){0}, 10, same_folder, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_folder_path(f->store, id, 77, &path), OK);
    assert_true(bytes_equal(buf_view(&path), bytes_str("sub")));
    buf_clear(&path);

    assert_int_equal(store_scan_begin(f->store, id, &listing.ticket), OK);
    assert_int_equal(store_scan_put(f->store, id, &listing, 1, &counts), OK);
    assert_int_equal(
        store_entry_after(f->store, id, 1, bytes_str("new"), 1, note_child, &child), OK);
    assert_int_equal(child, 77);
    assert_int_equal(store_entry_after(f->store, id, 1, bytes_str("a"), 1, note_child, &child), OK);
    assert_int_equal(child, 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_go_on_and_never_back),
        TEST(volumes_are_kept_whole),
        TEST(folders_keep_their_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
