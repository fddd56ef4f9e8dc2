/* Arguments of requests. */
#include "app/control/control_args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/control/control_name.h"
#include "base/text.h"

static bool is_missing(const json_t *value)
{
    return value == NULL || json_is_null(value);
}

enum err control_args_int(
    const json_t *args, const char *key, int64_t min, int64_t max, int64_t *value)
{
    const json_t *given = json_object_get(args, key);
    const char *text = json_string_value(given);
    char *end = NULL;
    int64_t number = json_integer_value(given);

    if (is_missing(given)) {
        return OK;
    }
    if (text != NULL) {
        errno = 0;
        number = strtoll(text, &end, 10);
        if (end == text || *end != '\0' || errno != 0 || text[0] == ' ' || text[0] == '+') {
            return ERR_BAD_REQUEST;
        }
    } else if (!json_is_integer(given)) {
        return ERR_BAD_REQUEST;
    }
    if (number < min || number > max) {
        return ERR_BAD_REQUEST;
    }
    *value = number;
    return OK;
}

enum err control_args_bool(const json_t *args, const char *key, bool *value)
{
    const json_t *given = json_object_get(args, key);
    int64_t number = *value;
    enum err err;

    if (json_is_boolean(given)) {
        *value = json_is_true(given);
        return OK;
    }
    err = control_args_int(args, key, 0, 1, &number);
    *value = number != 0;
    return err;
}

enum err control_args_word(
    const json_t *args, const char *key, const char *const *words, size_t *place)
{
    const json_t *given = json_object_get(args, key);

    if (is_missing(given)) {
        return OK;
    }
    for (size_t i = 0; json_is_string(given) && words[i] != NULL; i++) {
        if (strcmp(json_string_value(given), words[i]) == 0) {
            *place = i;
            return OK;
        }
    }
    return ERR_BAD_REQUEST;
}

enum err control_args_name(const json_t *args, const char *key, struct buf *name)
{
    char key_base64[64];
    const json_t *coded;

    (void)snprintf(key_base64, sizeof(key_base64), "%s_base64", key);
    coded = json_object_get(args, key_base64);
    if (!is_missing(coded)) {
        json_t *value = json_pack("{s:O}", "base64", coded);
        enum err err = value != NULL ? control_name_get(value, name) : ERR_NO_MEMORY;

        json_decref(value);
        return err;
    }
    if (is_missing(json_object_get(args, key))) {
        return ERR_NO_ROW;
    }
    return control_name_get(json_object_get(args, key), name);
}

enum err control_args_text(const json_t *args, const char *key, size_t max, const char **text)
{
    const json_t *given = json_object_get(args, key);

    *text = "";
    if (is_missing(given)) {
        return OK;
    }
    if (!json_is_string(given) || json_string_length(given) > max ||
        strlen(json_string_value(given)) != json_string_length(given)) {
        return ERR_BAD_REQUEST;
    }
    *text = json_string_value(given);
    return OK;
}

enum err control_args_limit(const json_t *args, size_t *limit)
{
    int64_t number = CONTROL_PAGE_DEFAULT;
    enum err err = control_args_int(args, "limit", 1, CONTROL_PAGE_MAX, &number);

    *limit = (size_t)number;
    return err;
}

/* base64url without padding (RFC 4648, section 5) */
json_t *control_cursor_json(struct bytes key)
{
    struct buf coded = {0};
    json_t *value = NULL;

    if (text_base64_encode(key, &coded) == OK) {
        while (coded.len > 0 && coded.ptr[coded.len - 1] == '=') {
            coded.len--;
        }
        for (size_t i = 0; i < coded.len; i++) {
            coded.ptr[i] = coded.ptr[i] == '+' ? '-' : coded.ptr[i] == '/' ? '_' : coded.ptr[i];
        }
        value = json_stringn((const char *)coded.ptr, coded.len);
    }
    buf_clear(&coded);
    return value;
}

enum err control_args_cursor(const json_t *args, struct buf *key)
{
    const json_t *given = json_object_get(args, "after");
    struct buf coded = {0};
    enum err err = OK;

    if (is_missing(given)) {
        return OK;
    }
    if (!json_is_string(given)) {
        return ERR_BAD_REQUEST;
    }
    err = buf_append_str(&coded, json_string_value(given));
    for (size_t i = 0; i < coded.len; i++) {
        coded.ptr[i] = coded.ptr[i] == '-' ? '+' : coded.ptr[i] == '_' ? '/' : coded.ptr[i];
    }
    while (err == OK && coded.len % 4 != 0) {
        err = buf_append_byte(&coded, '=');
    }
    if (err == OK) {
        err = text_base64_decode(buf_view(&coded), key);
    }
    buf_clear(&coded);
    return err == ERR_BAD_FORMAT ? ERR_BAD_REQUEST : err;
}
