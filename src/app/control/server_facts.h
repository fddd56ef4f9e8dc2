/* What `server test` found out about a server, kept in its row: as bytes there, as JSON for eyes,
 * as quirks for the pool. */
#ifndef APP_CONTROL_SERVER_FACTS_H
#define APP_CONTROL_SERVER_FACTS_H

#include <jansson.h>

#include "io/news/news_test.h"

/* What a row keeps; `tested` in unix seconds. */
MUST_USE enum err server_facts_put(const struct news_facts *facts, int64_t tested, struct buf *out);

/* ServerFacts of docs/openapi.yaml, new; null where nothing is known (or it cannot be read). */
json_t *server_facts_json(struct bytes kept);

/* NEWS_QUIRK_... */
unsigned server_facts_quirks(struct bytes kept);

#endif
