/* In place of the packed page, where it could not be built: no files. */
#include "app/web/web_page.h"

const struct web_asset web_assets[] = {
    {NULL, NULL, NULL, {NULL, 0}, {NULL, 0}, {NULL, 0}},
};
