/* Published shares of ours are looked after: each is checked from time to time, what it lost is
 * posted again, and its head is kept where readers look. By jobs, like all that is done. */
#ifndef APP_CONTROL_CARE_H
#define APP_CONTROL_CARE_H

#include "app/control/control_own.h"

/* Begin, and end. */
MUST_USE enum err care_new(struct control *control);
void care_free(struct control *control);

/* Something may be due earlier than was thought: look soon. */
void care_look(struct control *control);

/* A check of a share of ours has ended: it is noted, and the next one planned. */
void care_checked(struct control *control, int64_t share);

/* Have a heal job for the share, if none is unfinished; its number. */
MUST_USE enum err care_heal(struct control *control, int64_t share, int64_t *job);

#endif
