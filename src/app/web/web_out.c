/* A queue of bytes that is bounded in memory. */
#include "app/web/web_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t web_out_waiting(const struct web_out *out)
{
    return out->memory.len - out->gone + (out->file_end - out->file_from);
}

/* A file without a name; where the file system has none of that kind, one whose name goes at once.
 */
static enum err open_file(struct web_out *out)
{
    char path[4096];

    out->file = open(out->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (out->file < 0) {
        (void)snprintf(path, sizeof(path), "%s/answer-XXXXXX", out->folder);
        out->file = mkostemp(path, O_CLOEXEC);
        if (out->file >= 0) {
            (void)unlink(path);
        }
    }
    return out->file >= 0 ? OK : err_from_errno(errno);
}

static enum err put_file(struct web_out *out, struct bytes data)
{
    enum err err = out->file < 0 ? open_file(out) : OK;

    while (err == OK && data.len > 0) {
        ssize_t n = pwrite(out->file, data.ptr, data.len, (off_t)out->file_end);

        if (n < 0 && errno != EINTR) {
            err = err_from_errno(errno);
        } else if (n > 0) {
            out->file_end += (uint64_t)n;
            bytes_skip(&data, (size_t)n);
        }
    }
    return err;
}

enum err web_out_put(struct web_out *out, struct bytes data)
{
    if (out->file_end > out->file_from || out->memory.len - out->gone + data.len > WEB_OUT_MEMORY) {
        return put_file(out, data);
    }
    if (out->gone > WEB_OUT_MEMORY / 2) {
        buf_drop(&out->memory, out->gone);
        out->gone = 0;
    }
    return buf_append(&out->memory, data);
}

static enum err take_file(struct web_out *out, uint8_t *to, size_t cap, size_t *len)
{
    uint64_t waits = out->file_end - out->file_from;
    ssize_t n = pread(out->file, to, cap < waits ? cap : (size_t)waits, (off_t)out->file_from);

    if (n <= 0) {
        return n < 0 ? err_from_errno(errno) : ERR_DISK_IO;
    }
    *len = (size_t)n;
    out->file_from += (uint64_t)n;
    if (out->file_from == out->file_end) {
        out->file_from = out->file_end = 0;
        return ftruncate(out->file, 0) == 0 ? OK : err_from_errno(errno);
    }
    return OK;
}

enum err web_out_take(struct web_out *out, uint8_t *to, size_t cap, size_t *len)
{
    size_t waits = out->memory.len - out->gone;

    *len = 0;
    if (waits == 0) {
        return out->file_end > out->file_from ? take_file(out, to, cap, len) : OK;
    }
    *len = waits < cap ? waits : cap;
    memcpy(to, out->memory.ptr + out->gone, *len);
    out->gone += *len;
    if (out->gone == out->memory.len) {
        out->gone = out->memory.len = 0;
    }
    return OK;
}

void web_out_clear(struct web_out *out)
{
    buf_clear(&out->memory);
    if (out->file >= 0) {
        (void)close(out->file);
    }
    *out = (struct web_out){.folder = out->folder, .file = -1};
}
