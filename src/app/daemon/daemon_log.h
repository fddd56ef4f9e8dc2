/* The daemon's log in its state folder: daemon.log, and daemon.log.1 when that grew too large. */
#ifndef APP_DAEMON_DAEMON_LOG_H
#define APP_DAEMON_DAEMON_LOG_H

#include "base/err.h"

enum { DAEMON_LOG_MAX = 8 << 20 }; /* bytes of each of the two files */

/* From now on log_write() goes to the file in `folder`. Before other threads start. */
MUST_USE enum err daemon_log_start(const char *folder);

/* Log to standard error instead, and close the file. */
void daemon_log_stop(void);

#endif
