/* Shares messages out among lanes. All lanes take the same number of steps at a time: to the end of
 * whichever message ends first; that one's place is given to the next. */
#include "codec/seal/blake2b.h"

#include <string.h>

#include "base/endian.h"
#include "codec/seal/blake2b_kernel.h"

/* RFC 7693 section 2.8: no tree, a key and a hash of 32 bytes. */
static const uint64_t parameters = 0x01010000 | BLAKE2B_LEN << 8 | BLAKE2B_LEN;

static bool always(void)
{
    return true;
}

/* Prices as measured by bench_hash. */
static const struct blake2b_kernel kernels[] = {
    {"plain", always, 1, 10, blake2b_plain},
#ifdef __x86_64__
    {"avx2", blake2b_avx2_usable, 4, 26, blake2b_avx2},
    {"avx512", blake2b_avx512_usable, 8, 23, blake2b_avx512},
#endif
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

const struct blake2b_kernel *blake2b_kernel_get(size_t i)
{
    return i < KERNELS ? &kernels[i] : NULL;
}

const struct blake2b_kernel *blake2b_kernel_for(size_t count)
{
    const struct blake2b_kernel *best = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < KERNELS; i++) {
        size_t runs = (count + kernels[i].lanes - 1) / kernels[i].lanes;

        if (kernels[i].usable() && runs * kernels[i].price < least) {
            least = runs * kernels[i].price;
            best = &kernels[i];
        }
    }
    return best;
}

static void write_hash(const uint64_t h[8], uint8_t out[BLAKE2B_LEN])
{
    for (size_t k = 0; k < BLAKE2B_LEN / 8; k++) {
        put_le64(out + 8 * k, h[k]);
    }
}

void blake2b_keyed_init(struct blake2b_keyed *keyed, const uint8_t key[BLAKE2B_LEN],
    const uint8_t personal[BLAKE2B_PERSONAL_LEN])
{
    uint8_t block[BLAKE2B_BLOCK] = {0};
    struct blake2b_lane first = {.in = block};
    struct blake2b_lane only;

    memcpy(block, key, BLAKE2B_LEN);
    memcpy(first.h, blake2b_iv, sizeof(first.h));
    first.h[0] ^= parameters;
    first.h[6] ^= get_le64(personal);
    first.h[7] ^= get_le64(personal + 8);
    only = first;
    only.last = UINT64_MAX;
    blake2b_plain(&first, 1);
    blake2b_plain(&only, 1);
    memcpy(keyed->h, first.h, sizeof(keyed->h));
    write_hash(only.h, keyed->empty);
    bytes_wipe(block, sizeof(block));
    bytes_wipe(&first, sizeof(first));
    bytes_wipe(&only, sizeof(only));
}

/* What is under way: lane i hashes the message whose place in `out` is at[i]. */
struct many {
    const struct blake2b_kernel *kernel; /* NULL: what costs least */
    const struct blake2b_keyed *keyed;
    const struct bytes *in;
    uint8_t *out;
    size_t count;
    size_t next;   /* message to begin with */
    size_t active; /* the first lanes are */
    struct blake2b_lane lanes[BLAKE2B_LANES_MAX];
    size_t left[BLAKE2B_LANES_MAX]; /* bytes that are to come */
    uint8_t *at[BLAKE2B_LANES_MAX];
    uint8_t tail[BLAKE2B_LANES_MAX][BLAKE2B_BLOCK];
};

/* Give idle lanes messages, as far as there are. */
static void fill(struct many *many, size_t lanes)
{
    while (many->active < lanes && many->next < many->count) {
        struct bytes in = many->in[many->next];
        uint8_t *out = many->out + many->next++ * BLAKE2B_LEN;
        struct blake2b_lane *lane = &many->lanes[many->active];

        if (in.len == 0) {
            memcpy(out, many->keyed->empty, BLAKE2B_LEN);
            continue;
        }
        *lane = (struct blake2b_lane){.counted = BLAKE2B_BLOCK, .in = in.ptr};
        memcpy(lane->h, many->keyed->h, sizeof(lane->h));
        many->left[many->active] = in.len;
        many->at[many->active++] = out;
    }
}

/* How many blocks can all of the first `lanes` lanes take? Those that have one left get it padded,
 * and it is the only one. */
static size_t common_blocks(struct many *many, size_t lanes)
{
    size_t common = SIZE_MAX;

    for (size_t i = 0; i < lanes; i++) {
        struct blake2b_lane *lane = &many->lanes[i];
        size_t left = many->left[i];
        size_t blocks = left > BLAKE2B_BLOCK ? (left - 1) / BLAKE2B_BLOCK : 1;

        common = blocks < common ? blocks : common;
        if (left <= BLAKE2B_BLOCK) {
            memset(many->tail[i], 0, BLAKE2B_BLOCK);
            memcpy(many->tail[i], lane->in, left);
            lane->in = many->tail[i];
            lane->counted += left - BLAKE2B_BLOCK;
            lane->last = UINT64_MAX;
        }
    }
    return common;
}

/* The lanes have taken `blocks` blocks: write the hashes of those that are through, and close the
 * ranks. */
static void reap(struct many *many, size_t lanes, size_t blocks)
{
    for (size_t i = lanes; i-- > 0;) {
        size_t last;

        if (many->lanes[i].last == 0) {
            many->left[i] -= blocks * BLAKE2B_BLOCK;
            continue;
        }
        write_hash(many->lanes[i].h, many->at[i]);
        last = --many->active;
        many->lanes[i] = many->lanes[last];
        many->left[i] = many->left[last];
        many->at[i] = many->at[last];
    }
}

static void step(struct many *many)
{
    const struct blake2b_kernel *kernel =
        many->kernel != NULL ? many->kernel : blake2b_kernel_for(many->active);
    size_t lanes = many->active < kernel->lanes ? many->active : kernel->lanes;
    size_t blocks = common_blocks(many, lanes);

    for (size_t i = lanes; i < kernel->lanes; i++) {
        many->lanes[i] = many->lanes[0]; /* hashed in vain */
    }
    kernel->run(many->lanes, blocks);
    reap(many, lanes, blocks);
}

void blake2b_many_by(const struct blake2b_kernel *kernel, const struct blake2b_keyed *keyed,
    const struct bytes *in, size_t count, uint8_t *out)
{
    const struct blake2b_kernel *widest =
        kernel != NULL ? kernel : blake2b_kernel_for(BLAKE2B_LANES_MAX);
    struct many many = {.kernel = kernel, .keyed = keyed, .in = in, .out = out, .count = count};

    fill(&many, widest->lanes);
    while (many.active > 0) {
        step(&many);
        fill(&many, widest->lanes);
    }
    bytes_wipe(&many, sizeof(many));
}

void blake2b_many(
    const struct blake2b_keyed *keyed, const struct bytes *in, size_t count, uint8_t *out)
{
    blake2b_many_by(NULL, keyed, in, count, out);
}
