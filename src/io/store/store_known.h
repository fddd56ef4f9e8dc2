/* What a share has on the server already, by content: blocks, packed items, objects of the listing.
 * For publishing only what is new. Everything here can be lost without harm but for posting more.
 */
#ifndef IO_STORE_STORE_KNOWN_H
#define IO_STORE_STORE_KNOWN_H

#include "base/ids.h"
#include "io/store/store.h"

/* Note the segments of volume `number` that are confirmed, so that store_block_find() finds them.
 */
MUST_USE enum err store_block_note(struct store *store, int64_t share, uint32_t number);

/* A confirmed segment whose content id is `cid`. ERR_NO_ROW: none is known. */
MUST_USE enum err store_block_find(
    struct store *store, int64_t share, const struct cid *cid, uint32_t *volume, uint32_t *index);

/* Where the item `id` is: its encoded extent, appended to *extent; only while every segment it lies
 * in is confirmed. ERR_NO_ROW: not known. */
MUST_USE enum err store_item_find(
    struct store *store, int64_t share, const uint8_t id[ITEM_ID_LEN], struct buf *extent);

/* Segments of volume `number` were lost and will be filled anew: forget the items in it. */
MUST_USE enum err store_item_forget(struct store *store, int64_t share, uint32_t number);

/* An object of the listing (a page, a list), known by the content id of its plain bytes; `pointer`
 * is encoded as in the wire format. */
struct store_object {
    uint8_t id[ITEM_ID_LEN];
    uint8_t pointer[64];
    uint8_t pointer_len;
};

/* Objects of version `version`, which is published. */
MUST_USE enum err store_object_note(struct store *store, int64_t share, uint64_t version,
    const struct store_object *objects, size_t count);

/* Forget the objects whose pointers begin with `volume`, a volume's number as it is encoded there:
 * they will be written anew. */
MUST_USE enum err store_object_forget(struct store *store, int64_t share, struct bytes volume);

/* The object's pointer. ERR_NO_ROW: no published version has it. */
MUST_USE enum err store_object_find(
    struct store *store, int64_t share, const uint8_t id[ITEM_ID_LEN], struct store_object *object);

#endif
