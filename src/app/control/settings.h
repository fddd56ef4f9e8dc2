/* What the daemon was told to keep to: limits, timetable, defaults, theme, roots. Kept in the
 * catalogue as the JSON object that docs/openapi.yaml calls Settings. */
#ifndef APP_CONTROL_SETTINGS_H
#define APP_CONTROL_SETTINGS_H

#include "app/control/control_own.h"
#include "app/control/timetable.h"

enum { SETTINGS_TEXT_MAX = 512 };

/* 0: none of ours. */
struct settings_limits {
    int64_t upload_rate, download_rate; /* bytes a second on the wire */
    int64_t connections, workers, nice, memory, jobs_at_once;
};

/* Read them from the catalogue; what was never set, or cannot be read, is as it was born. */
MUST_USE enum err settings_load(struct control *control);
void settings_free(struct control *control);

/* All of them, borrowed; "roots" is null while nobody has set it. */
const json_t *settings_document(const struct control *control);

/* Put what `change` holds over them, all or nothing. ERR_BAD_REQUEST: `text` says what is wrong. */
MUST_USE enum err settings_change(
    struct control *control, const json_t *change, char text[SETTINGS_TEXT_MAX]);

void settings_limits_get(const struct control *control, struct settings_limits *limits);
const struct timetable *settings_timetable(const struct control *control);

/* 5, 10 or 15 for "lean", "normal", "long-term"; 0 for anything else. And back. */
unsigned settings_redundancy_percent(const json_t *word);
const char *settings_redundancy_word(unsigned percent);

#endif
