/* What is said before the daemon starts: daemon.ini in the state folder. All else is a setting that
 * can be changed while it runs. */
#ifndef APP_DAEMON_DAEMON_CONFIG_H
#define APP_DAEMON_DAEMON_CONFIG_H

#include "app/control/control_waits.h"
#include "app/web/web.h"

struct daemon_config {
    struct web_reach page;
    struct control_waits waits;
};

/* Read the file, if there is one. ERR_BAD_REQUEST: `text` says what is wrong in which line, or what
 * is missing for a page that other machines reach. */
enum { DAEMON_CONFIG_TEXT = 256 };
MUST_USE enum err daemon_config_read(
    const char *state, struct daemon_config *config, char text[DAEMON_CONFIG_TEXT]);

#endif
