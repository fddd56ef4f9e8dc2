/* The defaults: where a flow has its own, all is 0. */
#include "app/control/control_waits.h"

#define DAYS(n) ((uint64_t)(n)*24 * 60 * 60 * 1000)

void control_waits_default(struct control_waits *waits)
{
    *waits = (struct control_waits){.check_ms = {DAYS(1), DAYS(7), DAYS(30)}, .alive_ms = DAYS(7)};
    news_settings_default(&waits->news);
}
