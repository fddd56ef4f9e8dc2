/* How recovery slices are shared out to .par2 files, and how long slices should be. Pure. For this
 * room only. */
#ifndef FLOW_PAR2FILES_VOLUMES_H
#define FLOW_PAR2FILES_VOLUMES_H

#include "base/bytes.h"
#include "flow/par2files/par2files.h"

struct volume {
    uint32_t first; /* exponent */
    uint32_t count;
};

/* The shortest slice, a multiple of 4, with which these files have at most `wanted` slices.
 * ERR_LIMIT: there are more files than that. */
MUST_USE enum err volumes_slice_len(
    const uint64_t *lens, size_t files, uint64_t wanted, uint64_t *slice_len);

/* Share out; *out is the caller's, to be freed. ERR_BAD_REQUEST: more files are asked for than
 * slices are there. `largest` is the length of the longest file, for PAR2FILES_LIMITED. */
MUST_USE enum err volumes_share(const struct par2files_create *options, const struct volume *all,
    uint64_t largest_slices, struct buf *out);

/* Append the name of a volume, "stem.vol00+1.par2"; the numbers are as wide as in all volumes. */
MUST_USE enum err volumes_name(
    const char *stem, const struct volume *volumes, size_t count, size_t i, struct buf *name);

#endif
