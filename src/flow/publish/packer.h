/* Blocks into segments: a full block that does not shrink is one; everything else flows into packs,
 * one byte stream that is cut where a pack ends, never where a volume ends. Knows which bytes of
 * which file lie in which segment. Full volumes get their parity and are closed. */
#ifndef FLOW_PUBLISH_PACKER_H
#define FLOW_PUBLISH_PACKER_H

#include "flow/publish/pieces.h"
#include "flow/publish/poster.h"

struct packer;

struct packer_events {
    pieces_safe_fn safe;
    void (*moved)(void *arg); /* parity went on: call packer_pump(); there may be room */
    void (*failed)(void *arg, enum err err); /* so did parity: free the packer */
};

/* Volumes that an earlier run left open are filled first. `poster` and `ctx` must outlive the
 * packer. */
MUST_USE enum err packer_new(struct publish_ctx *ctx, struct poster *poster,
    const struct packer_events *events, void *arg, struct packer **packer);
void packer_free(struct packer *packer);

/* Pack one block, only while packer_has_room(). Pins the source. */
MUST_USE enum err packer_add(struct packer *packer, struct block *block);
bool packer_has_room(const struct packer *packer);

/* Send the open pack, if there is one, as full as it is. Only while packer_has_room(). */
MUST_USE enum err packer_send_open(struct packer *packer);

/* Nothing more comes: send the open pack; fill gaps that an earlier run left, one segment a call;
 * let the last volume get its parity. *more: call again when there is room. */
MUST_USE enum err packer_finish(struct packer *packer, bool *more);

/* Volumes that have all their data get their parity sent. After every segment that was accepted. */
MUST_USE enum err packer_pump(struct packer *packer);

/* Is parity still to be made or to be accepted? */
bool packer_busy(const struct packer *packer);

/* The poster's events. */
MUST_USE enum err packer_sealed(
    struct packer *packer, const struct out_volume *volume, uint32_t index, struct buf *sealed);
void packer_masked(struct packer *packer, const struct out_volume *volume);
MUST_USE enum err packer_accepted(struct packer *packer, void *tag);
void packer_dropped(struct packer *packer, void *tag);

/* Walk the volumes at hand. NULL ends. */
struct out_volume *packer_volume(struct packer *packer, size_t i);

/* Close volumes of earlier runs, their parity still to be made: every index accepted and either no
 * room or, with PACKER_CLOSE_ALL, nothing more to come. */
enum packer_close { PACKER_CLOSE_FULL, PACKER_CLOSE_ALL };
MUST_USE enum err packer_close(struct packer *packer, enum packer_close which);

/* Forget closed volumes that nothing is sent of any more: they are in the catalogue. */
void packer_forget_closed(struct packer *packer);

#endif
