/* Which versions can be found: rows newest first, gaps and forks told. */
#include "flow/restore/versions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restore_rig.h"

struct seen {
    struct rig *rig;
    char text[512]; /* "2 newest\n1 found\n" */
    enum err err;
    int ends;
};

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

static void on_row(void *arg, const struct versions_row *row)
{
    static const char *const names[] = {"newest", "found", "missing", "forked"};
    struct seen *seen = arg;
    size_t len = strlen(seen->text);

    (void)snprintf(seen->text + len, sizeof(seen->text) - len, "%llu %s %llu\n",
        (unsigned long long)row->n, names[row->state], (unsigned long long)row->bytes);
    assert_int_equal(row->created, row->state == VERSIONS_MISSING ? 0 : 1700000000);
}

static void on_done(void *arg, enum err err, const char *text)
{
    struct seen *seen = arg;

    assert_non_null(text);
    seen->err = err;
    seen->ends++;
    loop_stop(seen->rig->loop);
}

static struct versions *begin(struct rig *rig, struct seen *seen)
{
    struct versions *versions = NULL;

    *seen = (struct seen){.rig = rig};
    assert_int_equal(versions_start(
                         &(struct versions_options){
                             .env = {.loop = rig->loop, .workers = rig->workers, .news = rig->news},
                             .key = rig->maker->link,
                         },
                         on_row, on_done, seen, &versions),
        OK);
    return versions;
}

/* Version n has n bytes; a fork's `prev` names a head that nobody has. */
struct made {
    uint64_t n;
    enum { FOLLOWS, FORKS } prev;
};

static void make(struct rig *rig, const struct made *made, size_t count)
{
    struct maker *m = rig->maker;
    uint8_t hash[KEY_LEN] = {0};

    for (size_t i = 0; i < count; i++) {
        maker_restart(m);
        m->head.n = made[i].n;
        memcpy(m->head.prev, hash, sizeof(hash));
        m->head.prev[0] ^= made[i].prev == FORKS;
        m->head.bytes = 0;
        m->head.files = 0;
        maker_inline_file(
            m, MAKER_TOP, "f", bytes_at((const uint8_t *)"a long enough text", made[i].n));
        maker_post(m);
        maker_post_head(m, SEAL_BY_VERSION, made[i].n, 0, 3);
        assert_int_equal(seal_head_hash(m->sealer, m->keys.ck, head_core(m->payload), hash), OK);
    }
    maker_post_head(m, SEAL_BY_DAY, m->alive_day, 0, 3);
}

struct row {
    const char *name;
    struct made made[4];
    size_t count;
    enum err err;
    const char *text;
};

static const struct row rows[] = {
    {"none", {{0, FOLLOWS}}, 0, ERR_SHARE_NOT_FOUND, ""},
    {"the first", {{1, FOLLOWS}}, 1, OK, "1 newest 1\n"},
    {"three", {{1, FOLLOWS}, {2, FOLLOWS}, {3, FOLLOWS}}, 3, OK,
        "3 newest 3\n2 found 2\n1 found 1\n"},
    {"one is gone", {{1, FOLLOWS}, {3, FORKS}}, 2, OK, "3 newest 3\n2 missing 0\n1 found 1\n"},
    {"a fork", {{1, FOLLOWS}, {2, FORKS}}, 2, OK, "2 newest 2\n1 forked 1\n"},
    {"old ones are gone", {{11, FOLLOWS}}, 1, OK,
        "11 newest 11\n10 missing 0\n9 missing 0\n8 missing 0\n7 missing 0\n6 missing 0\n"
        "5 missing 0\n4 missing 0\n3 missing 0\n"},
};

static void rows_tell_what_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen seen;
        void *inner = NULL;
        struct rig *rig;

        (void)setup(&inner);
        rig = inner;
        if (rows[i].count > 0) {
            make(rig, rows[i].made, rows[i].count);
        }
        (void)begin(rig, &seen);
        loop_run(rig->loop);
        if (seen.err != rows[i].err || strcmp(seen.text, rows[i].text) != 0 || seen.ends != 1) {
            fail_msg("%s: %s:\n%s", rows[i].name, err_name(seen.err), seen.text);
        }
        (void)teardown(&inner);
    }
}

static void cancelled_any_time(void **state)
{
    static const struct made three[] = {{1, FOLLOWS}, {2, FOLLOWS}, {3, FOLLOWS}};
    struct rig *rig = *state;
    struct seen seen = {0};

    make(rig, three, 3);
    for (uint64_t ms = 0; ms < 30 && seen.ends == 0; ms++) {
        struct versions *versions = begin(rig, &seen);

        rig_pass(rig, ms);
        if (seen.ends == 0) {
            versions_cancel(versions);
        }
    }
    rig_pass(rig, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_tell_what_is_there),
        cmocka_unit_test_setup_teardown(cancelled_any_time, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
