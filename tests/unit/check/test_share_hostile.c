/* Shares whose author means harm, checked and exported: whatever is in them, both come to an end or
 * give way when told to, and nothing but volumes is written. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/check/share_check.h"
#include "flow/check/share_export.h"
#include "hostile.h"
#include "restore_rig.h"

enum { ENDLESS_MS = 300 };

struct trial {
    struct rig rig;
    const struct hostile_kind *kind;
    enum err err;
    struct share_check_result checked;
    struct share_export_result exported;
    uint64_t volumes, files;
};

static struct restore_env env_of(const struct trial *t)
{
    return (struct restore_env){
        .loop = t->rig.loop,
        .workers = t->rig.workers,
        .news = t->rig.news,
        .scratch = bytes_str(t->rig.root),
    };
}

static void ended(struct trial *t, enum err err)
{
    t->rig.calls++;
    t->err = err;
    loop_stop(t->rig.loop);
}

static void on_volume(void *arg, const struct check_volume *v)
{
    struct trial *t = arg;

    t->volumes++;
    assert_true(v->missing_data <= v->k && v->missing_parity <= v->m);
    assert_true(v->damaged + v->unknown <= v->k + v->m);
}

static void on_file(void *arg, struct bytes path, uint64_t size)
{
    struct trial *t = arg;

    assert_true(path.len > 0 && size > 0);
    t->files++;
}

static void on_checked(void *arg, enum err err, const struct share_check_result *result)
{
    struct trial *t = arg;

    t->checked = *result;
    ended(t, err);
}

static void on_exported(void *arg, enum err err, const struct share_export_result *result)
{
    struct trial *t = arg;

    t->exported = *result;
    ended(t, err);
}

/* Wait for the end; what may take for ever is told to stop. */
static bool wait_for(struct trial *t)
{
    if ((t->kind->want & ENDLESS) == 0) {
        rig_run(&t->rig);
    } else {
        rig_pass(&t->rig, ENDLESS_MS);
    }
    return t->rig.calls > 0;
}

static void run_check(struct trial *t)
{
    struct share_check_options options = {
        .env = env_of(t), .key = t->rig.maker->link, .depth = CHECK_DEEP};
    struct share_check_listener listener = {on_volume, on_file, on_checked, t};
    struct share_check *c;

    t->rig.calls = 0;
    t->volumes = 0;
    t->files = 0;
    assert_int_equal(share_check_start(&options, &listener, &c), OK);
    if (!wait_for(t)) {
        assert_true((t->kind->want & ENDLESS) != 0);
        share_check_cancel(c);
        rig_pass(&t->rig, 1);
        return;
    }
    assert_int_equal(t->rig.calls, 1);
    if (t->err == OK) {
        assert_int_equal(t->checked.volumes, t->volumes);
        assert_int_equal(t->checked.lost_files, t->files);
    }
}

static void run_export(struct trial *t)
{
    struct share_export_options options = {.env = env_of(t), .key = t->rig.maker->link};
    struct share_export *e;

    options.target = bytes_str(t->rig.target);
    t->rig.calls = 0;
    assert_int_equal(share_export_start(&options, on_exported, t, &e), OK);
    if (!wait_for(t)) {
        assert_true((t->kind->want & ENDLESS) != 0);
        share_export_cancel(e);
        rig_pass(&t->rig, 1);
    }
}

/* Nothing lies in the target but volumes; it may not be there at all. */
static void assert_volumes_only(const struct trial *t)
{
    DIR *dir = opendir(t->rig.target);
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.' && strncmp(entry->d_name, "volume-", 7) != 0) {
            fail_msg("%s: the target holds \"%s\"", t->kind->name, entry->d_name);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* As it is; then with its data gone, so that files are looked for. */
static void try_kind(const struct hostile_kind *kind)
{
    struct trial *t = calloc(1, sizeof(*t));
    const struct maker_volume *data;

    assert_non_null(t);
    t->kind = kind;
    rig_init(&t->rig);
    t->rig.totals = RIG_TOTALS_LIE;
    hostile_publish(t->rig.maker, kind);
    if (kind->place != HOSTILE_NAME && kind->place != HOSTILE_RECORD) { /* the tree, below */
        run_check(t);
        run_export(t);
        assert_volumes_only(t);
    }
    data = &t->rig.maker->data;
    for (uint32_t i = 0; i < data->count; i++) {
        server_vanish(&t->rig.server, data->ids[i], 0);
    }
    run_check(t);
    run_export(t);
    assert_volumes_only(t);
    rig_clear(&t->rig);
    free(t);
}

static void try_table(const struct hostile_kind *(*table)(size_t *count))
{
    size_t count;
    const struct hostile_kind *kinds = table(&count);

    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        try_kind(&kinds[i]);
    }
}

static void files_that_lie(void **state)
{
    (void)state;
    try_table(hostile_files);
}

static void tables_that_lie(void **state)
{
    (void)state;
    try_table(hostile_tables);
}

static void names_that_lie(void **state)
{
    (void)state;
    try_table(hostile_names);
}

static void shares_that_are_made(void **state)
{
    (void)state;
    try_table(hostile_made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_lie),
        cmocka_unit_test(tables_that_lie),
        cmocka_unit_test(names_that_lie),
        cmocka_unit_test(shares_that_are_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
