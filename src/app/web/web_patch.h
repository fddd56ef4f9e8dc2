/* JSON merge patches (RFC 7396): what makes one value into another, and two of them as one. Pure.
 */
#ifndef APP_WEB_WEB_PATCH_H
#define APP_WEB_WEB_PATCH_H

#include <jansson.h>

#include "base/err.h"

/* Take the members that are null out of *value, at every depth of objects: a merge patch cannot say
 * null. */
void web_patch_clean(json_t *value);

/* The patch from object `from` to object `to`, both clean: a new object, {} if they are equal; NULL
 * without memory. Values are shared with `to`, which must not change while the patch lives. */
json_t *web_patch_make(json_t *from, json_t *to);

/* Put the patch `later` behind the patch *first. ERR_CHANGED: no single patch does what the two do
 * (an object came where something else was taken away); *first is spoilt. */
MUST_USE enum err web_patch_join(json_t *first, json_t *later);

#endif
