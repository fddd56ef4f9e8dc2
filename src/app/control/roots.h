/* Where the page may look on this machine. Blocking but for roots_ask_init(): for clerks. */
#ifndef APP_CONTROL_ROOTS_H
#define APP_CONTROL_ROOTS_H

#include "app/control/control_own.h"

/* What a clerk needs to know to judge a path: copies, its own. */
struct roots_ask {
    json_t *set; /* a list of names; NULL or null: nobody has set it, the defaults hold */
    char *home;
    bool confined; /* false: all of this machine may be looked at */
};

MUST_USE enum err roots_ask_init(struct roots_ask *ask, const struct control_call *call);
void roots_ask_clear(struct roots_ask *ask);

/* The roots as a list of names, new: those set, or the user's own folder and where disks are
 * mounted. NULL without memory. */
json_t *roots_list(const struct roots_ask *ask);

/* A path that may be looked at: its root with all symlinks resolved, and the rest below it. */
struct roots_place {
    struct buf root;
    struct buf rest; /* relative, "" for the root itself */
    struct buf real; /* both together */
};

/* Resolve `path` (absolute). ERR_OUTSIDE: it lies below no root. Else as disk_resolve(). Call
 * roots_place_clear() whatever it returns. */
MUST_USE enum err roots_enter(
    const struct roots_ask *ask, struct bytes path, struct roots_place *place);
void roots_place_clear(struct roots_place *place);

/* May `path` be used, which may not be there yet: does the nearest folder above it that is there
 * lie below a root? */
MUST_USE enum err roots_allow(const struct roots_ask *ask, struct bytes path);

/* The same for a call: what comes through the page is held to the roots, nothing else is. A few
 * look-ups, on the caller's thread. */
MUST_USE enum err roots_check(const struct control_call *call, struct bytes path);

#endif
