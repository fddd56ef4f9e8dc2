/* One entry of a folder of this machine, as the page shows it. Blocking: for clerks. */
#ifndef APP_CONTROL_FOLDER_ITEM_H
#define APP_CONTROL_FOLDER_ITEM_H

#include <jansson.h>

#include "io/disk/disk_browse.h"
#include "io/store/store_share.h"

struct folder_eye {
    struct disk_names *names;
    struct bytes path; /* of the folder, resolved */
    struct store *store;
};

/* What the entry `name` is, as FolderItem in docs/openapi.yaml: new; NULL: it vanished, or there is
 * no memory. `stat` (may be NULL) is filled. */
json_t *folder_item_json(const struct folder_eye *eye, struct bytes name, struct disk_stat *stat);

#endif
