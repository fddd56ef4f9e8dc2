/* From what the user typed to the paths that the catalogue keeps. */
#include "app/control/share_paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/control/control_name.h"
#include "base/text.h"

/* The last part of an absolute path; "root" for the whole machine. */
static struct bytes base_name(struct bytes path)
{
    size_t from = path.len;

    while (from > 0 && path.ptr[from - 1] != '/') {
        from--;
    }
    bytes_skip(&path, from);
    return path.len == 0 ? bytes_str("root") : path;
}

/* A file or folder that can be read, or the reason why not. */
static enum err check_readable(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return err_from_errno(errno);
    }
    if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
        return ERR_NOTHING_TO_SHARE;
    }
    if (access(path, S_ISDIR(st.st_mode) ? R_OK | X_OK : R_OK) != 0) {
        return err_from_errno(errno);
    }
    return OK;
}

static enum err resolve(const json_t *given, struct buf *path, char text[SHARE_PATHS_TEXT_MAX])
{
    struct buf asked = {0};
    char real[PATH_MAX];
    enum err err = control_name_get(given, &asked);

    if (err == OK) {
        err = buf_append_byte(&asked, '\0');
    }
    if (err == OK && asked.ptr[0] != '/') {
        err = ERR_BAD_REQUEST;
    }
    if (err == OK && realpath((const char *)asked.ptr, real) == NULL) {
        err = err_from_errno(errno);
    }
    if (err == OK) {
        err = check_readable(real);
    }
    if (err == OK) {
        err = buf_append_str(path, real);
    }
    if (err != OK) {
        (void)snprintf(text, SHARE_PATHS_TEXT_MAX, "cannot share %.600s: %s",
            asked.ptr != NULL ? (const char *)asked.ptr : "this", err_text(err));
    }
    buf_clear(&asked);
    return err;
}

static bool is_taken(const struct share_paths *paths, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(paths->list[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* "name", or "name (2)", "name (3)" ... when another path has it already. */
static enum err name_it(struct share_paths *paths, size_t i)
{
    struct bytes base = base_name(buf_view(&paths->paths[i]));
    struct buf *name = &paths->names[i];
    enum err err = buf_append(name, base);

    for (unsigned n = 2; err == OK && is_taken(paths, i, buf_view(name)); n++) {
        name->len = base.len;
        err = buf_printf(name, " (%u)", n);
    }
    return err;
}

static bool is_folder(const struct buf *path)
{
    struct stat st;
    char text[PATH_MAX];

    (void)snprintf(text, sizeof(text), "%.*s", (int)path->len, (const char *)path->ptr);
    return stat(text, &st) == 0 && S_ISDIR(st.st_mode);
}

enum err share_paths_init(
    struct share_paths *paths, const json_t *given, char text[SHARE_PATHS_TEXT_MAX])
{
    size_t count = json_array_size(given);
    enum err err = OK;

    *paths = (struct share_paths){0};
    text[0] = '\0';
    if (count == 0 || count > SHARE_PATHS_MAX) {
        (void)snprintf(text, SHARE_PATHS_TEXT_MAX, "a share needs 1 to %d paths", SHARE_PATHS_MAX);
        return ERR_BAD_REQUEST;
    }
    paths->list = calloc(count, sizeof(*paths->list));
    paths->names = calloc(count, sizeof(*paths->names));
    paths->paths = calloc(count, sizeof(*paths->paths));
    if (paths->list == NULL || paths->names == NULL || paths->paths == NULL) {
        return ERR_NO_MEMORY;
    }
    paths->count = count;
    for (size_t i = 0; i < count && err == OK; i++) {
        err = resolve(json_array_get(given, i), &paths->paths[i], text);
        if (err == OK && (count > 1 || !is_folder(&paths->paths[i]))) {
            err = name_it(paths, i);
        }
        paths->list[i].path = buf_view(&paths->paths[i]);
        paths->list[i].name = buf_view(&paths->names[i]);
    }
    return err;
}

void share_paths_title(const struct share_paths *paths, char title[STORE_TITLE_MAX + 1])
{
    struct buf text = {0};
    struct bytes base = base_name(paths->list[0].path);
    size_t len = 0;

    enum err err = text_escape(base, &text);

    if (err == OK && paths->count > 1) {
        err = buf_printf(&text, " and %zu more", paths->count - 1);
    }
    len = err != OK ? 0 : text.len < STORE_TITLE_MAX ? text.len : STORE_TITLE_MAX;
    while (len > 0 && !text_is_utf8(bytes_at(text.ptr, len))) {
        len--; /* do not cut a character in two */
    }
    if (len > 0) {
        memcpy(title, text.ptr, len);
    }
    title[len] = '\0';
    buf_clear(&text);
}

void share_paths_clear(struct share_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        buf_clear(&paths->names[i]);
        buf_clear(&paths->paths[i]);
    }
    free(paths->list);
    free(paths->names);
    free(paths->paths);
    *paths = (struct share_paths){0};
}
