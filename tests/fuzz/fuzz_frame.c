/* Compressed bytes from strangers: items (a zstd frame and what it must be) and objects. Damaged
 * frames end in an error and in nothing larger than was allowed; what opens is what was packed. The
 * input: 2 bytes for the length that is expected, 2 for where a good frame is damaged, then bytes:
 * once a frame as they are, once what a good frame is made of. */
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "codec/manifest/object.h"
#include "flow/restore/rebuild.h"

enum { FRONT = 4, LEVEL = 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct openers *openers;

static void need(bool good)
{
    if (!good) {
        abort();
    }
}

static enum err open_item(const struct rebuild *r, struct bytes stored, struct bytes expected)
{
    struct buf room = {0};
    struct bytes plain = {0};
    enum err err = rebuild_bytes(openers, r, stored, &room, &plain);

    need(room.len <= r->plain_len);
    need(err == OK || rebuild_is_damage(err));
    need(err != OK || bytes_equal(plain, expected));
    buf_clear(&room);
    return err;
}

/* A good item opens; damaged it opens to the same or not at all. */
static void damage_item(struct bytes plain, size_t where, uint8_t how)
{
    struct rebuild r = {.kind = REBUILD_ITEM, .coding = CODING_ZSTD, .plain_len = plain.len};
    size_t cap = ZSTD_compressBound(plain.len), len;
    uint8_t *frame = malloc(cap);
    struct sealer *sealer = NULL;
    struct cid cid;

    need(frame != NULL && openers_borrow(openers, &sealer) == OK);
    need(seal_cid(sealer, r.ck, plain, &cid) == OK);
    openers_return(openers, sealer);
    memcpy(r.item, cid.b, sizeof(r.item));
    len = ZSTD_compress(frame, cap, plain.ptr, plain.len, LEVEL);
    need(!ZSTD_isError(len));
    need(open_item(&r, bytes_at(frame, len), plain) == OK);
    frame[where % len] ^= how;
    (void)open_item(&r, bytes_at(frame, len), plain);
    (void)open_item(&r, bytes_at(frame, where % len), plain);
    free(frame);
}

static void open_object(struct bytes stored, size_t max)
{
    struct buf plain = {0}, packed = {0}, again = {0};

    if (object_unpack(stored, max, &plain) == OK) {
        need(plain.len > 0 && plain.len <= max);
        need(object_pack(buf_view(&plain), &packed) == OK);
        need(object_unpack(buf_view(&packed), plain.len, &again) == OK);
        need(bytes_equal(buf_view(&plain), buf_view(&again)));
    }
    need(plain.len <= max);
    buf_clear(&plain);
    buf_clear(&packed);
    buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct rebuild r = {.kind = REBUILD_ITEM, .coding = CODING_ZSTD};
    struct bytes rest;
    size_t expected, where;

    if (openers == NULL) {
        need(openers_new(&openers) == OK);
    }
    if (len <= FRONT) {
        return 0;
    }
    expected = ((size_t)data[0] << 8 | data[1]) + 1;
    where = (size_t)data[2] << 8 | data[3];
    rest = bytes_at(data + FRONT, len - FRONT);
    r.plain_len = expected;
    need(open_item(&r, rest, (struct bytes){0}) != OK); /* its id is of other bytes */
    open_object(rest, expected < OBJECT_PLAIN_MAX ? expected : OBJECT_PLAIN_MAX);
    if (rest.len <= PAYLOAD_LEN) {
        damage_item(rest, where, (uint8_t)(data[3] | 1));
    }
    return 0;
}
