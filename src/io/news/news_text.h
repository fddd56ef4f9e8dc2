/* A server's words, made fit for a terminal and a log. */
#ifndef IO_NEWS_NEWS_TEXT_H
#define IO_NEWS_NEWS_TEXT_H

#include <stddef.h>

#include "base/bytes.h"

enum { NEWS_TEXT_MAX = 200 }; /* room for words that are kept, NUL included */

/* Copy `in` to `out` (`cap` bytes, NUL included): control and 8-bit bytes become '?', runs of
 * spaces one space, ends are cut; what is too long ends in "...". */
void news_text_clean(struct bytes in, char *out, size_t cap);

/* "441 Posting failed": a reply's code and its cleaned words; "" for code 0. */
void news_text_reply(int code, struct bytes text, char out[NEWS_TEXT_MAX]);

#endif
