/* Which rates hold at which hours of the week. Pure: day and minute are arguments. */
#ifndef APP_CONTROL_TIMETABLE_H
#define APP_CONTROL_TIMETABLE_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

enum { TIMETABLE_MAX = 50, TIMETABLE_DAY = 24 * 60, TIMETABLE_PAUSE = -1 };

struct timetable_row {
    unsigned days;    /* bits 1 (Monday) to 7 (Sunday): those on which it begins */
    int from, to;     /* minutes of the day; to <= from: into the next day */
    int64_t up, down; /* bytes a second; 0: no limit; TIMETABLE_PAUSE: nothing is sent or fetched */
};

struct timetable {
    size_t count;
    struct timetable_row rows[TIMETABLE_MAX];
};

/* Read what docs/openapi.yaml calls a list of TimetableRow. ERR_BAD_REQUEST: it is none. */
MUST_USE enum err timetable_read(const json_t *list, struct timetable *timetable);

/* The first row that holds on day 1 (Monday) to 7 at `minute` of the day; NULL: none does. */
const struct timetable_row *timetable_at(const struct timetable *timetable, int day, int minute);

#endif
