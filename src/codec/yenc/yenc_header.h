/* The =y lines of an article: =ybegin, =ypart, =yend. For this room only. */
#ifndef CODEC_YENC_YENC_HEADER_H
#define CODEC_YENC_YENC_HEADER_H

#include "base/bytes.h"
#include "codec/yenc/yenc.h"

/* What =yend says. */
struct yenc_trailer {
    uint64_t size;
    uint32_t part;
    enum { YENC_NO_CRC = 0, YENC_CRC = 1, YENC_PART_CRC = 2 } given; /* a set */
    uint32_t crc;                                                    /* of the file */
    uint32_t part_crc;
};

/* Does `line` start with `word` and a space? */
bool yenc_header_is(struct bytes line, const char *word);

/* Read "=ybegin ..." into *facts; begin and end are set for a single part. The lines here have lost
 * their CR LF. ERR_BAD_YENC: something is missing, twice over or no number. ERR_LIMIT: a long name.
 */
MUST_USE enum err yenc_header_begin(struct bytes line, struct yenc_facts *facts);

/* Read "=ypart ..." into *facts, which =ybegin has filled. */
MUST_USE enum err yenc_header_part(struct bytes line, struct yenc_facts *facts);

/* Read "=yend ...". */
MUST_USE enum err yenc_header_end(struct bytes line, struct yenc_trailer *trailer);

#endif
