/* Content ids reckoned side by side: the input is cut into messages, and every kernel must give
 * what libcrypto gives for each alone. The first byte says how many messages (up to 20); then two
 * bytes a message, its share of what is left; then the bytes of all of them. */
#include <stdlib.h>
#include <string.h>

#include "codec/seal/blake2b_kernel.h"
#include "codec/seal/sealer.h"

enum { MESSAGES_MAX = 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct sealer *sealer;
static const uint8_t key[KEY_LEN] = {3, 1, 4, 1, 5};

/* Cut *data into messages, each with memory of its own length. */
static size_t cut(struct bytes data, uint8_t **memory, struct bytes *in)
{
    size_t count = data.len > 0 ? data.ptr[0] % (MESSAGES_MAX + 1) : 0;
    struct bytes shares = data;
    struct bytes rest = data;

    bytes_skip(&shares, 1);
    bytes_skip(&rest, 1 + 2 * count);
    for (size_t i = 0; i < count; i++) {
        size_t share = shares.len >= 2 ? shares.ptr[0] | (size_t)shares.ptr[1] << 8 : 0;
        size_t take = rest.len * share / 65535;
        uint8_t *own = malloc(take > 0 ? take : 1);

        if (own == NULL) {
            abort();
        }
        if (take > 0) {
            memcpy(own, rest.ptr, take);
        }
        memory[i] = own;
        in[i] = bytes_at(own, take);
        bytes_skip(&rest, take);
        bytes_skip(&shares, 2);
    }
    return count;
}

static void compare(const struct cid *got, const struct cid *want, size_t count)
{
    if (memcmp(got, want, count * sizeof(*got)) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *memory[MESSAGES_MAX];
    struct bytes in[MESSAGES_MAX];
    struct cid want[MESSAGES_MAX];
    struct cid got[MESSAGES_MAX];
    struct blake2b_keyed keyed;
    const struct blake2b_kernel *kernel;
    size_t count = cut(bytes_at(data, len), memory, in);

    if (sealer == NULL && sealer_new(&sealer) != OK) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        if (seal_cid(sealer, key, in[i], &want[i]) != OK) {
            abort();
        }
    }
    seal_cids(key, in, count, got);
    compare(got, want, count);
    blake2b_keyed_init(&keyed, key, (const uint8_t *)"u1:cid\0\0\0\0\0\0\0\0\0");
    for (size_t k = 0; (kernel = blake2b_kernel_get(k)) != NULL; k++) {
        if (kernel->usable()) {
            blake2b_many_by(kernel, &keyed, in, count, got[0].b);
            compare(got, want, count);
        }
    }
    for (size_t i = 0; i < count; i++) {
        free(memory[i]);
    }
    return 0;
}
