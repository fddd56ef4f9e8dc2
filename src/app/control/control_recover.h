/* The way out of a damaged catalogue, while no daemon runs: what can still be read of it begins a
 * new one, and jobs are queued that fetch the rest from the news servers. */
#ifndef APP_CONTROL_CONTROL_RECOVER_H
#define APP_CONTROL_CONTROL_RECOVER_H

#include <limits.h>

#include "base/err.h"

struct control_recovered {
    char aside[PATH_MAX]; /* where the damaged file is now; "": it is sound, nothing was done */
    unsigned shares;      /* whose keys could be read ... */
    unsigned published;   /* ... of these: with a job that takes them over */
    unsigned servers;     /* news servers */
};

/* The caller holds the lock on the state folder. ERR_NOT_FOUND: there is no catalogue. The damaged
 * file is never changed or deleted. */
MUST_USE enum err control_recover(const char *state, struct control_recovered *result);

#endif
