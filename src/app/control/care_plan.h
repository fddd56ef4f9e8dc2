/* When a published share is looked at next. Pure: all times are arguments, in unix seconds. */
#ifndef APP_CONTROL_CARE_PLAN_H
#define APP_CONTROL_CARE_PLAN_H

#include <stdint.h>

#include "app/control/control_waits.h"
#include "io/store/store_care.h"

/* When to check a share next; of `care` that takes published, checked_at and check_after.
 * INT64_MAX: never. */
int64_t care_plan_check(const struct control_waits *waits, const struct store_care *care);

/* When to post its head again, which was posted at `last`. */
int64_t care_plan_alive(const struct control_waits *waits, int64_t last);

#endif
