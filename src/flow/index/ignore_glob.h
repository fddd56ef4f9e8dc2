/* Shell patterns as git's ignore rules have them: *, ?, [...], \ and, over paths, **. */
#ifndef FLOW_INDEX_IGNORE_GLOB_H
#define FLOW_INDEX_IGNORE_GLOB_H

#include "base/bytes.h"

enum { GLOB_PATTERN_MAX = 4096 };

enum glob_text {
    GLOB_NAME, /* one name: no '/' is special */
    GLOB_PATH, /* only a '/' and a lone "**" match a '/' */
};

/* Does the whole of `text` match? A pattern that is malformed, or longer than GLOB_PATTERN_MAX,
 * matches nothing. The time is at most pattern times text. */
bool glob_match(struct bytes pattern, struct bytes text, enum glob_text kind);

/* Is this a byte with a meaning of its own in a pattern? */
bool glob_is_special(uint8_t byte);

#endif
