/* Half of the memory, all of the processors, if nobody says otherwise. */
#include "flow/par2files/place.h"

#include <unistd.h>

#include "codec/par2/par2_encoder.h"

enum { BAND_UNIT = 128, THREADS_MAX = 256 };

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

struct place_plan place_plan(uint64_t memory, uint64_t slice_len, uint64_t slices, uint64_t extra)
{
    struct place_plan plan = {.width = slice_len};
    uint64_t room = memory / slice_len; /* slices that fit */
    uint64_t few = slices < PAR2_BATCH ? slices : PAR2_BATCH;

    if (extra < room && room - extra >= few) {
        plan.batch = room - extra < slices ? room - extra : slices;
        return plan;
    }
    plan.width = place_width(memory, slice_len, slices + extra);
    plan.batch = room < 1 ? 1 : room < slices ? room : slices;
    return plan;
}
