/* Looking up the page's files. */
#include "app/web/web_page.h"

#include <string.h>
#include <strings.h>

const struct web_asset *web_page_find(const char *path)
{
    for (const struct web_asset *asset = web_assets; asset->path != NULL; asset++) {
        if (strcmp(asset->path, path) == 0) {
            return asset;
        }
    }
    return NULL;
}

/* "gzip, deflate, br;q=0": is `name` there, and not with a weight of nothing? */
static bool is_accepted(const char *accepts, const char *name)
{
    size_t len = strlen(name);

    while (*accepts != '\0') {
        size_t word;

        accepts += strspn(accepts, " ,");
        word = strcspn(accepts, ",");
        if (word >= len && strncasecmp(accepts, name, len) == 0 &&
            (word == len || strchr(" ;", accepts[len]) != NULL)) {
            const char *weight = memmem(accepts, word, "q=0", 3);

            return weight == NULL || strspn(weight + 2, "0.") != strcspn(weight + 2, ", ;");
        }
        accepts += word;
    }
    return false;
}

struct bytes web_page_form(
    const struct web_asset *asset, const char *accepts, const char **encoding)
{
    if (asset->brotli.len > 0 && is_accepted(accepts, "br")) {
        *encoding = "br";
        return asset->brotli;
    }
    if (asset->gzip.len > 0 && is_accepted(accepts, "gzip")) {
        *encoding = "gzip";
        return asset->gzip;
    }
    *encoding = NULL;
    return asset->plain;
}
