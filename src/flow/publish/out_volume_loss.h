/* Places of a volume whose articles are gone: what becomes of them in its map. */
#ifndef FLOW_PUBLISH_OUT_VOLUME_LOSS_H
#define FLOW_PUBLISH_OUT_VOLUME_LOSS_H

#include "flow/publish/out_volume.h"

/* After publication attempts are random, from here on: nobody can put something there before us. */
#define OUT_VOLUME_ATTEMPT_PUBLISHED (UINT32_C(1) << 31)

/* Give `index` its next attempt: by number, or at random in a HEALING volume. ERR_LIMIT: there is
 * none. */
MUST_USE enum err out_volume_next_attempt(struct out_volume *volume, uint32_t index);

/* The server has lost `index` for good: PLANNED again, the same contents under the next attempt, or
 * the last one once more if there is none. */
MUST_USE enum err out_volume_lose(struct out_volume *volume, uint32_t index);

/* In a HEALING volume: the contents of `index` are to be had from nowhere; it stays lost, as the
 * published head lists it. */
void out_volume_abandon(struct out_volume *volume, uint32_t index, uint32_t listed_attempt);

/* Nobody has the contents of data `index` any more: its place is free for others, under the
 * attempt it has. The volume is OPEN again. */
void out_volume_give_up(struct out_volume *volume, uint32_t index);

#endif
