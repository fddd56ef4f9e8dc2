/* Is the catalogue sound? Asked once at the start, beside everything else. */
#ifndef APP_CONTROL_CONTROL_CHECK_H
#define APP_CONTROL_CONTROL_CHECK_H

#include "app/control/control_own.h"

/* Begin, on a thread of its own; control->damaged will say what came out. */
MUST_USE enum err control_check_start(struct control *control);

/* End it, done or not. */
void control_check_free(struct control *control);

#endif
