/* An event as the user sees it. */
#ifndef APP_CONTROL_EVENT_VIEW_H
#define APP_CONTROL_EVENT_VIEW_H

#include <jansson.h>

#include "io/store/store_event.h"

/* Event of docs/openapi.yaml: new, NULL without memory. */
json_t *event_view(const struct store_event *event);

#endif
