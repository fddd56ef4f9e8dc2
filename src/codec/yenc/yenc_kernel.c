/* Chooses a kernel for this processor, and keeps what it works on in the first cache: a slice is
 * summed, then encoded while it is still there. */
#include "codec/yenc/yenc_kernel.h"

#include <isa-l/crc.h>

enum { SLICE = 8192 };

static bool always(void)
{
    return true;
}

/* Slowest first. Asked at each call: the answer is one load and needs no state of ours. */
static const struct yenc_kernel kernels[] = {
    {"plain", always, yenc_plain_encode, yenc_plain_decode},
#ifdef __x86_64__
    {"avx2", yenc_avx2_usable, yenc_avx2_encode, yenc_avx2_decode},
    {"vbmi2", yenc_vbmi2_usable, yenc_vbmi2_encode, yenc_vbmi2_decode},
#endif
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

const struct yenc_kernel *yenc_kernel_get(size_t i)
{
    return i < KERNELS ? &kernels[i] : NULL;
}

const struct yenc_kernel *yenc_kernel_best(void)
{
    size_t i = KERNELS - 1;

    while (!kernels[i].usable()) {
        i--;
    }
    return &kernels[i];
}

uint32_t yenc_crc(uint32_t crc, const uint8_t *in, size_t len)
{
    return len == 0 ? crc : crc32_gzip_refl(crc, in, len);
}

uint32_t yenc_kernel_encode(const struct yenc_kernel *kernel, struct yenc_span *span, size_t line)
{
    const uint8_t *end = span->in + span->left;
    const uint8_t *summed = span->in;
    uint32_t crc = 0;

    while (summed < end) {
        size_t len = (size_t)(end - summed) < SLICE ? (size_t)(end - summed) : SLICE;

        crc = yenc_crc(crc, summed, len);
        summed += len;
        if (line == YENC_FAST_LINE) {
            span->left = (size_t)(summed - span->in);
            kernel->encode(span);
        }
    }
    span->left = (size_t)(end - span->in);
    while (span->left > 0) {
        yenc_plain_line(span, line);
    }
    return crc;
}
