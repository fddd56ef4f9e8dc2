/* The folders that the page may use. */
#include "app/control/roots.h"

#include <stdlib.h>
#include <string.h>

#include "app/control/control_name.h"
#include "app/control/settings.h"
#include "io/disk/disk_browse.h"

enum err roots_ask_init(struct roots_ask *ask, const struct control_call *call)
{
    const struct control *control = call->control;

    *ask = (struct roots_ask){
        .set = json_deep_copy(json_object_get(settings_document(control), "roots")),
        .home = strdup(control->home),
        .confined = call->confined,
    };
    return ask->home != NULL ? OK : ERR_NO_MEMORY;
}

void roots_ask_clear(struct roots_ask *ask)
{
    json_decref(ask->set);
    free(ask->home);
    *ask = (struct roots_ask){0};
}

/* Is `path` the folder `root` or below it? Both are resolved. */
static bool is_below(struct bytes path, struct bytes root)
{
    if (root.len == 1) { /* "/" */
        return true;
    }
    return path.len >= root.len && memcmp(path.ptr, root.ptr, root.len) == 0 &&
           (path.len == root.len || path.ptr[root.len] == '/');
}

/* Add what is not below one of the list already. */
static enum err add_root(void *arg, struct bytes path)
{
    json_t *list = arg;
    const json_t *known;
    size_t i;
    enum err err = OK;

    json_array_foreach(list, i, known)
    {
        struct buf name = {0};

        err = control_name_get(known, &name);
        if (err == OK && is_below(path, buf_view(&name))) {
            buf_clear(&name);
            return OK;
        }
        buf_clear(&name);
    }
    return json_array_append_new(list, control_name_json(path)) == 0 ? OK : ERR_NO_MEMORY;
}

json_t *roots_list(const struct roots_ask *ask)
{
    json_t *list;

    if (json_is_array(ask->set)) {
        return json_deep_copy(ask->set);
    }
    list = json_array();
    if (list == NULL || add_root(list, bytes_str(ask->home)) != OK ||
        disk_mounts_each(add_root, list) == ERR_NO_MEMORY) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static enum err place_at(struct roots_place *place, struct bytes root)
{
    struct bytes rest = buf_view(&place->real);
    enum err err = buf_append(&place->root, root);

    bytes_skip(&rest, root.len);
    if (rest.len > 0 && rest.ptr[0] == '/') {
        bytes_skip(&rest, 1);
    }
    return err == OK ? buf_append(&place->rest, rest) : err;
}

/* The root that place->real lies in. A root that cannot be resolved holds nothing. */
static enum err find_root(const struct roots_ask *ask, struct roots_place *place)
{
    json_t *list = roots_list(ask);
    enum err err = list != NULL ? ERR_OUTSIDE : ERR_NO_MEMORY;
    const json_t *root;
    size_t i;

    json_array_foreach(list, i, root)
    {
        struct buf name = {0}, real = {0};

        if (err == ERR_OUTSIDE && control_name_get(root, &name) == OK &&
            disk_resolve(buf_view(&name), &real) == OK &&
            is_below(buf_view(&place->real), buf_view(&real))) {
            err = place_at(place, buf_view(&real));
        }
        buf_clear(&name);
        buf_clear(&real);
    }
    json_decref(list);
    return err;
}

enum err roots_enter(const struct roots_ask *ask, struct bytes path, struct roots_place *place)
{
    enum err err;

    *place = (struct roots_place){0};
    err = disk_resolve(path, &place->real);
    if (err != OK) {
        return err == ERR_UNSAFE_PATH ? ERR_BAD_REQUEST : err;
    }
    return ask->confined ? find_root(ask, place) : place_at(place, bytes_str("/"));
}

void roots_place_clear(struct roots_place *place)
{
    buf_clear(&place->root);
    buf_clear(&place->rest);
    buf_clear(&place->real);
}

/* The folder above; "/" is its own. */
static struct bytes parent_of(struct bytes path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    while (path.len > 1 && path.ptr[path.len - 1] != '/') {
        path.len--;
    }
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    return path;
}

/* A part that is not there yet must not be "..": nobody knows where it will lead. */
static bool has_dots(struct bytes rest)
{
    while (rest.len > 0) {
        const uint8_t *slash = memchr(rest.ptr, '/', rest.len);
        size_t len = slash != NULL ? (size_t)(slash - rest.ptr) : rest.len;

        if (len == 2 && memcmp(rest.ptr, "..", 2) == 0) {
            return true;
        }
        bytes_skip(&rest, len + 1);
    }
    return false;
}

enum err roots_allow(const struct roots_ask *ask, struct bytes path)
{
    struct bytes there = path;
    struct roots_place place;
    enum err err = roots_enter(ask, there, &place);

    while (err == ERR_NOT_FOUND && there.len > 1) {
        struct bytes rest = path;

        there = parent_of(there);
        bytes_skip(&rest, there.len);
        roots_place_clear(&place);
        err = has_dots(rest) ? ERR_OUTSIDE : roots_enter(ask, there, &place);
    }
    roots_place_clear(&place);
    return err;
}

enum err roots_check(const struct control_call *call, struct bytes path)
{
    struct roots_ask ask;
    enum err err = roots_ask_init(&ask, call);

    if (err == OK && call->confined) {
        err = roots_allow(&ask, path);
    }
    roots_ask_clear(&ask);
    return err;
}
