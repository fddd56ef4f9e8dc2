/* Message-IDs as text on the wire: are they well formed, and where is one in a reply. */
#ifndef CODEC_NNTP_NNTP_ID_H
#define CODEC_NNTP_NNTP_ID_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"

/* Is `id` a Message-ID that every server takes: 3 to 250 octets with its brackets, printable ASCII,
 * exactly one '@' with something on both sides, and no '<', '>' or space inside? (RFC 5536 section
 * 3.1.3, RFC 3977 section 3.6; stricter than both in that '@' must be there.) */
bool nntp_id_valid(struct bytes id);

/* Copy the first valid <id> in `text` to *id. False, and *id empty: there is none. */
bool nntp_id_take(struct bytes text, struct article_id *id);

#endif
