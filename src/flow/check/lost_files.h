/* Which files are lost: those with bytes in a place that is gone and that no parity brings back.
 * The share's tree is walked once, only if there are such places. */
#ifndef FLOW_CHECK_LOST_FILES_H
#define FLOW_CHECK_LOST_FILES_H

#include "flow/restore/share_reader.h"

enum { LOST_PLACES_MAX = 64 << 20 }; /* bytes of memory */

/* Places of data volumes; { 0 } is empty. */
struct lost_places {
    struct lost_volume *volumes; /* by number, rising */
    size_t count, cap;
    size_t bytes;
};

/* Segment `index` of data volume `volume` (of k data segments) is gone for good. Volumes come in
 * rising order. ERR_LIMIT: no more can be kept. */
MUST_USE enum err lost_places_add(
    struct lost_places *places, uint32_t volume, uint32_t k, uint32_t index);
void lost_places_clear(struct lost_places *places);
bool lost_places_has(const struct lost_places *places, uint32_t volume, uint32_t index);

/* A lost file; `path` dies with the call. */
typedef void (*lost_file_fn)(void *arg, struct bytes path, uint64_t size);

struct lost_files_options {
    const struct lost_places *places; /* must outlive the walk */
    lost_file_fn each;
    void *arg;
};

struct lost_files;
MUST_USE enum err lost_files_new(struct restore_ctx *ctx, struct share_reader *reader,
    const struct lost_files_options *options, struct lost_files **out);
void lost_files_free(struct lost_files *files); /* NULL is allowed */

/* READY: it went on; *more false: that was all. FAILED with ERR_ARTICLES_LOST or of KIND_CORRUPT:
 * the rest of the tree cannot be read. */
enum answer lost_files_step(struct lost_files *files, bool *more, enum err *err);

#endif
