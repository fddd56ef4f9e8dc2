/* What a share leaves out, as it was asked for; kept with the share for its next versions. */
#ifndef APP_CONTROL_SHARE_SETTINGS_H
#define APP_CONTROL_SHARE_SETTINGS_H

#include <jansson.h>

#include "app/control/share_paths.h"
#include "io/store/store_share.h"

/* Is what `args` asks for sound? ERR_BAD_REQUEST: `text` says what is wrong. */
MUST_USE enum err share_settings_check(const json_t *args, char text[SHARE_PATHS_TEXT_MAX]);

/* Write what `args` asks for to the share; what it does not mention stays. `args` was checked. */
MUST_USE enum err share_settings_apply(struct store *store, int64_t share, const json_t *args);

#endif
