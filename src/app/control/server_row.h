/* A news server between requests, the catalogue, and eyes. Never with its password. */
#ifndef APP_CONTROL_SERVER_ROW_H
#define APP_CONTROL_SERVER_ROW_H

#include "app/control/servers.h"

enum { SERVER_ROW_NO_ORDER = -1000 };

/* Read what a request says of a server, its position SERVER_ROW_NO_ORDER where that is not said;
 * the texts of *row are borrowed from it. The sentence that says what is wrong, or NULL. */
const char *server_row_parse(const json_t *args, struct store_provider *row);

/* The request's password, borrowed, "" when it has none; NULL: it cannot be one. */
const char *server_row_password(const json_t *args);

/* The row of server `name` as a request would say it, new. ERR_NO_ROW: there is none. */
MUST_USE enum err server_row_load(struct control *control, const char *name, json_t **settings);

/* Server of docs/openapi.yaml, with counters and connections, of all servers in their order or of
 * `name` alone: a list, new; NULL when the catalogue cannot be read. */
json_t *server_row_view(struct control *control, const char *name);

/* What the connections do just now: a list for each server, by its place; NULL without memory. */
json_t *server_row_links(struct control *control);

#endif
