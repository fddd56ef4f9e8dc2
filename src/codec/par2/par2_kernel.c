/* Chooses a kernel for this processor. */
#include "codec/par2/par2_kernel.h"

#include "codec/par2/par2_butterflies.h"

static bool always(void)
{
    return true;
}

/* Slowest first. Asked at each call: the answer is a few loads and needs no state of ours. */
static const struct par2_kernel kernels[] = {
    {"plain", always, &par2_plain_rows, NULL, NULL},
#ifdef __x86_64__
    {"avx2", par2_avx2_usable, &par2_avx2_rows, &par2_avx2_planes, NULL},
    {"gfni256", par2_gfni256_usable, &par2_gfni256_rows, &par2_gfni256_planes, NULL},
    {"gfni", par2_gfni_usable, &par2_gfni_rows, &par2_gfni_planes, &par2_gfni_butterflies},
#endif
#ifdef __AARCH64EL__
    {"neon", always, &par2_neon_rows, &par2_neon_planes, NULL},
#endif
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

const struct par2_kernel *par2_kernel_get(size_t i)
{
    return i < KERNELS ? &kernels[i] : NULL;
}

const struct par2_kernel *par2_kernel_best(void)
{
    size_t i = KERNELS - 1;

    while (!kernels[i].usable()) {
        i--;
    }
    return &kernels[i];
}
