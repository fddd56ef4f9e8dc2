/* Ignore rules as gitignore(5) has them: one pattern a line, the last that matches decides, '!'
 * keeps, a '/' in front or inside anchors at the rules' folder, a '/' at the end means folders
 * only, "**" crosses folders. Pure; a match costs at most pattern times path, whatever both hold.
 */
#ifndef FLOW_INDEX_IGNORE_H
#define FLOW_INDEX_IGNORE_H

#include "base/bytes.h"

enum {
    IGNORE_TEXT_MAX = 1 << 20,
    IGNORE_RULES_MAX = 10000,
    IGNORE_PATTERN_MAX = 4096,
};

struct ignore;

/* Read the rules of one file. Lines that can match nothing are passed over, as git does. ERR_LIMIT:
 * the text, its number of rules or one of them is too large. */
MUST_USE enum err ignore_new(struct bytes text, struct ignore **ignore);
void ignore_free(struct ignore *ignore);

/* NULL: none. */
bool ignore_is_empty(const struct ignore *ignore);

enum ignore_verdict { IGNORE_SILENT, IGNORE_LEAVE_OUT, IGNORE_KEEP };
enum ignore_kind { IGNORE_FOLDER, IGNORE_NO_FOLDER };

/* What the rules say about `path`, which is relative to their folder, without '/' at either end.
 * Nothing below a folder that is left out is to be asked about: it is out, too. */
enum ignore_verdict ignore_match(
    const struct ignore *ignore, struct bytes path, enum ignore_kind kind);

#endif
