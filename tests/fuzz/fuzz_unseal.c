/* Damaged segments and heads: the input says which bytes of a good body to change. Nothing but the
 * body as it was may open. The first byte picks the kind, then each change is 4 bytes: where (24
 * bits) and what to XOR. */
#include <stdlib.h>
#include <string.h>

#include "codec/seal/seal_head.h"

enum { CHANGE_LEN = 4, KINDS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct sealer *sealer;
static struct volume_keys volume;
static struct read_keys reader;
static struct seal_place place = {{{0}}, 5, 0};
static const struct seal_slot slot = {SEAL_BY_DAY, 20000, 1};
static uint8_t payload[SEGMENT_LEN];
static uint8_t bodies[KINDS][SEGMENT_LEN];
static struct cid cids[KINDS];
static uint8_t work[SEGMENT_LEN];
static uint8_t opened[SEGMENT_LEN];

static void must(enum err err)
{
    if (err != OK) {
        abort();
    }
}

static void set_up(void)
{
    static const uint8_t secret[KEY_LEN] = {7};

    must(sealer_new(&sealer));
    must(seal_volume_keys(sealer, secret, secret, &volume));
    must(seal_read_keys(sealer, secret, &reader));
    for (size_t i = 0; i < sizeof(payload); i++) {
        payload[i] = (uint8_t)(i * 31 >> 3);
    }
    must(seal_segment(sealer, &volume, &place, payload, bodies[0]));
    cids[0] = place.cid;
    memcpy(bodies[1], payload, SEGMENT_LEN); /* stands for a parity segment */
    must(seal_cid(sealer, volume.ck, bytes_at(payload, SEGMENT_LEN), &cids[1]));
    must(seal_head(sealer, &reader, &slot, payload, bodies[2]));
}

static enum err try_open(int kind)
{
    place.cid = cids[kind];
    switch (kind) {
    case 0:
        return seal_open(sealer, &volume, &place, work, opened);
    case 1:
        return seal_check_parity(sealer, &volume, &place, work);
    default:
        return seal_open_head(sealer, &reader, &slot, work, opened);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    int kind;
    enum err err;

    if (len == 0) {
        return 0;
    }
    if (sealer == NULL) {
        set_up();
    }
    kind = data[0] % KINDS;
    memcpy(work, bodies[kind], SEGMENT_LEN);
    for (size_t i = 1; i + CHANGE_LEN <= len; i += CHANGE_LEN) {
        size_t at = ((size_t)data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16);

        work[at % SEGMENT_LEN] ^= data[i + 3];
    }
    err = try_open(kind);
    if (err != (memcmp(work, bodies[kind], SEGMENT_LEN) == 0 ? OK : ERR_BAD_SEAL)) {
        abort();
    }
    if (err == OK && kind != 1 && memcmp(opened, payload, SEAL_HEAD_PAYLOAD_LEN) != 0) {
        abort();
    }
    return 0;
}
