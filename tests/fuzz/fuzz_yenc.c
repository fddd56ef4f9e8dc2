/* yEnc. Byte 0 says how the rest is cut: decoding must end the same as uncut, and every kernel must
 * agree with the plain twin; and what is encoded from the bytes must decode to them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/yenc/yenc.h"
#include "codec/yenc/yenc_kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_CAP = 4096 };

static void check(int good)
{
    if (!good) {
        abort();
    }
}

static enum err decode(struct bytes in, size_t cut, uint8_t out[OUT_CAP], size_t *len)
{
    struct yenc_decoder d;
    enum err err = OK;

    yenc_decode_init(&d, out, OUT_CAP);
    while (in.len > 0 && err == OK) {
        size_t n = cut < in.len ? cut : in.len;

        err = yenc_decode_step(&d, bytes_at(in.ptr, n));
        bytes_skip(&in, n);
    }
    return err == OK ? yenc_decode_finish(&d, len) : err;
}

static void check_splits(struct bytes in, size_t cut)
{
    uint8_t a[OUT_CAP];
    uint8_t b[OUT_CAP];
    size_t a_len = 0;
    size_t b_len = 0;
    enum err err = decode(in, SIZE_MAX, a, &a_len);

    check(decode(in, cut, b, &b_len) == err && a_len == b_len && memcmp(a, b, a_len) == 0);
}

static void check_kernels(struct bytes in, uint8_t how)
{
    enum yenc_place place = (enum yenc_place)(how % (YENC_AT_START_EQ + 1));
    size_t room = how % 2 == 0 ? OUT_CAP : in.len / 2;
    uint8_t expected[OUT_CAP];
    struct yenc_body plain = {place, in.ptr, in.len, expected, room < OUT_CAP ? room : OUT_CAP};
    size_t cap = plain.room;
    enum yenc_body_event event = yenc_plain_decode(&plain);

    for (size_t i = 1; yenc_kernel_get(i) != NULL; i++) {
        uint8_t out[OUT_CAP];
        struct yenc_body body = {place, in.ptr, in.len, out, cap};

        if (yenc_kernel_get(i)->usable()) {
            check(yenc_kernel_get(i)->decode(&body) == event && body.place == plain.place &&
                  body.left == plain.left && body.room == plain.room &&
                  memcmp(out, expected, cap - body.room) == 0);
        }
    }
}

static void check_round_trip(struct bytes in)
{
    const struct yenc_options options = {bytes_str("x"), 0};
    struct buf body = {0};
    uint8_t out[OUT_CAP];
    size_t len = 0;

    if (in.len > 0 && in.len <= OUT_CAP) {
        check(yenc_encode(in, &options, &body) == OK);
        check(yenc_decode(buf_view(&body), out, sizeof out, &len) == OK);
        check(len == in.len && memcmp(out, in.ptr, len) == 0);
    }
    buf_clear(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_at(data, size);

    if (size < 1) {
        return 0;
    }
    bytes_skip(&in, 1);
    check_splits(in, (size_t)data[0] % 40 + 1);
    check_kernels(in, data[0]);
    check_round_trip(in);
    return 0;
}
