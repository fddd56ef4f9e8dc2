/* Time. Codecs get times as arguments; io and flows read them here. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds that only move forward, from an unknown start. */
uint64_t clock_mono_ns(void);

/* Nanoseconds since 1970, UTC. */
int64_t clock_wall_ns(void);

/* Days since 1970-01-01, UTC: the day a head's day address is made from. */
uint32_t clock_utc_day(void);

#endif
