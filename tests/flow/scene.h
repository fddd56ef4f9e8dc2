/* A publication that is stopped at a chosen article, dies and is started again:
 * what the tests of mending have in common. */
#ifndef TESTS_FLOW_SCENE_H
#define TESTS_FLOW_SCENE_H

#include "tap.h"
#include "world.h"

#include "flow/publish/out_volume.h"

struct scene {
    struct world *w;
    struct tap *tap;
    struct publish *publish;
};

enum { SCENE_K = 6, SCENE_HEADS = 6 /* copies of a head */ };

/* The world's news server is reached by way of a tap from now on. */
void scene_open(struct scene *scene, struct world *w);

/* Restore past the tap into dir/target, which must be as dir/LIKE. No article had two bodies, and
 * none that the server had accepted was posted again. */
void scene_close(struct scene *scene, const char *like);

/* Files of five raw blocks, one of which ends in a tail, and a small one: SCENE_K segments, the
 * last one a pack. */
void scene_files(struct world *w);

/* Keep the source as it is, in dir/copy. */
void scene_keep_copy(struct world *w);

/* All articles of a volume with `k` data segments. */
uint32_t scene_all_of(uint32_t k);

/* Scan, and begin to publish; and wait for the end, which must be a good one. */
void scene_begin(struct scene *scene);
void scene_end(struct scene *scene);

/* Begin, and let nothing be asked for after `count` articles, which are all of the data volumes;
 * return when these are complete. scene_go_on() lets go, and waits for the end. */
void scene_begin_until_confirm(struct scene *scene, uint32_t count);
void scene_go_on(struct scene *scene);

/* Begin, let `count` articles of data volumes out, cancel when the client knows that they were
 * accepted, and start everything but the server anew. */
void scene_begin_and_die(struct scene *scene, uint32_t count);

/* The same without a scan. And only the end: of a publication that was begun. */
void scene_go_on_and_die(struct scene *scene, uint32_t count);
void scene_die(struct scene *scene);

/* What a publication of the world's share would work with. publish_ctx_unpin() it. */
struct publish_ctx *scene_context(struct world *w);

/* Volume `number` as the catalogue has it; NULL: there is none with anything in it. Free it. */
struct out_volume *scene_volume(struct world *w, uint32_t number);

#endif
