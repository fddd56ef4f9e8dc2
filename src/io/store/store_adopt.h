/* Taking over a share that was published before this catalogue knew it: after the catalogue was
 * lost, its published state is read back from the news server and written down here. Every call may
 * be made again with the same values. */
#ifndef IO_STORE_STORE_ADOPT_H
#define IO_STORE_STORE_ADOPT_H

#include "io/store/store_volume.h"

/* Where the numbering of a share (which is `adopting`) goes on: no volume and no folder that it
 * makes from now on gets a lower number. Sets the title too. Durable on return. */
struct store_adopt {
    const char *title;
    uint32_t next_volume;
    uint64_t next_folder;
};
MUST_USE enum err store_adopt_begin(
    struct store *store, int64_t share, const struct store_adopt *numbers);

/* Keep a volume that a published head lists, with all its columns. ERR_EXISTS: another volume has
 * this number. */
MUST_USE enum err store_adopt_volume(
    struct store *store, int64_t share, const struct store_volume *volume);

/* Keep a folder of the published listing, so that it has the same number when a scan finds it again
 * (`folder`, `name`, `mode`, `mtime_ns`, `child`). Its contents are not known by that. */
MUST_USE enum err store_adopt_folder(
    struct store *store, int64_t share, const struct store_entry *entry);

/* All of it is here. Durable on return. */
MUST_USE enum err store_adopt_end(struct store *store, int64_t share);

#endif
