/* Dying by SIGKILL: nothing is flushed, closed or said. */
#include "base/crash_point.h"

#ifdef CRASH_POINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void crash_point(const char *name)
{
    static atomic_ulong passed;
    const char *want = getenv("USENETSYNC_CRASH_POINT");
    size_t len = strlen(name);
    unsigned long turn = 1;

    if (want == NULL || strncmp(want, name, len) != 0 || (want[len] != '\0' && want[len] != '@')) {
        return;
    }
    if (want[len] == '@') {
        turn = strtoul(want + len + 1, NULL, 10);
    }
    if (atomic_fetch_add(&passed, 1) + 1 == turn) {
        (void)raise(SIGKILL);
    }
}

#endif
