/* What a request says, whether it came as a query ("5") or in a body (5). */
#ifndef APP_CONTROL_CONTROL_ARGS_H
#define APP_CONTROL_CONTROL_ARGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { CONTROL_PAGE_DEFAULT = 200, CONTROL_PAGE_MAX = 1000 };

/* A whole number from `min` to `max`. *value stays what it was when it is missing or null.
 * ERR_BAD_REQUEST: it is another thing. */
MUST_USE enum err control_args_int(
    const json_t *args, const char *key, int64_t min, int64_t max, int64_t *value);

/* true or false, or 1 or 0. */
MUST_USE enum err control_args_bool(const json_t *args, const char *key, bool *value);

/* One of the words of a list that ends with NULL: its place. */
MUST_USE enum err control_args_word(
    const json_t *args, const char *key, const char *const *words, size_t *place);

/* Append a name, given as `KEY` (text, or {"base64"}) or as `KEY_base64`. ERR_NO_ROW: missing. */
MUST_USE enum err control_args_name(const json_t *args, const char *key, struct buf *name);

/* Text of at most `max` bytes, borrowed; "" when it is missing. */
MUST_USE enum err control_args_text(
    const json_t *args, const char *key, size_t max, const char **text);

/* "limit": how many rows a page has. */
MUST_USE enum err control_args_limit(const json_t *args, size_t *limit);

/* "after": append the bytes that control_cursor_json() was given; nothing when it is missing. */
MUST_USE enum err control_args_cursor(const json_t *args, struct buf *key);

/* The place behind `key`, as an opaque word that is safe in a URL; NULL without memory. */
json_t *control_cursor_json(struct bytes key);

#endif
