/* Writes a whole yEnc body: =ybegin, the lines that a kernel makes, =yend. */
#include "codec/yenc/yenc.h"

#include <inttypes.h>
#include <string.h>

#include "codec/yenc/yenc_kernel.h"

enum {
    HEADERS_MAX = 160 + YENC_NAME_MAX, /* =ybegin and =yend with their numbers and the name */
};

static size_t line_or_default(size_t line)
{
    return line == 0 ? YENC_LINE : line;
}

/* The most bytes that the data lines of `len` bytes take: every byte escaped, and every line's
 * CR LF. A line holds at least line / 2 bytes. */
static size_t lines_max(size_t len, size_t line)
{
    return 2 * len + 2 * (len / ((line + 1) / 2) + 1);
}

size_t yenc_encoded_max(size_t len, size_t line)
{
    return lines_max(len, line_or_default(line)) + HEADERS_MAX;
}

static bool name_valid(struct bytes name)
{
    if (name.len == 0 || name.len > YENC_NAME_MAX || name.ptr[0] == ' ' ||
        name.ptr[name.len - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '\r' || name.ptr[i] == '\n' || name.ptr[i] == '\0') {
            return false;
        }
    }
    return true;
}

static enum err append_body(struct bytes in, struct bytes name, size_t line, struct buf *out)
{
    struct yenc_span span = {in.ptr, in.len, NULL};
    uint32_t crc;
    enum err err = buf_reserve(out, yenc_encoded_max(in.len, line) + YENC_OUT_SLACK);

    if (err == OK) {
        err = buf_printf(out, "=ybegin line=%zu size=%zu name=", line, in.len);
    }
    if (err == OK) {
        err = buf_append(out, name);
    }
    if (err == OK) {
        err = buf_append(out, bytes_at("\r\n", 2));
    }
    if (err != OK) {
        return err;
    }
    span.out = out->ptr + out->len;
    crc = yenc_kernel_encode(yenc_kernel_best(), &span, line);
    out->len = (size_t)(span.out - out->ptr);
    return buf_printf(out, "=yend size=%zu crc32=%08" PRIx32 "\r\n", in.len, crc);
}

enum err yenc_encode(struct bytes in, const struct yenc_options *options, struct buf *out)
{
    size_t line = line_or_default(options->line);
    size_t start = out->len;
    enum err err;

    if (in.len == 0 || in.len > SIZE_MAX / 8 || line > YENC_LINE_MAX ||
        !name_valid(options->name)) {
        return ERR_BAD_REQUEST;
    }
    err = append_body(in, options->name, line, out);
    if (err != OK) {
        out->len = start;
    }
    return err;
}
