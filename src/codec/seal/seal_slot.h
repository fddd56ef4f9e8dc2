/* Inside this room only: a head's place as bytes. */
#ifndef CODEC_SEAL_SEAL_SLOT_H
#define CODEC_SEAL_SEAL_SLOT_H

#include "codec/seal/seal_names.h"

enum { SEAL_SLOT_CTX_LEN = 1 + 8 + 4 };

/* Write family, number and slot to `ctx`. ERR_LIMIT: no such slot or day. */
MUST_USE enum err seal_slot_ctx(const struct seal_slot *slot, uint8_t ctx[SEAL_SLOT_CTX_LEN]);

#endif
