/* A catalogue that may be damaged: is it, and what can still be read of it. */
#ifndef IO_STORE_STORE_RESCUE_H
#define IO_STORE_STORE_RESCUE_H

#include <stdatomic.h>

#include "io/store/store_provider.h"
#include "io/store/store_share.h"

/* Read the whole file at `path` and look whether it is sound, beside whoever uses it; slow when it
 * is large. *stop not 0 (from any thread) ends it with ERR_CANCELLED. ERR_STORE_CORRUPT: it is
 * damaged. */
MUST_USE enum err store_check(const char *path, const atomic_int *stop);

enum { STORE_RESCUE_PATHS_MAX = 10000 };

/* What was found. Anything but OK ends the rescue with that error. `settings` may be empty. */
struct store_rescue {
    enum err (*share)(void *arg, const struct store_share *share, const struct store_path *paths,
        size_t path_count, const struct store_settings *settings);
    store_provider_fn provider;
    void *arg;
};

/* Read shares (keys, title, version) with their paths, and news servers, out of the catalogue file
 * at `path`, which is not changed. What cannot be read is left out; OK says nothing about how much
 * that was. */
MUST_USE enum err store_rescue(const char *path, const struct store_rescue *rescue);

#endif
