/* With r = percent / 100: the larger of r K and r/2 K + 11 r sqrt K + 2, each rounded up. The
 * second wins below K = 500: at 10 %, 89 losses of 1,024 are as unlikely as 12 of 64 or 4 of one.
 */
#include "flow/publish/parity_count.h"

#include "codec/manifest/manifest_limits.h"

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

/* The smallest number whose square is at least `n`. */
static uint64_t root_up(uint64_t n)
{
    uint64_t low = 0, high = (uint64_t)1 << 31;

    while (low < high) {
        uint64_t mid = low + (high - low) / 2;

        if (mid * mid < n) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

uint32_t parity_count(enum store_volume_kind kind, uint32_t k, unsigned percent)
{
    uint64_t p = percent != 0 ? percent : PARITY_NORMAL;
    uint64_t most = k > VOLUME_PARITY_FLOOR ? k : VOLUME_PARITY_FLOOR;
    uint64_t large = divide_up(p * k, 100);
    uint64_t small = divide_up(p * k + root_up(22 * p * 22 * p * k), 200) + 2;
    uint64_t m = large > small ? large : small;

    if (kind == STORE_VOLUME_META && m < divide_up(k, 2)) {
        m = divide_up(k, 2);
    }
    return (uint32_t)(m < most ? m : most);
}
