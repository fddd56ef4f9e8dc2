/* Items: zstd frames and plain pieces of packs. */
#include "flow/restore/rebuild.h"

#include <string.h>

#include <zstd.h>

/* The frame must hold exactly `plain_len` bytes. */
static enum err decompress(
    struct bytes frame, size_t plain_len, struct buf *room, struct bytes *plain)
{
    enum err err = buf_resize(room, plain_len);
    size_t len;

    if (err != OK) {
        return err;
    }
    len = ZSTD_decompress(room->ptr, plain_len, frame.ptr, frame.len);
    if (ZSTD_isError(len) || len != plain_len) {
        return ERR_BAD_FORMAT;
    }
    *plain = buf_view(room);
    return OK;
}

static enum err check_item(struct openers *openers, const struct rebuild *r, struct bytes plain)
{
    struct sealer *s = NULL;
    struct cid cid;
    enum err err = openers_borrow(openers, &s);

    if (err != OK) {
        return err;
    }
    err = seal_cid(s, r->ck, plain, &cid);
    openers_return(openers, s);
    if (err == OK && memcmp(cid.b, r->item, ITEM_ID_LEN) != 0) {
        err = ERR_BAD_SEAL;
    }
    return err;
}

enum err rebuild_bytes(struct openers *openers, const struct rebuild *r, struct bytes stored,
    struct buf *room, struct bytes *plain)
{
    enum err err = OK;

    *plain = stored;
    if (r->kind == REBUILD_AS_THEY_ARE) {
        return OK;
    }
    if (r->plain_len == 0 || r->plain_len > PAYLOAD_LEN) {
        return ERR_BUG;
    }
    if (r->coding == CODING_ZSTD) {
        err = decompress(stored, (size_t)r->plain_len, room, plain);
    }
    if (err == OK && plain->len != r->plain_len) {
        err = ERR_BAD_FORMAT;
    }
    return err == OK ? check_item(openers, r, *plain) : err;
}

bool rebuild_is_damage(enum err err)
{
    return err == ERR_BAD_FORMAT || err == ERR_BAD_SEAL;
}
