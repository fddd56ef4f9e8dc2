/* app/control in one process, for tests: a catalogue in a temporary folder, a loop, and calls that
 * run the loop until they are answered. */
#ifndef TESTS_FLOW_DESK_H
#define TESTS_FLOW_DESK_H

#include <jansson.h>
#include <stdbool.h>

#include "app/control/control.h"
#include "app/newsd/newsd.h"

enum { DESK_PATH_MAX = 512 };

struct desk {
    char dir[DESK_PATH_MAX];  /* temporary, removed at the end; dir/state is the state folder */
    char home[DESK_PATH_MAX]; /* dir/home: the user's own folder, empty to begin with */
    struct loop *loop, *net, *server;
    struct store *store;
    struct control *control;
    struct newsd *newsd; /* NULL before desk_newsd() */
    bool confined;       /* calls come over the page */
    /* of the last call */
    enum err err;
    char text[512];
    json_t *answer; /* owned by the desk until the next call; NULL: none */
    json_t *rows;   /* the same: an array */
};

/* cmocka's: *state is an open desk. */
int desk_setup(void **state);
int desk_teardown(void **state);

/* Stop and start control, as a new daemon would; `how` it went. */
enum desk_end { DESK_STOPPED, DESK_KILLED };
void desk_restart(struct desk *d, enum desk_end how);

/* Ask; arguments as json_pack() has them, the object is taken over (NULL: none). The error. */
enum err desk_ask(struct desk *d, const char *method, const char *path, json_t *args);

/* The same; it must be OK. */
const json_t *desk_get(struct desk *d, const char *path, json_t *args);
const json_t *desk_post(struct desk *d, const char *path, json_t *args);

/* A news server on a thread of its own, and set up as "test". */
void desk_newsd(struct desk *d);

/* Turn the loop for `ms`. */
void desk_run(struct desk *d, unsigned ms);

/* Turn the loop until job `id` is in one of the states (words joined by '|'); its last JSON is
 * d->answer. */
const json_t *desk_job(struct desk *d, int64_t id, const char *states);

/* Make dir/home/NAME (and the folders before it) with `len` bytes; len -1: a folder. */
void desk_file(struct desk *d, const char *name, long len);

/* dir/home/NAME, in one of some static buffers. */
const char *desk_path(struct desk *d, const char *name);

#endif
