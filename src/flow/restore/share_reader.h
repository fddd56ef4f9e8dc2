/* A share whose head was found: its objects, its volumes, its tree, fetched as they are asked for.
 * Everything here answers at once or says ANSWER_WAIT (restore_ctx.h); nothing is kept without a
 * bound. */
#ifndef FLOW_RESTORE_SHARE_READER_H
#define FLOW_RESTORE_SHARE_READER_H

#include "codec/manifest/head.h"
#include "codec/manifest/record.h"
#include "codec/manifest/tree_cursor.h"
#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"
#include "flow/restore/volume_info.h"

enum {
    SHARE_OBJECTS_MAX = 256,          /* unpacked objects kept */
    SHARE_OBJECT_BYTES_MAX = 8 << 20, /* their bytes, together */
    SHARE_META_BYTES_MAX = 32 << 20,  /* opened meta segments */
    SHARE_VOLUMES_MAX = 64,           /* volumes kept */
    SHARE_VOLUME_BYTES_MAX = 4 << 20, /* their bytes, together */
};

struct share_reader;

/* Where an object may lie. The table of older meta volumes itself lies in volumes of the head's own
 * list, or finding a volume could go round in circles. */
enum share_scope { SHARE_ANYWHERE, SHARE_OWN_VOLUMES };

/* Begin to read; takes over `payload`, which head_decode() has accepted. */
MUST_USE enum err share_reader_new(
    struct restore_ctx *ctx, struct held *payload, struct share_reader **out);
/* Errands must have been forgotten. NULL is allowed. */
void share_reader_free(struct share_reader *reader);

/* The head. It lives as long as the reader. */
const struct head *share_reader_head(const struct share_reader *reader);

/* The plain bytes, at most `max`, of the object at `p`; the view lives until the return to the
 * loop. ERR_ARTICLES_LOST: its articles are gone. */
enum answer share_object(struct share_reader *reader, const struct pointer *p, size_t max,
    struct bytes *plain, enum err *err);
struct share_want {
    const struct pointer *at;
    size_t max;
    enum share_scope scope;
};
enum answer share_object_in(
    struct share_reader *reader, const struct share_want *want, struct bytes *plain, enum err *err);

/* Data volume `number`; a holder more. */
enum answer share_data_volume(
    struct share_reader *reader, uint32_t number, struct volume_info **out, enum err *err);

/* The same for a meta volume. */
enum answer share_meta_volume(struct share_reader *reader, uint32_t number, enum share_scope scope,
    struct volume_info **out, enum err *err);

/* Append the value under `key` in the tree at `root` to *value. ERR_NOT_FOUND: there is none. */
struct share_tree {
    const struct pointer *root;
    enum share_scope scope;
};
enum answer share_find(struct share_reader *reader, const struct share_tree *tree, struct bytes key,
    struct buf *value, enum err *err);

#endif
