/* Reading back what is in the target: is it what the share says? */
#include <stdlib.h>
#include <string.h>

#include "flow/restore/write_work.h"

enum { ZEROS_MAX = 1 << 18 }; /* read at a time where there should be a hole */

static enum err check_id(struct write_target *t, const struct write_request *r, struct bytes data)
{
    struct sealer *sealer = NULL;
    struct cid cid;
    size_t len = r->expect.kind == EXPECT_ITEM ? ITEM_ID_LEN : sizeof(cid.b);
    enum err err = openers_borrow(t->openers, &sealer);

    if (err != OK) {
        return err;
    }
    err = seal_cid(sealer, r->expect.ck, data, &cid);
    openers_return(t->openers, sealer);
    if (err == OK && memcmp(cid.b, r->expect.id, len) != 0) {
        err = ERR_BAD_SEAL;
    }
    return err;
}

static enum err check_bytes(struct write_target *t, const struct write_request *r)
{
    uint8_t *data;
    enum err err;

    if (r->size == 0 || r->size > PAYLOAD_LEN) {
        return ERR_BUG;
    }
    data = malloc((size_t)r->size);
    if (data == NULL) {
        return ERR_NO_MEMORY;
    }
    err = disk_in_read(r->file->in, r->offset, data, (size_t)r->size);
    if (err == OK) {
        err = check_id(t, r, bytes_at(data, (size_t)r->size));
    }
    free(data);
    return err;
}

static bool all_zeros(const uint8_t *data, size_t len)
{
    return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* Data in [offset, end) must be zeros; what the file system knows to be a hole is not read. */
static enum err check_zeros_with(const struct write_request *r, uint8_t *part)
{
    uint64_t at = r->offset;
    uint64_t end = r->offset + r->size;
    enum err err = OK;

    while (err == OK && at < end) {
        size_t len = ZEROS_MAX;

        err = disk_in_next_data(r->file->in, at, &at);
        if (err == ERR_NOT_FOUND || (err == OK && at >= end)) {
            return OK;
        }
        len = end - at < len ? (size_t)(end - at) : len;
        if (err == OK) {
            err = disk_in_read(r->file->in, at, part, len);
        }
        if (err == OK && !all_zeros(part, len)) {
            err = ERR_BAD_SEAL;
        }
        at += len;
    }
    return err;
}

static enum err check_zeros(const struct write_request *r)
{
    uint8_t *part = malloc(ZEROS_MAX);
    enum err err = part == NULL ? ERR_NO_MEMORY : check_zeros_with(r, part);

    free(part);
    return err;
}

enum err write_check(struct write_target *t, const struct write_request *r)
{
    if (r->expect.kind == EXPECT_ZEROS) {
        return check_zeros(r);
    }
    return check_bytes(t, r);
}
