/* Names as bytes. */
#include "flow/restore/restore_names.h"

#include <stdio.h>
#include <string.h>

#include "codec/manifest/manifest_limits.h"
#include "io/disk/disk_again.h"

struct bytes restore_name_last(struct bytes path)
{
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    bytes_skip(&path, at);
    return path;
}

bool restore_name_reserved(struct bytes path)
{
    return bytes_equal(path, bytes_str(RESTORE_MARKER)) ||
           disk_again_is_temp(restore_name_last(path));
}

bool restore_name_numbered(struct bytes path)
{
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] >= '0' && path.ptr[at - 1] <= '9') {
        at--;
    }
    return at > 0 && at < path.len && path.ptr[at - 1] == '~';
}

enum err restore_name_other(struct bytes path, unsigned number, struct buf *out)
{
    char tail[16];
    size_t tail_len = (size_t)snprintf(tail, sizeof(tail), "~%u", number);
    struct bytes name = restore_name_last(path);
    size_t len = name.len;
    enum err err;

    if (len + tail_len > NAME_MAX_LEN) {
        len = NAME_MAX_LEN - tail_len;
        while (len > 1 && (name.ptr[len] & 0xc0) == 0x80) {
            len--; /* not inside a UTF-8 letter */
        }
    }
    out->len = 0;
    err = buf_append(out, bytes_at(path.ptr, path.len - name.len + len));
    return err == OK ? buf_append(out, bytes_at(tail, tail_len)) : err;
}
