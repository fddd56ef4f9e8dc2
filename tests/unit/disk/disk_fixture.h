/* A temporary folder for the tests of this room, and a way to be a plain user. */
#ifndef TESTS_DISK_FIXTURE_H
#define TESTS_DISK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bytes.h"

struct fixture {
    char dir[64];
};

/* cmocka's setup and teardown; *state is a struct fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* dir/name, in one of some static buffers. */
const char *fixture_path(struct fixture *f, const char *name);

void fixture_write(struct fixture *f, const char *name, const char *text);

/* Is the file there with exactly this text? */
int fixture_holds(struct fixture *f, const char *name, const char *text);

/* Run check(f) in a child: its return value, or 200 if it died. */
int fixture_in_child(struct fixture *f, int (*check)(struct fixture *f));

/* The same as the user nobody, if we are root. */
int fixture_as_nobody(struct fixture *f, int (*check)(struct fixture *f));

/* The same where the kernel answers openat2 with ENOSYS. */
int fixture_without_openat2(struct fixture *f, int (*check)(struct fixture *f));

#endif
