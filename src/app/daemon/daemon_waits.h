/* The [waits] of daemon.ini: how patient the daemon is with servers. */
#ifndef APP_DAEMON_DAEMON_WAITS_H
#define APP_DAEMON_DAEMON_WAITS_H

#include "app/control/control_waits.h"

/* Take one line of the section. NULL: it was taken; else a sentence that says what is wrong, which
 * lives for ever. */
const char *daemon_waits_take(struct control_waits *waits, const char *name, const char *value);

#endif
