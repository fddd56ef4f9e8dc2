/* Blocks into segments: a full block that does not shrink is one; everything else flows into packs,
 * one byte stream that is cut where a pack ends, never where a volume ends. Knows which bytes of
 * which file lie in which segment. */
#ifndef FLOW_PUBLISH_PACKER_H
#define FLOW_PUBLISH_PACKER_H

#include "flow/publish/block.h"
#include "flow/publish/poster.h"

struct packer;

/* Called when bytes of `source` became safe (or were dropped: the source is dead or started over).
 * One pin less. */
typedef void (*packer_safe_fn)(void *arg, struct source *source);

/* Volumes that an earlier run left open are filled first. `poster` and `ctx` must outlive the
 * packer. */
MUST_USE enum err packer_new(struct publish_ctx *ctx, struct poster *poster, packer_safe_fn safe,
    void *arg, struct packer **packer);
void packer_free(struct packer *packer);

/* Pack one block (never more than one segment goes out, so: only while packer_has_room()). Pins the
 * source. */
MUST_USE enum err packer_add(struct packer *packer, struct block *block);
bool packer_has_room(const struct packer *packer);

/* Send the open pack, if there is one, as full as it is. Only while packer_has_room(). */
MUST_USE enum err packer_send_open(struct packer *packer);

/* Nothing more comes: send the open pack; fill gaps that an earlier run left, one segment a call.
 * *more: call again when there is room. */
MUST_USE enum err packer_finish(struct packer *packer, bool *more);

/* The poster's events for tags of ours. */
MUST_USE enum err packer_accepted(struct packer *packer, void *tag);
void packer_dropped(struct packer *packer, void *tag);

/* Walk the volumes at hand: those that are full or finished get closed here. NULL ends. */
struct out_volume *packer_volume(struct packer *packer, size_t i);

/* Close what is complete: every index accepted and either no room or, with PACKER_CLOSE_ALL,
 * nothing more to come. */
enum packer_close { PACKER_CLOSE_FULL, PACKER_CLOSE_ALL };
void packer_close(struct packer *packer, enum packer_close which);

/* Forget closed volumes: they are in the catalogue. */
void packer_forget_closed(struct packer *packer);

#endif
