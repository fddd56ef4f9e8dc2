/* Ignore files on the way down to a folder. Folders come in the order of the catalogue's queue, so
 * the next one mostly shares all but its last level with the one before. */
#include "flow/index/index_rules.h"

#include <string.h>

void index_rules_init(
    struct index_rules *r, const struct index_tops *tops, const struct ignore *share)
{
    *r = (struct index_rules){.tops = tops, .share = share};
}

static void drop_level(struct index_rules *r)
{
    ignore_free(r->levels[--r->count].rules);
}

void index_rules_clear(struct index_rules *r)
{
    while (r->count > 0) {
        drop_level(r);
    }
    buf_clear(&r->path);
    buf_clear(&r->scratch);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static enum err read_all(struct disk_file *file, struct buf *text)
{
    struct disk_stat stat;
    size_t got = 0;
    enum err err = disk_file_stat(file, &stat);

    if (err == OK && stat.size > IGNORE_TEXT_MAX) {
        err = ERR_LIMIT;
    }
    if (err == OK) {
        err = buf_resize(text, (size_t)stat.size);
    }
    if (err == OK) {
        err = disk_file_read(file, 0, text->ptr, text->len, &got);
        text->len = got;
    }
    return err;
}

/* The ignore file could not be opened. Is there none we could know of? A folder that may be listed
 * but not entered says the same of whatever name. */
static enum err cannot_open(struct index_rules *r, const struct index_top *top, enum err why)
{
    struct buf path = {0};
    struct disk_stat stat;
    enum err err;

    if (why != ERR_PERMISSION) {
        return why == ERR_NOT_FOUND || why == ERR_CHANGED || why == ERR_NOT_DIRECTORY ? OK : why;
    }
    err = buf_append(&path, buf_view(&top->path));
    if (err == OK) {
        err = buf_append_byte(&path, '/');
    }
    if (err == OK) {
        err = buf_append(&path, buf_view(&r->scratch));
    }
    if (err == OK) {
        err = disk_stat_path(buf_view(&path), &stat) == OK ? why : OK;
    }
    buf_clear(&path);
    return err;
}

/* The folder's ignore file; *text stays empty where there is none. What has its name but is no
 * file (also a symlink) says nothing. */
static enum err read_ignore_file(struct index_rules *r, struct bytes folder, struct buf *text)
{
    struct disk_file *file = NULL;
    struct bytes rest;
    const struct index_top *top = index_tops_find(r->tops, folder, &rest);
    enum err err;

    if (top == NULL || (folder.len == 0 && index_tops_virtual(r->tops))) {
        return OK;
    }
    r->scratch.len = 0;
    err = buf_append(&r->scratch, rest);
    if (err == OK && rest.len > 0) {
        err = buf_append_byte(&r->scratch, '/');
    }
    if (err == OK) {
        err = buf_append_str(&r->scratch, INDEX_IGNORE_FILE);
    }
    if (err != OK) {
        return err;
    }
    err = disk_file_open(buf_view(&top->path), buf_view(&r->scratch), &file);
    if (err != OK) {
        return cannot_open(r, top, err);
    }
    err = read_all(file, text);
    disk_file_free(file);
    return err;
}

static size_t text_held(const struct index_rules *r)
{
    size_t sum = 0;

    for (size_t i = 0; i < r->count; i++) {
        sum += r->levels[i].text;
    }
    return sum;
}

/* One folder further down: the first `len` bytes of `path`. */
static enum err add_level(struct index_rules *r, struct bytes path, size_t len)
{
    struct index_level *level = &r->levels[r->count];
    struct buf text = {0};
    enum err err = r->count <= PATH_DEPTH_MAX ? OK : ERR_LIMIT;

    if (err == OK) {
        err = read_ignore_file(r, bytes_at(path.ptr, len), &text);
    }
    if (err == OK && text_held(r) + text.len > INDEX_RULES_TEXT_MAX) {
        err = ERR_LIMIT;
    }
    if (err == OK) {
        *level = (struct index_level){.len = len, .text = text.len};
        err = text.len > 0 ? ignore_new(buf_view(&text), &level->rules) : OK;
    }
    if (err == OK) {
        r->count++;
    }
    buf_clear(&text);
    return err;
}

/* --- going -------------------------------------------------------------------------------------
 */

/* Is the folder of this level on the way to `path`? */
static bool leads_to(
    const struct index_rules *r, const struct index_level *level, struct bytes path)
{
    return level->len <= path.len &&
           (level->len == 0 || level->len == path.len || path.ptr[level->len] == '/') &&
           bytes_equal(bytes_at(r->path.ptr, level->len), bytes_at(path.ptr, level->len));
}

enum err index_rules_enter(struct index_rules *r, struct bytes path)
{
    size_t at;
    enum err err;

    while (r->count > 0 && !leads_to(r, &r->levels[r->count - 1], path)) {
        drop_level(r);
    }
    r->path.len = 0;
    err = buf_append(&r->path, path);
    if (err == OK && r->count == 0) {
        err = add_level(r, path, 0);
    }
    at = r->count > 0 ? r->levels[r->count - 1].len : 0;
    while (err == OK && at < path.len) {
        const uint8_t *slash;

        at += at > 0;
        slash = memchr(path.ptr + at, '/', path.len - at);
        at = slash != NULL ? (size_t)(slash - path.ptr) : path.len;
        err = add_level(r, path, at);
    }
    return err;
}

/* --- asking ------------------------------------------------------------------------------------
 */

static bool has_rules(const struct index_rules *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (!ignore_is_empty(r->levels[i].rules)) {
            return true;
        }
    }
    return !ignore_is_empty(r->share);
}

/* Deeper rules win over those above them, all over the share's. */
static enum ignore_verdict judge(
    const struct index_rules *r, struct bytes path, enum ignore_kind kind)
{
    for (size_t i = r->count; i > 0; i--) {
        const struct index_level *level = &r->levels[i - 1];
        struct bytes rest = path;
        enum ignore_verdict verdict;

        bytes_skip(&rest, level->len > 0 ? level->len + 1 : 0);
        verdict = ignore_match(level->rules, rest, kind);
        if (verdict != IGNORE_SILENT) {
            return verdict;
        }
    }
    return ignore_match(r->share, path, kind);
}

enum err index_rules_ask(struct index_rules *r, struct bytes name, enum ignore_kind kind, bool *out)
{
    enum err err;

    *out = false;
    if (!has_rules(r)) {
        return OK;
    }
    r->scratch.len = 0;
    err = buf_append(&r->scratch, buf_view(&r->path));
    if (err == OK && r->path.len > 0) {
        err = buf_append_byte(&r->scratch, '/');
    }
    if (err == OK) {
        err = buf_append(&r->scratch, name);
    }
    if (err == OK) {
        *out = judge(r, buf_view(&r->scratch), kind) == IGNORE_LEAVE_OUT;
    }
    return err;
}
