/* A share of ours as JSON: Share and ShareDetail of docs/openapi.yaml. Never with a key. */
#ifndef APP_CONTROL_SHARE_VIEW_H
#define APP_CONTROL_SHARE_VIEW_H

#include "app/control/control_own.h"
#include "io/store/store_share.h"

/* A row of the list: new, NULL without memory. Asks the catalogue: not inside one of its calls. */
json_t *share_view_row(struct control *control, const struct store_share *share);

/* With paths and what holds for its next version. */
json_t *share_view_detail(struct control *control, const struct store_share *share);

/* A list of its paths, as they were given; NULL when they cannot be read. */
json_t *share_view_paths(struct control *control, int64_t share);

#endif
