/* One look-up for each component. */
#include "flow/restore/share_path.h"

#include <string.h>

/* Take the first component off *path; *name is empty at the end. Slashes around it go too. */
static void component_take(struct bytes *path, struct bytes *name)
{
    const uint8_t *slash;

    while (path->len > 0 && path->ptr[0] == '/') {
        bytes_skip(path, 1);
    }
    *name = *path;
    if (path->len == 0) {
        return;
    }
    slash = memchr(path->ptr, '/', path->len);
    if (slash != NULL) {
        name->len = (size_t)(slash - path->ptr);
    }
    bytes_skip(path, name->len);
}

enum err share_path_clean(struct bytes path, struct buf *out)
{
    struct bytes name;
    size_t start = out->len;
    enum err err = OK;

    for (component_take(&path, &name); name.len > 0 && err == OK; component_take(&path, &name)) {
        if (bytes_equal(name, bytes_str("."))) {
            continue;
        }
        if (!record_name_valid(name) || out->len - start + 1 + name.len > PATH_MAX_LEN) {
            return ERR_PATH_NOT_IN_SHARE;
        }
        if (out->len > start) {
            err = buf_append_byte(out, '/');
        }
        if (err == OK) {
            err = buf_append(out, name);
        }
    }
    return err;
}

bool share_path_inside(struct bytes path, struct bytes folder)
{
    if (folder.len == 0) {
        return true;
    }
    if (path.len < folder.len || memcmp(path.ptr, folder.ptr, folder.len) != 0) {
        return false;
    }
    return path.len == folder.len || path.ptr[folder.len] == '/';
}

struct bytes share_path_parent(struct bytes path)
{
    while (path.len > 0 && path.ptr[path.len - 1] != '/') {
        path.len--;
    }
    if (path.len > 0) {
        path.len--;
    }
    return path;
}

enum answer share_entry_find(struct share_reader *reader, const struct record *at,
    struct buf *value, struct record *record, enum err *err)
{
    struct share_tree tree = {&share_reader_head(reader)->tree, SHARE_ANYWHERE};
    struct buf key = {0};
    enum answer answer = ANSWER_FAILED;

    value->len = 0;
    *err = record_key_put(&key, at->folder, at->text);
    if (*err == OK) {
        answer = share_find(reader, &tree, buf_view(&key), value, err);
    }
    if (answer == ANSWER_READY) {
        *err = record_decode(buf_view(value), record);
        answer = *err == OK ? ANSWER_READY : ANSWER_FAILED;
    }
    buf_clear(&key);
    return answer;
}

enum answer share_path_find(struct share_reader *reader, struct bytes path, struct buf *value,
    struct record *record, enum err *err)
{
    const struct head *head = share_reader_head(reader);
    struct record at = {0};
    struct bytes name;
    enum answer answer = ANSWER_READY;

    *record = (struct record){.type = RECORD_DIRECTORY,
        .mode = head->root_mode,
        .mtime_ns = head->root_mtime_ns,
        .folder = head->root};
    for (component_take(&path, &name); name.len > 0; component_take(&path, &name)) {
        if (record->type != RECORD_DIRECTORY) {
            *err = ERR_PATH_NOT_IN_SHARE;
            return ANSWER_FAILED;
        }
        at.folder = record->folder;
        at.text = name;
        answer = share_entry_find(reader, &at, value, record, err);
        if (answer != ANSWER_READY) {
            *err = *err == ERR_NOT_FOUND ? ERR_PATH_NOT_IN_SHARE : *err;
            return answer;
        }
    }
    return answer;
}
