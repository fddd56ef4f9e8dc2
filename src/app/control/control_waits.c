/* The defaults: where a flow has its own, all is 0. */
#include "app/control/control_waits.h"

void control_waits_default(struct control_waits *waits)
{
    *waits = (struct control_waits){.confirm_ms = {0}};
    news_settings_default(&waits->news);
}
