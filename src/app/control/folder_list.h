/* The names of one folder of this machine, sorted: what a page of it is cut from. Read once, it
 * serves the pages that follow. Blocking: for clerks. */
#ifndef APP_CONTROL_FOLDER_LIST_H
#define APP_CONTROL_FOLDER_LIST_H

#include "io/disk/disk_browse.h"

/* Of a larger folder only so many names behind the place asked for are held. */
enum { FOLDER_LIST_MAX = 500000, FOLDER_KEY_MAX = 1 + 255 };

enum folder_order { FOLDER_BY_TYPE /* folders first */, FOLDER_BY_NAME };

struct folder_wish {
    enum folder_order order;
    bool only_folders;
    bool hidden;      /* also names that begin with a dot */
    const char *find; /* only names that hold this, ASCII letters in any case; "": all */
};

struct folder_list;

/* Read the folder that `names` has open (from its beginning). Names not behind `after`, a key or
 * empty, may be left out. */
MUST_USE enum err folder_list_read(struct disk_names *names, const struct folder_wish *wish,
    struct bytes after, struct folder_list **list);
void folder_list_free(struct folder_list *list);

/* The same of a list that holds all of what `wish` asks for but for its `find`, without reading the
 * folder again. ERR_NO_ROW: `whole` begins or ends somewhere in the middle. */
MUST_USE enum err folder_list_narrow(
    const struct folder_list *whole, const struct folder_wish *wish, struct folder_list **list);

/* Is it still what the folder holds, and does it hold what stands behind `after`? */
bool folder_list_fits(
    const struct folder_list *list, const struct disk_stat *folder, struct bytes after);

/* How many names fit the wish, held or not; and bytes of memory. */
size_t folder_list_total(const struct folder_list *list);
size_t folder_list_size(const struct folder_list *list);

/* The index of the first name behind `after`; then name and type by index, false behind the last.
 */
size_t folder_list_find(const struct folder_list *list, struct bytes after);
bool folder_list_get(
    const struct folder_list *list, size_t i, struct bytes *name, enum disk_type *type);

/* Are there names from index `i` on, held or not? */
bool folder_list_more(const struct folder_list *list, size_t i);

/* The key of a name: its place in the order. */
size_t folder_key(const struct folder_wish *wish, struct bytes name, enum disk_type type,
    uint8_t key[FOLDER_KEY_MAX]);

/* "symlink", "other" ...; lives for ever. */
const char *folder_type_word(enum disk_type type);

#endif
