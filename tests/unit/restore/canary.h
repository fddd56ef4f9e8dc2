/* A folder beside the target that must not change, whatever a share says. */
#ifndef TESTS_UNIT_RESTORE_CANARY_H
#define TESTS_UNIT_RESTORE_CANARY_H

#include "restore_rig.h"

/* Make root/canary, with a file in it. */
void canary_make(struct rig *rig);

/* Is the canary what it was, and nothing new beside the target? */
bool canary_sings(struct rig *rig);

/* How many entries below the target have more rights than they may, or a type that they may not. */
size_t canary_strangers(struct rig *rig);

#endif
