/* Batches that many hand over at once: all are put, each caller's in its order, and the first
 * trouble is everybody's. */
#include "flow/index/index_put.h"

#include <pthread.h>

#include "index_fixture.h"

enum { THREADS = 4, FOLDERS_EACH = 40, FOLDERS = THREADS * FOLDERS_EACH, FILES = 30, LARGE = 1700 };

struct lister {
    struct index_puts *puts;
    struct index_batch *batch;
    uint64_t ticket;
    const uint64_t *folders;
    enum err err;
    pthread_t thread;
};

static struct store_entry entry_of(const char *name, enum store_type type)
{
    return (struct store_entry){
        .name = bytes_str(name), .type = type, .mode = 0644, .links = 1, .size = 1, .mtime_ns = 1};
}

static struct bytes name_in(struct index_batch *b, size_t number)
{
    char *name = (char *)b->names + b->names_len;

    b->names_len += (size_t)snprintf(name, 8, "f%04zu", number) + 1;
    return bytes_str(name);
}

/* Files f0000 to f<count - 1> of `folder`, in pieces of a batch each; everything a piece tells lies
 * in its batch. */
static enum err hand_folder(struct lister *l, uint64_t folder, size_t count)
{
    struct store_listing listing = {
        .ticket = l->ticket, .folder = folder, .order = STORE_SORTED, .first = true};
    enum err err = OK;

    for (size_t at = 0; err == OK && at < count;) {
        struct index_batch *b = l->batch;

        listing.first = at == 0;
        listing.after = at > 0 ? name_in(b, at - 1) : (struct bytes){0};
        listing.entries = b->entries;
        listing.count = count - at < 1000 ? count - at : 1000;
        while (b->count < listing.count) {
            b->entries[b->count++] = entry_of((const char *)name_in(b, at++).ptr, STORE_FILE);
        }
        listing.last = at == count;
        b->listings[b->listing_count++] = listing;
        err = index_puts_hand(l->puts, &l->batch);
    }
    return err;
}

static void *list_folders(void *arg)
{
    struct lister *l = arg;

    for (size_t i = 0; l->err == OK && i < FOLDERS_EACH; i++) {
        l->err = hand_folder(l, l->folders[i], i == 0 ? LARGE : FILES);
    }
    return NULL;
}

static enum err on_queued(void *arg, uint64_t folder, struct bytes path)
{
    uint64_t **next = arg;

    (void)path;
    *(*next)++ = folder;
    return OK;
}

/* A scan has begun, and FOLDERS folders wait to be listed. */
static void queue_folders(struct fixture *f, uint64_t *ticket, uint64_t folders[FOLDERS])
{
    static char names[FOLDERS][8];
    struct store_entry entries[FOLDERS];
    struct store_scan_counts counts = {0};
    struct store_listing top = {.folder = STORE_ROOT_FOLDER,
        .entries = entries,
        .count = FOLDERS,
        .order = STORE_SORTED,
        .first = true,
        .last = true};
    uint64_t *next = folders;

    assert_int_equal(store_scan_begin(f->store, f->share, ticket), OK);
    for (size_t i = 0; i < FOLDERS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "d%04zu", i);
        entries[i] = entry_of(names[i], STORE_DIRECTORY);
    }
    top.ticket = *ticket;
    assert_int_equal(store_scan_put(f->store, f->share, &top, 1, &counts), OK);
    while (next < folders + FOLDERS) {
        const uint64_t *before = next;

        assert_int_equal(
            store_scan_queued(f->store, f->share, next > folders ? next[-1] : 0, on_queued, &next),
            OK);
        assert_true(next > before);
    }
}

static void all_that_many_hand_over_is_put(void **state)
{
    struct fixture *f = *state;
    struct lister listers[THREADS];
    struct index_puts *puts = NULL;
    struct store_scan_counts counts = {0};
    uint64_t folders[FOLDERS];
    uint64_t ticket = 0;

    share_tree(f);
    queue_folders(f, &ticket, folders);
    assert_int_equal(index_puts_new(f->store, f->share, 1, &puts), OK); /* all wait now and then */
    for (size_t i = 0; i < THREADS; i++) {
        listers[i] = (struct lister){.puts = puts,
            .batch = index_batch_new(),
            .ticket = ticket,
            .folders = folders + i * FOLDERS_EACH};
        assert_non_null(listers[i].batch);
        assert_int_equal(pthread_create(&listers[i].thread, NULL, list_folders, &listers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(listers[i].thread, NULL), 0);
        assert_int_equal(listers[i].err, OK);
        index_batch_free(listers[i].batch);
    }
    index_puts_free(puts);
    assert_int_equal(store_scan_end(f->store, f->share), OK);
    assert_int_equal(store_scan_counts(f->store, f->share, &counts), OK);
    assert_int_equal(counts.directories, FOLDERS);
    assert_int_equal(counts.files, THREADS * (LARGE + (FOLDERS_EACH - 1) * FILES));
    assert_int_equal(counts.removed, 0); /* the pieces of a folder came in their order */
}

static void the_first_trouble_is_everybodys(void **state)
{
    struct fixture *f = *state;
    struct index_puts *puts = NULL;
    struct store_scan_counts counts = {0};
    uint64_t folders[FOLDERS];
    uint64_t ticket = 0, newer = 0;
    struct lister l = {.batch = index_batch_new(), .folders = folders};

    share_tree(f);
    assert_non_null(l.batch);
    queue_folders(f, &ticket, folders);
    assert_int_equal(index_puts_new(f->store, f->share, 2, &puts), OK);
    l.puts = puts;
    l.ticket = ticket;
    assert_int_equal(hand_folder(&l, folders[0], LARGE), OK);
    assert_int_equal(store_scan_begin(f->store, f->share, &newer), OK); /* ours is void now */
    assert_int_equal(hand_folder(&l, folders[1], FILES), ERR_CANCELLED);
    l.ticket = newer;
    assert_int_equal(hand_folder(&l, folders[2], FILES), ERR_CANCELLED);
    assert_int_equal(l.batch->count + l.batch->listing_count + l.batch->names_len, 0);
    index_batch_free(l.batch);
    index_puts_free(puts);
    index_puts_free(NULL);
    assert_int_equal(store_scan_counts(f->store, f->share, &counts), OK);
    assert_int_equal(counts.files, LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_many_hand_over_is_put, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_trouble_is_everybodys, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
