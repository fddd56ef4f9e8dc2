/* The page's files, as they were built and packed into the program. */
#ifndef APP_WEB_WEB_PAGE_H
#define APP_WEB_WEB_PAGE_H

#include "base/bytes.h"

struct web_asset {
    const char *path; /* "/app.js"; NULL ends the table */
    const char *type;
    const char *etag;                 /* with its quotation marks */
    struct bytes plain, gzip, brotli; /* empty: not packed this way */
};

/* The table is made by cmake/pack_page.mjs; cmake/no_page.c.in is what stands there when the
 * program is built without the page. */
extern const struct web_asset web_assets[];

/* The file at `path`, "/" being the first one's; NULL: there is none. */
const struct web_asset *web_page_find(const char *path);

/* The best form of a file for somebody who sent Accept-Encoding `accepts`: its bytes; *encoding is
 * its name, NULL for the plain form. */
struct bytes web_page_form(
    const struct web_asset *asset, const char *accepts, const char **encoding);

#endif
