/* MD5 (RFC 1321) of one message in plain C, and the sharing out of many among the lanes. */
#include "codec/par2/par2_md5.h"

#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_kernel.h"

/* RFC 1321 section 3.4: the integer part of 2^32 * |sin(i + 1)|. */
const uint32_t par2_md5_sines[64] = {
    0xd76aa478,
    0xe8c7b756,
    0x242070db,
    0xc1bdceee,
    0xf57c0faf,
    0x4787c62a,
    0xa8304613,
    0xfd469501,
    0x698098d8,
    0x8b44f7af,
    0xffff5bb1,
    0x895cd7be,
    0x6b901122,
    0xfd987193,
    0xa679438e,
    0x49b40821,
    0xf61e2562,
    0xc040b340,
    0x265e5a51,
    0xe9b6c7aa,
    0xd62f105d,
    0x02441453,
    0xd8a1e681,
    0xe7d3fbc8,
    0x21e1cde6,
    0xc33707d6,
    0xf4d50d87,
    0x455a14ed,
    0xa9e3e905,
    0xfcefa3f8,
    0x676f02d9,
    0x8d2a4c8a,
    0xfffa3942,
    0x8771f681,
    0x6d9d6122,
    0xfde5380c,
    0xa4beea44,
    0x4bdecfa9,
    0xf6bb4b60,
    0xbebfbc70,
    0x289b7ec6,
    0xeaa127fa,
    0xd4ef3085,
    0x04881d05,
    0xd9d4d039,
    0xe6db99e5,
    0x1fa27cf8,
    0xc4ac5665,
    0xf4292244,
    0x432aff97,
    0xab9423a7,
    0xfc93a039,
    0x655b59c3,
    0x8f0ccc92,
    0xffeff47d,
    0x85845dd1,
    0x6fa87e4f,
    0xfe2ce6e0,
    0xa3014314,
    0x4e0811a1,
    0xf7537e82,
    0xbd3af235,
    0x2ad7d2bb,
    0xeb86d391,
};

static uint32_t rotate(uint32_t v, unsigned n)
{
    return v << n | v >> (32 - n);
}

/* ---- one lane ---- */

/* A step waits for the one before it, which made `b`: so all that does not depend on `b` is added
 * first, and the functions are written such that few operations stand between `b` and the sum. F's
 * and G's two halves have no bit in common, so they may be added one by one. */
#define F(sum, b, c, d) ((sum) + (~(b) & (d)) + ((b) & (c)))
#define G(sum, b, c, d) ((sum) + (~(d) & (c)) + ((b) & (d)))
#define H(sum, b, c, d) ((sum) + (((c) ^ (d)) ^ (b)))
#define I(sum, b, c, d) ((sum) + ((~(d) | (b)) ^ (c)))

/* One step of a round: word (the round's stride * i + its start) of the block. */
#define STEP(f, a, b, c, d, word, i, s)                                                            \
    (a) += get_le32(in + (size_t)4 * ((word)&15)) + par2_md5_sines[i];                             \
    (a) = (b) + rotate(f(a, b, c, d), s)

#define ROUND(f, from, stride, start, s0, s1, s2, s3)                                              \
    PAR2_UNROLL                                                                                    \
    for (unsigned i = 0; i < 16; i += 4) {                                                         \
        STEP(f, a, b, c, d, (stride)*i + (start), (from) + i, s0);                                 \
        STEP(f, d, a, b, c, (stride) * (i + 1) + (start), (from) + i + 1, s1);                     \
        STEP(f, c, d, a, b, (stride) * (i + 2) + (start), (from) + i + 2, s2);                     \
        STEP(f, b, c, d, a, (stride) * (i + 3) + (start), (from) + i + 3, s3);                     \
    }

static void plain_run(uint32_t *const *states, const uint8_t *const *ins, size_t blocks)
{
    uint32_t *state = states[0];
    const uint8_t *in = ins[0];
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];

    for (; blocks > 0; blocks--, in += PAR2_MD5_BLOCK) {
        ROUND(F, 0, 1, 0, 7, 12, 17, 22)
        ROUND(G, 16, 5, 1, 5, 9, 14, 20)
        ROUND(H, 32, 3, 5, 4, 11, 16, 23)
        ROUND(I, 48, 7, 0, 6, 10, 15, 21)
        state[0] = a += state[0];
        state[1] = b += state[1];
        state[2] = c += state[2];
        state[3] = d += state[3];
    }
}

static bool always(void)
{
    return true;
}

/* Prices as measured by bench_par2. */
static const struct par2_md5_kernel kernels[] = {
    {"plain", always, 1, 10, plain_run},
#ifdef __x86_64__
    {"avx2", par2_md5_avx2_usable, 8, 34, par2_md5_avx2},
    {"avx512", par2_md5_avx512_usable, 16, 24, par2_md5_avx512},
    {"avx512x2", par2_md5_avx512_usable, 32, 29, par2_md5_avx512_twice},
#endif
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

const struct par2_md5_kernel *par2_md5_kernel_get(size_t i)
{
    return i < KERNELS ? &kernels[i] : NULL;
}

/* ---- one message ---- */

void par2_md5_init(struct par2_md5 *md5)
{
    *md5 = (struct par2_md5){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}};
}

