/* "paths", "ignore" ... of somebody who has not decided yet, as a clerk needs them: own copies. */
#ifndef APP_CONTROL_LOOK_ARGS_H
#define APP_CONTROL_LOOK_ARGS_H

#include "app/control/roots.h"
#include "flow/index/index_look.h"

struct look_args {
    json_t *paths; /* as given */
    struct buf ignore;
    bool one_file_system;
    char *state; /* our own folder, left out */
    struct roots_ask ask;
};

/* Copy from the call's arguments. Call look_args_clear() whatever it returns. */
MUST_USE enum err look_args_init(struct look_args *args, const struct control_call *call);
void look_args_clear(struct look_args *args);

/* On a clerk: resolve the paths, look whether they may be used, and begin. On error `text` is the
 * sentence, or "". *share is the share made of exactly these paths, 0: none. */
MUST_USE enum err look_args_open(const struct look_args *args, struct store *store,
    struct index_look **look, int64_t *share, char text[1024]);

#endif
