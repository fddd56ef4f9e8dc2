/* More than 300 kinds of hostile shares, each restored, listed and run dry beside a folder that
 * must not change: nothing is written outside the target, nothing crashes, memory stays bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canary.h"
#include "hostile.h"
#include "restore_rig.h"

enum {
    KINDS_MIN = 200,
    MEMORY_MAX_KB = 300 << 10, /* of which a window is 96 MB, zstd and pages some more */
    ENDLESS_MS = 300,
};

/* --- memory --- */

static void memory_reset(void)
{
    FILE *out = fopen("/proc/self/clear_refs", "w");

    if (out != NULL) {
        (void)fputs("5", out);
        (void)fclose(out);
    }
}

/* The peak since memory_reset(), in KiB. */
static long memory_peak(void)
{
    FILE *in = fopen("/proc/self/status", "r");
    char line[256];
    long peak = 0;

    assert_non_null(in);
    while (fgets(line, sizeof(line), in) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            peak = strtol(line + 6, NULL, 10);
        }
    }
    (void)fclose(in);
    return peak;
}

static bool memory_counts(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false; /* theirs is not ours */
#else
    return true;
#endif
}

/* --- one kind --- */

static unsigned outcome_of(enum err err)
{
    if (err == OK || err == ERR_IN_THE_WAY) {
        return HARMLESS;
    }
    switch (err_kind(err)) {
    case KIND_CORRUPT:
        return REFUSED;
    case KIND_MISSING:
        return MISSING;
    default:
        return err == ERR_TOO_NEW ? REFUSED : 0;
    }
}

/* It goes on and on, and gives way at once when it is told to. */
static void endless(struct rig *rig)
{
    struct restore *restore = rig_start(rig, NULL);

    rig_pass(rig, ENDLESS_MS);
    assert_int_equal(rig->calls, 0);
    restore_cancel(restore);
    rig_pass(rig, 1);
}

static const char *judge(struct rig *rig, const struct hostile_kind *kind)
{
    if (kind->want != ENDLESS && (outcome_of(rig->err) & kind->want) == 0) {
        return err_name(rig->err);
    }
    if (!canary_sings(rig)) {
        return "the canary is silent";
    }
    if (canary_strangers(rig) > 0) {
        return "the target holds what it may not";
    }
    if (memory_counts() && memory_peak() > MEMORY_MAX_KB) {
        return "too much memory";
    }
    return NULL;
}

/* Restore, list, and run dry, each into or beside what the one before left. */
static const char *try_kind(struct rig *rig, const struct hostile_kind *kind)
{
    const char *wrong;

    if (kind->want == ENDLESS) {
        endless(rig);
        return judge(rig, kind);
    }
    (void)rig_restore(rig, NULL);
    wrong = judge(rig, kind);
    if (wrong != NULL) {
        return wrong;
    }
    (void)rig_list(rig, "", LISTING_RECURSIVE);
    rig->conflict = RESTORE_REPLACE;
    (void)rig_restore(rig, NULL);
    wrong = judge(rig, kind);
    rig->dry_run = RESTORE_DRY_RUN;
    (void)rig_restore(rig, NULL);
    return canary_sings(rig) ? wrong : "the canary is silent after a dry run";
}

static unsigned run_kind(const struct hostile_kind *kind)
{
    struct rig *rig = malloc(sizeof(*rig));
    const char *wrong;

    assert_non_null(rig);
    memory_reset();
    rig_init(rig);
    rig->helper = NULL; /* hundreds of restores: what is judged is this side of it */
    rig->totals = RIG_TOTALS_LIE;
    canary_make(rig);
    hostile_publish(rig->maker, kind);
    wrong = try_kind(rig, kind);
    if (wrong != NULL) {
        print_error("%s: %s (wanted %u)\n", kind->name, wrong, kind->want);
    }
    rig_clear(rig);
    free(rig);
    return wrong != NULL;
}

static size_t tried;

static void run_table(const struct hostile_kind *(*table)(size_t *count))
{
    unsigned bad = 0;
    size_t count;
    const struct hostile_kind *kinds = table(&count);

    for (size_t i = 0; i < count; i++) {
        bad += run_kind(&kinds[i]);
    }
    tried += count;
    assert_int_equal(bad, 0);
}

static void files_that_lie(void **state)
{
    (void)state;
    run_table(hostile_files);
}

static void tables_that_lie(void **state)
{
    (void)state;
    run_table(hostile_tables);
}

static void names_that_lie(void **state)
{
    (void)state;
    run_table(hostile_names);
}

static void shares_that_are_made(void **state)
{
    (void)state;
    run_table(hostile_made);
}

static void enough_of_them(void **state)
{
    (void)state;
    print_message("%zu kinds\n", tried);
    assert_true(tried >= KINDS_MIN);
}

/* --- two versions: the first leaves a symlink where the second has a folder --- */

static void a_symlink_and_then_below_it(void **state)
{
    static const enum restore_conflict all[] = {
        RESTORE_KEEP_EXISTING, RESTORE_REPLACE, RESTORE_NEWER, RESTORE_RENAME, RESTORE_RESUME};

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct rig *rig = malloc(sizeof(*rig));
        struct maker *m;

        assert_non_null(rig);
        rig_init(rig);
        rig->helper = NULL; /* hundreds of restores: what is judged is this side of it */
        canary_make(rig);
        m = rig->maker;
        maker_symlink(m, MAKER_TOP, "d", "../canary");
        maker_symlink(m, MAKER_TOP, "f", "../canary/file");
        maker_publish(m);
        assert_int_equal(rig_restore(rig, NULL), OK);
        maker_restart(m);
        m->head.n = 2;
        m->head.symlinks = 0;
        (void)maker_folder(m, MAKER_TOP, "d", 0777);
        maker_inline_file(m, m->next_folder - 1, "file", bytes_str("written over it"));
        maker_inline_file(m, m->next_folder - 1, "new", bytes_str("beside it"));
        maker_inline_file(m, MAKER_TOP, "f", bytes_str("through it"));
        maker_publish(m);
        rig->conflict = all[i];
        (void)rig_restore(rig, NULL);
        assert_true(canary_sings(rig));
        assert_int_equal(rig->result.version, 2);
        rig_clear(rig);
        free(rig);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_lie),
        cmocka_unit_test(tables_that_lie),
        cmocka_unit_test(names_that_lie),
        cmocka_unit_test(shares_that_are_made),
        cmocka_unit_test(enough_of_them),
        cmocka_unit_test(a_symlink_and_then_below_it),
    };

    if (argc > 1) {
        cmocka_set_test_filter(argv[1]); /* one table alone */
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
