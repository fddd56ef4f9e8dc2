/* bech32m (BIP 350): bytes as lower-case letters and digits with a checksum that finds typing
 * mistakes. Longer than the BIP's 90 characters is allowed here. */
#ifndef CODEC_LINK_BECH32M_H
#define CODEC_LINK_BECH32M_H

#include <stddef.h>

#include "base/bytes.h"

enum {
    BECH32M_HRP_MAX = 83,   /* characters before the last '1' */
    BECH32M_TEXT_MAX = 255, /* characters in all */
};

/* Append `hrp` (lower case), '1', `data` and the checksum to *out.
 * ERR_LIMIT: that is more than BECH32M_TEXT_MAX. */
MUST_USE enum err bech32m_encode(const char *hrp, struct bytes data, struct buf *out);

/* Decode `text` (all lower or all upper case): the characters before the last '1', in lower case
 * and NUL-terminated, to `hrp`, the bytes appended to *data.
 * ERR_LINK_BAD: not of this form. ERR_LINK_TYPO: a character or the checksum is wrong. */
MUST_USE enum err bech32m_decode(
    struct bytes text, char hrp[BECH32M_HRP_MAX + 1], struct buf *data);

#endif