static void run_one(struct par2_md5 *md5, const uint8_t *in, size_t blocks)
{
    uint32_t *state = md5->state;

    plain_run(&state, &in, blocks);
}

/* Fill up the block that is begun. */
static void update_head(struct par2_md5 *md5, struct bytes *in)
{
    size_t used = md5->len % PAR2_MD5_BLOCK;
    size_t room = PAR2_MD5_BLOCK - used;
    size_t n = in->len < room ? in->len : room;

    if (used == 0) {
        return;
    }
    memcpy(md5->block + used, in->ptr, n);
    md5->len += n;
    bytes_skip(in, n);
    if (n == room) {
        run_one(md5, md5->block, 1);
    }
}

static void update_tail(struct par2_md5 *md5, struct bytes in)
{
    memcpy(md5->block, in.ptr, in.len);
    md5->len += in.len;
}

void par2_md5_update(struct par2_md5 *md5, struct bytes in)
{
    size_t blocks;

    if (in.len == 0) {
        return;
    }
    update_head(md5, &in);
    blocks = in.len / PAR2_MD5_BLOCK;
    run_one(md5, in.ptr, blocks);
    md5->len += blocks * PAR2_MD5_BLOCK;
    bytes_skip(&in, blocks * PAR2_MD5_BLOCK);
    update_tail(md5, in);
}

struct par2_id par2_md5_final(const struct par2_md5 *md5)
{
    static const uint8_t pad[PAR2_MD5_BLOCK] = {0x80};
    struct par2_md5 m = *md5;
    struct par2_id id = {{0}};
    uint8_t length[8];

    put_le64(length, m.len * 8);
    par2_md5_update(
        &m, bytes_at(pad, 1 + (2 * PAR2_MD5_BLOCK - 9 - m.len % PAR2_MD5_BLOCK) % PAR2_MD5_BLOCK));
    par2_md5_update(&m, bytes_at(length, sizeof length));
    for (size_t i = 0; i < 4; i++) {
        put_le32(id.b + 4 * i, m.state[i]);
    }
    return id;
}

struct par2_id par2_md5_of(struct bytes in)
{
    struct par2_md5 md5;

    par2_md5_init(&md5);
    par2_md5_update(&md5, in);
    return par2_md5_final(&md5);
}

bool par2_id_equal(const struct par2_id *a, const struct par2_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* ---- many messages ---- */

/* The cheapest kernel for `count` messages, which may leave lanes empty or take several rounds. */
static const struct par2_md5_kernel *kernel_for(size_t count)
{
    const struct par2_md5_kernel *best = &kernels[0];
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < KERNELS && kernels[i].usable(); i++) {
        size_t price = (count + kernels[i].lanes - 1) / kernels[i].lanes * kernels[i].price;

        if (price < least) {
            least = price;
            best = &kernels[i];
        }
    }
    return best;
}

/* Whole blocks of up to kernel->lanes messages; lanes that are left over repeat the first. */
static void run_lanes(const struct par2_md5_kernel *kernel, struct par2_md5 *const *md5,
    const uint8_t *const *in, size_t blocks, size_t count)
{
    uint32_t spare[PAR2_MD5_LANES_MAX][4] = {{0}};
    uint32_t *state[PAR2_MD5_LANES_MAX];
    const uint8_t *from[PAR2_MD5_LANES_MAX];

    for (size_t i = 0; i < PAR2_MD5_LANES_MAX; i++) {
        state[i] = i < count ? md5[i]->state : spare[i];
        from[i] = in[i < count ? i : 0];
    }
    kernel->run(state, from, blocks);
    for (size_t i = 0; i < count; i++) {
        md5[i]->len += blocks * PAR2_MD5_BLOCK;
    }
}

static void update_lanes(const struct par2_md5_kernel *kernel, struct par2_md5 *const *md5,
    const uint8_t *const *in, size_t len, size_t count)
{
    const uint8_t *at[PAR2_MD5_LANES_MAX] = {NULL};
    size_t rest = len;

    for (size_t i = 0; i < count; i++) {
        struct bytes head = bytes_at(in[i], len);

        update_head(md5[i], &head);
        at[i] = head.ptr;
        rest = head.len;
    }
    run_lanes(kernel, md5, at, rest / PAR2_MD5_BLOCK, count);
    for (size_t i = 0; i < count; i++) {
        size_t done = rest / PAR2_MD5_BLOCK * PAR2_MD5_BLOCK;

        update_tail(md5[i], bytes_at(at[i] + done, rest - done));
    }
}

static bool in_step(struct par2_md5 *const *md5, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if ((md5[i]->len - md5[0]->len) % PAR2_MD5_BLOCK != 0) {
            return false;
        }
    }
    return true;
}

void par2_md5_update_many(
    struct par2_md5 *const *md5, const uint8_t *const *in, size_t len, size_t count)
{
    while (count > 0 && len > 0) {
        const struct par2_md5_kernel *kernel = kernel_for(count);
        size_t n = count < kernel->lanes ? count : kernel->lanes;

        if (in_step(md5, n)) {
            update_lanes(kernel, md5, in, len, n);
        } else {
            for (size_t i = 0; i < n; i++) {
                par2_md5_update(md5[i], bytes_at(in[i], len));
            }
        }
        md5 += n;
        in += n;
        count -= n;
    }
}
