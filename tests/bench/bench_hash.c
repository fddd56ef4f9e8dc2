/* How fast content ids are on one core: libcrypto's BLAKE2b, one segment after another, and every
 * kernel of codec/seal's lanes over the same bytes in the same run. Out of cache: 128 segments of
 * random bytes. GB/s by the thread's CPU clock, best of some rounds. Small items are what packs are
 * made of: 8 KiB or thereabouts, no two alike. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/seal/blake2b_kernel.h"
#include "codec/seal/sealer.h"

enum { SEGMENTS = 128, ROUNDS = 7, ITEMS = 4096, ITEM_LEN = 8192, TOGETHER = 8 };

static const uint8_t key[KEY_LEN] = {1, 2, 3};
static uint8_t *memory; /* SEGMENTS of SEGMENT_LEN */
static struct sealer *sealer;
static struct bytes segments[SEGMENTS];
static struct bytes items[ITEMS];
static struct cid want[ITEMS];
static struct cid got[ITEMS];

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fill(void)
{
    uint64_t state = 88172645463325252;

    for (size_t i = 0; i < (size_t)SEGMENTS * SEGMENT_LEN; i += sizeof state) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(memory + i, &state, sizeof state);
    }
    for (size_t i = 0; i < SEGMENTS; i++) {
        segments[i] = bytes_at(memory + i * SEGMENT_LEN, PAYLOAD_LEN);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = bytes_at(memory + i * ITEM_LEN, ITEM_LEN / 2 + i * 2654435761U % ITEM_LEN);
    }
}

/* NULL: libcrypto, one after another. */
static void hash(const struct blake2b_kernel *kernel, const struct bytes *in, size_t count)
{
    struct blake2b_keyed keyed;

    if (kernel == NULL) {
        for (size_t i = 0; i < count; i++) {
            if (seal_cid(sealer, key, in[i], &got[i]) != OK) {
                exit(1);
            }
        }
        return;
    }
    blake2b_keyed_init(&keyed, key, (const uint8_t *)"u1:cid\0\0\0\0\0\0\0\0\0");
    for (size_t i = 0; i < count; i += TOGETHER) {
        blake2b_many_by(kernel, &keyed, in + i, TOGETHER, got[i].b);
    }
}

static void measure(
    const char *what, const struct blake2b_kernel *kernel, const struct bytes *in, size_t count)
{
    double best = 1e9;
    double bytes = 0;

    for (size_t i = 0; i < count; i++) {
        bytes += (double)in[i].len;
    }
    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_seconds();
        double took;

        hash(kernel, in, count);
        took = cpu_seconds() - start;
        best = took < best ? took : best;
    }
    if (kernel == NULL) {
        memcpy(want, got, count * sizeof(got[0]));
    } else if (memcmp(want, got, count * sizeof(got[0])) != 0) {
        fprintf(stderr, "%s: hashes are wrong\n", kernel->name);
        exit(1);
    }
    printf("%-10s %-10s %6.2f GB/s\n", kernel != NULL ? kernel->name : "libcrypto", what,
        bytes / best * 1e-9);
}

static void measure_all(const char *what, const struct bytes *in, size_t count)
{
    const struct blake2b_kernel *kernel;

    measure(what, NULL, in, count);
    for (size_t k = 0; (kernel = blake2b_kernel_get(k)) != NULL; k++) {
        if (kernel->usable()) {
            measure(what, kernel, in, count);
        } else {
            printf("%-10s not on this processor\n", kernel->name);
        }
    }
}

int main(void)
{
    memory = malloc((size_t)SEGMENTS * SEGMENT_LEN);
    if (memory == NULL || sealer_new(&sealer) != OK) {
        return 1;
    }
    fill();
    measure_all("segments", segments, SEGMENTS);
    measure_all("eight, hot", segments, TOGETHER);
    measure_all("items", items, ITEMS);
    sealer_free(sealer);
    free(memory);
    return 0;
}
