/* A whole small world for tests of the flows, in one process: a news server on a thread of its own,
 * a network loop, the worker pool, a catalogue in a temporary folder. Calls run the home loop until
 * the flow is done; a flow that hangs fails the test by ctest's own timeout. */
#ifndef TESTS_FLOW_WORLD_H
#define TESTS_FLOW_WORLD_H

#include "app/newsd/newsd.h"
#include "flow/index/index.h"
#include "flow/publish/publish.h"
#include "flow/restore/listing.h"
#include "flow/restore/restore.h"

enum { WORLD_TEXT_MAX = 256, WORLD_PATH_MAX = 512, WORLD_CONNECTIONS = 4 };

struct world {
    char dir[WORLD_PATH_MAX];    /* temporary; removed by world_close() */
    char source[WORLD_PATH_MAX]; /* dir/source: an empty folder to begin with */
    struct loop *home, *net, *server;
    struct workers *workers;
    struct store *store;
    struct news *news;
    struct newsd *newsd;
    int64_t share;
    struct restore_key key;
    /* how to publish: as publish_options has them */
    unsigned redundancy, volume_k;
    size_t lost_batch;
    uint64_t early_ms[PUBLISH_CONFIRM_ROUNDS];
    size_t early_batch;
    const char *watch; /* count the events that say this; NULL: none */
    unsigned watched;
    /* how to restore: does the reader remember what it saw; which version, 0: the newest */
    bool remembers;
    uint64_t version;
    /* what the last flow said */
    enum err err;
    char text[WORLD_TEXT_MAX];
    struct store_scan_counts scanned;
    struct publish_result published;
    struct restore_result restored;
    struct progress progress;
    unsigned events;
    char last_event[WORLD_TEXT_MAX];
};

void world_open(struct world *w);
void world_close(struct world *w);

/* cmocka's set-up and tear-down: an open world with a share; *state is a struct world. */
int world_setup(void **state);
int world_teardown(void **state);

/* Make a share of w->source with fixed test secrets. */
void world_make_share(struct world *w);

/* Scan and publish w->share; the errors are returned. */
enum err world_scan(struct world *w);
enum err world_publish(struct world *w);

/* Scan and publish must be OK. */
void world_share(struct world *w);

/* Restore into dir/NAME; `only` may be NULL. */
enum err world_restore(struct world *w, const char *name, const char *only);

/* Run the home loop for `ms`: for cancelling in the middle. */
void world_run(struct world *w, unsigned ms);

/* From now on reach the news server by this port of 127.0.0.1: a relay's. */
void world_use_port(struct world *w, uint16_t port);

/* Begin publishing without waiting; *publish as publish_start() gives it. */
void world_publish_begin(struct world *w, struct publish **publish);

/* Stop and start the catalogue and everything above it, as a new process would. */
void world_restart(struct world *w);

/* Write `len` bytes made from `seed` to dir/source/NAME (folders are made). Seed 0: text that
 * compresses. */
void world_file(struct world *w, const char *name, uint64_t len, unsigned seed);

/* Are the trees below dir/A and dir/B the same: types, bytes, modes, mtimes, targets? Says what
 * differs. */
int world_same(struct world *w, const char *a, const char *b);

/* The files of the server's spool that hold articles, as paths; the callback may remove them.
 * Returns how many. */
size_t world_articles(struct world *w, void (*each)(void *arg, const char *path), void *arg);

#endif
