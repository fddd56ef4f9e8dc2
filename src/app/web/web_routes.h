/* What this room answers itself: the page's files, sessions, health, metrics. */
#ifndef APP_WEB_WEB_ROUTES_H
#define APP_WEB_WEB_ROUTES_H

#include "app/web/web_request.h"

/* Does the head alone say that the answer will be no? Then request->refused is set. */
void web_routes_check(struct web_request *request, const struct web_head *head);

/* Answer the request if it is for this room. False: it is for control. */
bool web_routes_answer(struct web_request *request);

/* Is this a path of the page itself? */
bool web_routes_is_page(const char *path);

/* Remove the file that leads to a login link, when none is good any more; else look again later.
 * `arg` is the struct web. */
void web_routes_tidy(void *arg);

#endif
