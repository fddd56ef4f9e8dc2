/* The live state as Prometheus reads it (text format 0.0.4). Pure. */
#ifndef APP_WEB_WEB_METRICS_H
#define APP_WEB_WEB_METRICS_H

#include <jansson.h>

#include "base/bytes.h"

/* Append the metrics of `live` (LiveState in docs/openapi.yaml); what it does not have is left out.
 */
MUST_USE enum err web_metrics_put(const json_t *live, struct buf *text);

#endif
