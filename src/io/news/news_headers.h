/* Which lines a server wrote into the head of an article of ours. Bytes in, text out. */
#ifndef IO_NEWS_NEWS_HEADERS_H
#define IO_NEWS_NEWS_HEADERS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "io/news/news_test.h"

/* Write the names of the lines of `head` (as HEAD shows it) that are not ours to `out`, fit for a
 * terminal, spaces between; as many as there is room for. True: some of them may tell who posted
 * it, or from where. */
bool news_headers_note(struct bytes head, char out[NEWS_FACTS_HEADERS]);

#endif
