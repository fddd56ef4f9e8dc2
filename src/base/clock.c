/* The two clocks of the machine. */
#include "base/clock.h"

#include <time.h>

static const int64_t NS_PER_S = 1000000000;

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
    return (uint64_t)read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint32_t clock_utc_day(void)
{
    return (uint32_t)(clock_wall_ns() / NS_PER_S / 86400);
}
