/* The paths of a share: checked, made absolute, named. */
#ifndef APP_CONTROL_SHARE_PATHS_H
#define APP_CONTROL_SHARE_PATHS_H

#include <jansson.h>

#include "io/store/store_share.h"

enum { SHARE_PATHS_MAX = 10000, SHARE_PATHS_TEXT_MAX = 1024 };

struct share_paths {
    struct store_path *list; /* views of what `names` and `paths` own */
    struct buf *names, *paths;
    size_t count;
};

/* Resolve the paths in the JSON array `given`, look whether each can be read, and give each its
 * name at the top of the share: none for a single folder, else its base name, made unique. On error
 * `text` is the sentence. Call share_paths_clear() whatever it returns. */
MUST_USE enum err share_paths_init(
    struct share_paths *paths, const json_t *given, char text[SHARE_PATHS_TEXT_MAX]);

/* A title for these paths: valid UTF-8, at most STORE_TITLE_MAX bytes. */
void share_paths_title(const struct share_paths *paths, char title[STORE_TITLE_MAX + 1]);

void share_paths_clear(struct share_paths *paths);

#endif
