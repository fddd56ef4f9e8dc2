/* Names between bytes and JSON. */
#include "app/control/control_name.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Nothing at all, a NULL of no length, is an empty string. */
static json_t *string_of(struct bytes text)
{
    return text.len == 0 ? json_string("") : json_stringn((const char *)text.ptr, text.len);
}

/* The base64 of `name` as a JSON string, NULL without memory. */
static json_t *base64_of(struct bytes name)
{
    struct buf coded = {0};
    json_t *value = NULL;

    if (text_base64_encode(name, &coded) == OK) {
        value = string_of(buf_view(&coded));
    }
    buf_clear(&coded);
    return value;
}

enum err control_name_put(json_t *object, const char *key, struct bytes name)
{
    struct buf shown = {0};
    char key_base64[64];
    enum err err = OK;

    if (text_is_utf8(name)) {
        return json_object_set_new(object, key, string_of(name)) == 0 ? OK : ERR_NO_MEMORY;
    }
    (void)snprintf(key_base64, sizeof(key_base64), "%s_base64", key);
    err = text_escape(name, &shown);
    if (err == OK && (json_object_set_new(object, key, string_of(buf_view(&shown))) != 0 ||
                         json_object_set_new(object, key_base64, base64_of(name)) != 0)) {
        err = ERR_NO_MEMORY;
    }
    buf_clear(&shown);
    return err;
}

json_t *control_name_json(struct bytes name)
{
    return text_is_utf8(name) ? string_of(name) : json_pack("{s:o}", "base64", base64_of(name));
}

enum err control_name_get(const json_t *value, struct buf *name)
{
    const json_t *coded = json_object_get(value, "base64");
    const json_t *text = coded != NULL ? coded : value;
    size_t from = name->len;
    enum err err;

    if (!json_is_string(text)) {
        return ERR_BAD_REQUEST;
    }
    struct bytes in = bytes_at(json_string_value(text), json_string_length(text));

    err = coded != NULL ? text_base64_decode(in, name) : buf_append(name, in);
    if (err == OK && name->len > from && memchr(name->ptr + from, '\0', name->len - from) != NULL) {
        err = ERR_BAD_REQUEST;
    }
    return err == ERR_BAD_FORMAT ? ERR_BAD_REQUEST : err;
}
