/* What goes over the wire, second by second. */
#ifndef APP_CONTROL_RATES_H
#define APP_CONTROL_RATES_H

#include "app/control/control_own.h"

enum { RATES_KEPT = 900, RATES_NOW = 3 /* seconds that "now" is the average of */ };

MUST_USE enum err rates_new(struct control *control);
void rates_free(struct control *control);

/* Of the last RATES_NOW seconds, bytes a second. */
struct rates_now {
    int64_t up, down;
};
struct rates_now rates_now(const struct control *control);

/* Rates of docs/openapi.yaml: new, NULL without memory. */
json_t *rates_json(const struct control *control, size_t seconds);

/* So many bytes of articles were posted in so many milliseconds: kept for estimates, if they are
 * enough to say something. */
void rates_note_posting(struct control *control, uint64_t bytes, uint64_t ms);

/* How fast posting was at last, within the limit that is set; 0: never measured. */
int64_t rates_posting(const struct control *control);

#endif
