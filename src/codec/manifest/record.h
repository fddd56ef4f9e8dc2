/* Records: what the tree says about one entry of a folder; and the keys they stand under. */
#ifndef CODEC_MANIFEST_RECORD_H
#define CODEC_MANIFEST_RECORD_H

#include "codec/manifest/manifest_limits.h"

#include "base/bytes.h"

enum record_type {
    RECORD_DIRECTORY = 1, /* mode, mtime_ns, folder: the id its entries stand under */
    RECORD_FILE = 2,      /* mode, mtime_ns, size, depth, extents */
    RECORD_SYMLINK = 3,   /* mode, mtime_ns, text: the target */
    RECORD_HARD_LINK = 4, /* folder, text: the entry (a file) that this is a second name of */
};

/* Fields that the type does not name are zero. */
struct record {
    enum record_type type;
    uint16_t mode;    /* & 0777 */
    int64_t mtime_ns; /* since 1970 */
    uint64_t size;
    uint64_t folder;      /* 1 .. COUNT_MAX */
    struct bytes text;    /* borrowed */
    uint8_t depth;        /* 0: `extents` is a run (extents.h); else pointers, see extent_list.h */
    struct bytes extents; /* borrowed; empty when size is 0 */
};

/* May this be the name of an entry: 1 .. NAME_MAX_LEN bytes, no '/', no NUL, not "." or ".."? */
bool record_name_valid(struct bytes name);

/* Append the record. ERR_LIMIT: it breaks a rule, also when an inline run does not cover `size`. */
MUST_USE enum err record_encode(const struct record *record, struct buf *out);

/* Read a record that fills `value`; it borrows from it. The same rules are checked.
 * ERR_TOO_NEW: an unknown type or flag. ERR_BAD_FORMAT, ERR_LIMIT. */
MUST_USE enum err record_decode(struct bytes value, struct record *record);

/* Append the key of entry `name` in `folder`: the folder big-endian, then the name.
 * ERR_LIMIT: the name is not valid, or folder is 0 or too large. */
MUST_USE enum err record_key_put(struct buf *out, uint64_t folder, struct bytes name);

/* The range of keys that `folder`'s entries stand in: from `first` (8 bytes) up to, without,
 * `end` (8 bytes). */
void record_key_range(uint64_t folder, uint8_t first[8], uint8_t end[8]);

/* Split a key; *name borrows from it. ERR_BAD_FORMAT: too short. ERR_LIMIT: as above. */
MUST_USE enum err record_key_take(struct bytes key, uint64_t *folder, struct bytes *name);

#endif
