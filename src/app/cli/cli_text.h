/* Numbers and names as people read them. Pure. */
#ifndef APP_CLI_CLI_TEXT_H
#define APP_CLI_CLI_TEXT_H

#include <jansson.h>

#include "base/bytes.h"

/* "0 B", "1023 B", "1.5 KiB", "12.3 GiB". */
MUST_USE enum err cli_text_bytes(uint64_t bytes, struct buf *out);

/* "9 s", "4:12", "3:04:05", "12 d 3 h". */
MUST_USE enum err cli_text_seconds(uint64_t seconds, struct buf *out);

/* "1,234,567". */
MUST_USE enum err cli_text_count(uint64_t count, struct buf *out);

/* "2026-03-01 12:30", in local time; "never" for 0. */
MUST_USE enum err cli_text_time(int64_t seconds, struct buf *out);

/* Append the name in `object` under `key` (or its _base64 twin), escaped for a terminal. */
MUST_USE enum err cli_text_name(const json_t *object, const char *key, struct buf *out);

#endif
