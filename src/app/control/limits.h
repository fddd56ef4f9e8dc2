/* Limits in force: those of the settings, or of the timetable's row that holds now. */
#ifndef APP_CONTROL_LIMITS_H
#define APP_CONTROL_LIMITS_H

#include "app/control/control_own.h"

/* Begin to look at the clock once a minute; and end. */
MUST_USE enum err limits_new(struct control *control);
void limits_free(struct control *control);

/* The settings changed: they hold from now on. */
void limits_apply(struct control *control);

/* What holds now; -1 of a rate: nothing is sent or fetched. */
struct limits_now {
    int64_t up, down;    /* bytes a second, 0: no limit */
    bool from_timetable; /* a row of the timetable holds */
};
struct limits_now limits_now(const struct control *control);

/* Bytes of memory that a job may use for articles under way; 0: its own default.
 */
size_t limits_window(const struct control *control);

#endif
