/* A folder that changes at random is put into the catalogue, whole, in pieces and shuffled, and
 * must come out as a dumb twin has it. */
#include <stdbool.h>
#include <stdio.h>

#include "scan_fixture.h"

enum { TWIN_NAMES = 60, TWIN_ROUNDS = 300 };

struct twin {
    bool there[TWIN_NAMES];
    int64_t mtime[TWIN_NAMES];
    bool sent[TWIN_NAMES];
};

static void twin_mutate(struct twin *t, unsigned *seed)
{
    for (size_t i = 0; i < TWIN_NAMES; i++) {
        int dice = rand_r(seed) % 8;

        if (dice == 0) {
            t->there[i] = !t->there[i];
            t->sent[i] = false;
            t->mtime[i]++;
        } else if (dice == 1) {
            t->mtime[i]++;
            t->sent[i] = false;
        }
    }
}

/* Put the twin's state: whole, in sorted pieces, or loose and shuffled in pieces. */
static void twin_put(struct fixture *f, const struct twin *t, unsigned *seed)
{
    char names[TWIN_NAMES][8];
    struct store_entry e[TWIN_NAMES] = {0};
    struct store_listing l = scan_whole(f, 1, e, 0);
    struct store_scan_counts c = {0};
    size_t count = 0;

    l.order = rand_r(seed) % 2 ? STORE_SORTED : STORE_LOOSE;
    for (unsigned i = 0; i < TWIN_NAMES; i++) {
        unsigned k = l.order == STORE_SORTED ? i : (i * 37 + 11) % TWIN_NAMES;

        if (t->there[k]) {
            (void)snprintf(names[k], 8, "n%03u", k);
            e[count++] = scan_file(names[k], 3, t->mtime[k]);
        }
    }
    do {
        size_t piece = rand_r(seed) % 3 == 0 ? count : (size_t)(rand_r(seed) % 20);

        l.count = piece < count ? piece : count;
        l.last = l.count == count;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        if (l.count > 0) {
            l.after = l.entries[l.count - 1].name;
        }
        l.first = false;
        l.entries += l.count;
        count -= l.count;
    } while (!l.last);
}

static void twin_check(struct fixture *f, const struct twin *t)
{
    struct buf want = {0};

    for (unsigned i = 0; i < TWIN_NAMES; i++) {
        if (t->there[i]) {
            assert_int_equal(
                buf_printf(&want, "1/n%03u t2 s3 c0 %s;", i, t->sent[i] ? "sentE" : "unsent"), OK);
        }
    }
    assert_int_equal(buf_append_byte(&want, 0), OK);
    scan_expect(f, (const char *)want.ptr);
    buf_clear(&want);
}

static void random_changes_match_the_twin(void **state)
{
    struct fixture *f = *state;
    struct twin t = {0};
    unsigned seed = 1;
    char name[8];

    for (int round = 0; round < TWIN_ROUNDS; round++) {
        unsigned k = (unsigned)rand_r(&seed) % TWIN_NAMES;

        twin_mutate(&t, &seed);
        scan_begin(f);
        twin_put(f, &t, &seed);
        scan_end(f);
        twin_check(f, &t);
        if (t.there[k]) {
            struct store_entry e;

            (void)snprintf(name, 8, "n%03u", k);
            e = scan_file(name, 3, t.mtime[k]);
            scan_send(f, 1, &e, "E");
            t.sent[k] = true;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            random_changes_match_the_twin, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
