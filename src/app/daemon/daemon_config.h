/* What is said before the daemon starts: daemon.ini in the state folder. All else is a setting that
 * can be changed while it runs. */
#ifndef APP_DAEMON_DAEMON_CONFIG_H
#define APP_DAEMON_DAEMON_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/control/control_waits.h"
#include "base/err.h"

struct daemon_config {
    bool page;     /* serve the web page */
    uint16_t port; /* of it; 0: any that is free */
    struct control_waits waits;
};

/* Read the file, if there is one. ERR_BAD_REQUEST: `text` says what is wrong in which line. Also
 * when the page is to be reached from other machines: that would need encryption, which is not
 * there. */
enum { DAEMON_CONFIG_TEXT = 256 };
MUST_USE enum err daemon_config_read(
    const char *state, struct daemon_config *config, char text[DAEMON_CONFIG_TEXT]);

#endif
