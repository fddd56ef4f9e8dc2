/* Differences of JSON objects. */
#include "app/web/web_patch.h"

void web_patch_clean(json_t *value)
{
    const char *key;
    json_t *member;
    void *next;

    json_object_foreach_safe(value, next, key, member)
    {
        if (json_is_null(member)) {
            (void)json_object_del(value, key);
        } else if (json_is_object(member)) {
            web_patch_clean(member);
        }
    }
}

static int put_difference(json_t *patch, const char *key, json_t *from, json_t *to)
{
    json_t *inner;

    if (!json_is_object(from) || !json_is_object(to)) {
        return json_equal(from, to) ? 0 : json_object_set(patch, key, to);
    }
    inner = web_patch_make(from, to);
    if (inner != NULL && json_object_size(inner) == 0) { /* they are equal */
        json_decref(inner);
        return 0;
    }
    return json_object_set_new(patch, key, inner);
}

json_t *web_patch_make(json_t *from, json_t *to)
{
    json_t *patch = json_object();
    const char *key;
    json_t *member;
    int bad = patch == NULL;

    json_object_foreach(to, key, member)
    {
        bad |= !bad && put_difference(patch, key, json_object_get(from, key), member) != 0;
    }
    json_object_foreach(from, key, member)
    {
        if (!bad && json_object_get(to, key) == NULL) {
            bad |= json_object_set_new(patch, key, json_null()) != 0;
        }
    }
    if (bad) {
        json_decref(patch);
        return NULL;
    }
    return patch;
}

enum err web_patch_join(json_t *first, json_t *later)
{
    const char *key;
    json_t *member;
    enum err err = OK;

    json_object_foreach(later, key, member)
    {
        json_t *before = json_object_get(first, key);

        if (json_is_object(member) && json_is_object(before)) {
            err = web_patch_join(before, member);
        } else if (json_is_object(member) && before != NULL) {
            err = ERR_CHANGED;
        } else if (json_object_set_new(first, key, json_deep_copy(member)) != 0) {
            err = ERR_NO_MEMORY;
        }
        if (err != OK) {
            break;
        }
    }
    return err;
}
