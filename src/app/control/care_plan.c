/* The first checks are so long after the publication, all others so long after the one before. */
#include "app/control/care_plan.h"

enum { MS = 1000 };

static int64_t later(int64_t from, uint64_t ms)
{
    return ms == CONTROL_WAIT_NEVER ? INT64_MAX : from + (int64_t)((ms + MS - 1) / MS);
}

static int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t care_plan_check(const struct control_waits *waits, const struct store_care *care)
{
    size_t count = 1;
    int64_t at;

    while (count < CONTROL_CHECKS && waits->check_ms[count] != 0) {
        count++;
    }
    for (size_t i = 0; i == 0 || i < count - 1; i++) {
        at = later(care->published, waits->check_ms[i]);
        if (care->checked_at < at) {
            return max(at, care->check_after);
        }
    }
    return max(later(care->checked_at, waits->check_ms[count - 1]), care->check_after);
}

int64_t care_plan_alive(const struct control_waits *waits, int64_t last)
{
    return later(last, waits->alive_ms);
}
