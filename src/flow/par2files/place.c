/* Half of the memory, all of the processors, if nobody says otherwise. */
#include "flow/par2files/place.h"

#include <unistd.h>

#include "codec/par2/par2_encoder.h"

enum {
    BAND_UNIT = 128,
    THREADS_MAX = 256,
    BATCH_BYTES = 144 << 20,
    BATCH_MIN = 192,
    FIRST_PART = 16, /* a set that stays in memory: so much is read before work begins, ... */
    GROWTH = 3,      /* ... and then so many times as much as is there is made of it */
};

uint64_t place_memory(const struct par2files_place *place)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);

    if (place->memory != 0) {
        return place->memory;
    }
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page / 2 : UINT64_C(1) << 28;
}

unsigned place_threads(const struct par2files_place *place)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long n = place->threads != 0 ? (long)place->threads : processors;

    n = n < 1 ? 1 : n;
    return (unsigned)(n < THREADS_MAX ? n : THREADS_MAX);
}

uint64_t place_width(uint64_t memory, uint64_t slice_len, uint64_t slices)
{
    uint64_t width = memory / slices / BAND_UNIT * BAND_UNIT;

    width = width < BAND_UNIT ? BAND_UNIT : width;
    return width < slice_len ? width : slice_len;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Slices are read in batches: while one is read, the one before it is worked on. A batch costs the
 * arithmetic as much as 32 slices more than it has, so it should have many. Of a set of few slices
 * all are there, and the arithmetic has them at once. */
struct place_plan place_plan(uint64_t memory, const struct place_set *set)
{
    uint64_t fit = memory / set->slice_len;
    uint64_t room = fit > set->extra ? fit - set->extra : 0;
    uint64_t good = most(BATCH_BYTES / set->slice_len, BATCH_MIN);
    struct place_plan plan = {.width = set->slice_len, .window = set->slices};

    if (room >= set->slices && (set->at_once || set->slices <= good + good / 2)) {
        plan.batch = most(set->slices / FIRST_PART, 1);
    } else if (!set->at_once && room >= BATCH_MIN) {
        plan.batch = least(good, room / 2);
        plan.window = least(2 * plan.batch, set->slices);
    } else {
        plan.width = place_width(memory, set->slice_len, set->slices + set->extra);
        plan.batch = most(least(good, fit / 2), 1);
        plan.window = least(2 * plan.batch, set->slices);
    }
    return plan;
}

uint64_t place_batch_end(const struct place_plan *plan, uint64_t slices, uint64_t first)
{
    bool stays = plan->window == slices && first > 0;

    return least(stays ? GROWTH * first : first + plan->batch, slices);
}
