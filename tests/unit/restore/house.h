/* A small share with one of everything, for tests that restore it more than once: a big file with a
 * hole, files in a pack and in the head, an empty one, a symlink, a second name, a folder. */
#ifndef TESTS_UNIT_RESTORE_HOUSE_H
#define TESTS_UNIT_RESTORE_HOUSE_H

#include "restore_rig.h"

enum { BIG_BLOCKS = 3 }; /* full ones in "big", the second of zeros */

struct house {
    struct rig rig;
    struct buf big; /* the bytes of "big" */
};

/* cmocka's set-up and tear-down; *state is a struct house. */
int house_setup(void **state);
int house_teardown(void **state);

/* How often data segments were asked for in all. */
unsigned house_data_asked(struct rig *rig);

/* Is everything there as it was published, and nothing else? */
void house_assert_whole(struct house *h);

/* target/path, as text. */
void house_full(struct rig *rig, const char *path, char out[256]);

#endif
