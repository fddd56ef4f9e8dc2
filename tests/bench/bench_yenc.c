/* How fast yEnc is on one core, out of cache: 128 segments of random bytes, one after another.
 * GB/s of plain data by the thread's CPU clock, best of some rounds; CRC-32 included unless said.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ids.h"
#include "codec/nntp/nntp_rx.h"
#include "codec/yenc/yenc.h"
#include "codec/yenc/yenc_kernel.h"

enum { SEGMENTS = 128, ROUNDS = 7, ENCODED_CAP = 2 * SEGMENT_LEN };

static uint8_t *plain;   /* SEGMENTS of SEGMENT_LEN */
static uint8_t *encoded; /* SEGMENTS of ENCODED_CAP */
static size_t encoded_len[SEGMENTS];
static uint8_t *scratch; /* ENCODED_CAP */

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void fill(void)
{
    uint64_t state = 88172645463325252;

    for (size_t i = 0; i < (size_t)SEGMENTS * SEGMENT_LEN; i += sizeof state) {
        uint64_t v = next_random(&state);

        memcpy(plain + i, &v, sizeof v);
    }
}

static void encode_one(const struct yenc_kernel *kernel, size_t i)
{
    struct yenc_span span = {plain + i * SEGMENT_LEN, SEGMENT_LEN, encoded + i * ENCODED_CAP};

    (void)yenc_kernel_encode(kernel, &span, YENC_LINE);
    encoded_len[i] = (size_t)(span.out - (encoded + i * ENCODED_CAP));
}

static void decode_one(const struct yenc_kernel *kernel, size_t i)
{
    enum { SLICE = 8192 };
    struct yenc_body body = {YENC_AT_START, encoded + i * ENCODED_CAP, 0, scratch, ENCODED_CAP};
    size_t left = encoded_len[i];
    uint32_t crc = 0;

    while (left > 0) {
        uint8_t *start = body.out;

        body.left = left < SLICE ? left : SLICE;
        left -= body.left;
        (void)kernel->decode(&body);
        crc = yenc_crc(crc, start, (size_t)(body.out - start));
    }
    if (memcmp(scratch, plain + i * SEGMENT_LEN, 64) != 0 || crc == 0) {
        fprintf(stderr, "decoded bytes are wrong\n");
        exit(1);
    }
}

static void crc_one(const struct yenc_kernel *kernel, size_t i)
{
    (void)kernel;
    scratch[0] ^= (uint8_t)yenc_crc(0, plain + i * SEGMENT_LEN, SEGMENT_LEN);
}

static void scan_one(const struct yenc_kernel *kernel, size_t i)
{
    struct nntp_block block = {0};
    struct bytes in = bytes_at(encoded + i * ENCODED_CAP, encoded_len[i]);
    struct bytes piece;

    (void)kernel;
    while (nntp_block_step(&block, &in, &piece) != NNTP_BLOCK_MORE) {
        scratch[0] ^= piece.ptr[0];
    }
}

static void measure(const char *what, const struct yenc_kernel *kernel,
    void (*one)(const struct yenc_kernel *, size_t))
{
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_seconds();
        double took;

        for (size_t i = 0; i < SEGMENTS; i++) {
            one(kernel, i);
        }
        took = cpu_seconds() - start;
        best = took < best ? took : best;
    }
    printf("%-8s %-12s %6.2f GB/s\n", kernel->name, what,
        (double)SEGMENTS * SEGMENT_LEN / best * 1e-9);
}

int main(void)
{
    plain = malloc((size_t)SEGMENTS * SEGMENT_LEN);
    encoded = malloc((size_t)SEGMENTS * ENCODED_CAP);
    scratch = malloc(ENCODED_CAP);
    if (plain == NULL || encoded == NULL || scratch == NULL) {
        return 1;
    }
    fill();
    for (size_t i = 0; yenc_kernel_get(i) != NULL; i++) {
        const struct yenc_kernel *kernel = yenc_kernel_get(i);

        if (!kernel->usable()) {
            printf("%-8s not on this processor\n", kernel->name);
            continue;
        }
        measure("encode", kernel, encode_one);
        measure("decode", kernel, decode_one);
    }
    measure("crc alone", yenc_kernel_best(), crc_one);
    measure("nntp scan", yenc_kernel_best(), scan_one);
    free(plain);
    free(encoded);
    free(scratch);
    return 0;
}
