/* Texts for strangers: what may be a name, a path, a host or a key becomes "...". Pure. */
#ifndef APP_CONTROL_SUPPORT_MASK_H
#define APP_CONTROL_SUPPORT_MASK_H

#include "base/bytes.h"

/* Append an event's text: only the program's own words and numbers are left of it, since any other
 * word may be a file's name. */
MUST_USE enum err support_mask_event(struct bytes text, struct buf *out);

/* Append a line of the log: words in small letters, numbers and errors' names; of KEY=VALUE the
 * key, and the value where it is a number or an error's name; nothing of what is quoted. */
MUST_USE enum err support_mask_log(struct bytes line, struct buf *out);

#endif
