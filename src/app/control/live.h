/* The room's side of control_live.h: what it remembers between two looks. */
#ifndef APP_CONTROL_LIVE_H
#define APP_CONTROL_LIVE_H

#include "app/control/control_own.h"

MUST_USE enum err live_new(struct control *control);
void live_free(struct control *control);

/* A job ended or was put aside: `row` (taken over) is what the user sees of it, for a minute. */
void live_job_ended(struct control *control, int64_t id, json_t *row);

#endif
