/* Hostile text made fit for eyes and for JSON: file names are bytes, terminals obey some of them.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>

#include "base/bytes.h"

/* Is it valid UTF-8 (RFC 3629) without NUL? */
bool text_is_utf8(struct bytes in);

/* Append `in` so that a terminal shows it and nothing else happens: control characters, marks that
 * turn the direction of writing, line separators and bytes that are not UTF-8 become \xNN. */
MUST_USE enum err text_escape(struct bytes in, struct buf *out);

/* Append the base64 (RFC 4648, with padding) of `in`. */
MUST_USE enum err text_base64_encode(struct bytes in, struct buf *out);

/* Append the bytes that base64 `in` stands for. ERR_BAD_FORMAT: it is not base64. */
MUST_USE enum err text_base64_decode(struct bytes in, struct buf *out);

#endif
