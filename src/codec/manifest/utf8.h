/* Inside this room only: is this UTF-8 (RFC 3629)? */
#ifndef CODEC_MANIFEST_UTF8_H
#define CODEC_MANIFEST_UTF8_H

#include "base/bytes.h"

/* No overlong forms, no surrogates, nothing above U+10FFFF. Empty is fine. */
bool utf8_valid(struct bytes text);

#endif
