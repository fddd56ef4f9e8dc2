/* File names in JSON: bytes there, text here. A name that is UTF-8 is a string; of any other the
 * string is for eyes only and "KEY_base64" beside it has the bytes. */
#ifndef APP_CONTROL_CONTROL_NAME_H
#define APP_CONTROL_CONTROL_NAME_H

#include <jansson.h>

#include "base/bytes.h"

/* Put `name` into `object` under `key`, and under key_base64 if it is not UTF-8. */
MUST_USE enum err control_name_put(json_t *object, const char *key, struct bytes name);

/* A JSON value for `name`: a string, or {"base64": "..."} if it is not UTF-8. NULL: no memory. */
json_t *control_name_json(struct bytes name);

/* Append the bytes that such a value stands for. ERR_BAD_REQUEST: it is neither, or holds a NUL. */
MUST_USE enum err control_name_get(const json_t *value, struct buf *name);

#endif
