/* A catalogue in a temporary folder. */
#include "store_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct store_share share = {.title = "a title", .created = 7};
    struct store_path path = {bytes_str("/some/folder"), {0}};

    assert_non_null(f);
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/test_store.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof(f->path), "%s/catalogue", f->dir);
    assert_int_equal(store_open(f->path, &f->store), OK);
    memset(share.write_seed, 0x11, sizeof(share.write_seed));
    memset(share.link_secret, 0x22, sizeof(share.link_secret));
    assert_int_equal(store_share_add(f->store, &share, &path, 1, &f->share), OK);
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    char command[100];

    store_close(f->store);
    (void)snprintf(command, sizeof(command), "rm -rf %s", f->dir);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

void fixture_reopen(struct fixture *f)
{
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(store_open(f->path, &f->store), OK);
}

void fixture_sql(struct fixture *f, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
