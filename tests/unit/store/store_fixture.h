/* A catalogue in a temporary folder, for the tests of this room. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "io/store/store_share.h"

struct fixture {
    char dir[64];
    char path[96];
    struct store *store;
    int64_t share;   /* one share with one path, "/some/folder" */
    uint64_t ticket; /* of the scan begun last (scan_fixture.h) */
};

/* cmocka's setup and teardown; *state is a struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Close the catalogue and open it again. */
void fixture_reopen(struct fixture *f);

/* Run SQL behind the room's back. */
void fixture_sql(struct fixture *f, const char *sql);

#endif
