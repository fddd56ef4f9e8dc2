/* The head: the one signed payload that says what a version of a share holds. Signing and sealing
 * are codec/seal's; here are its bytes. */
#ifndef CODEC_MANIFEST_HEAD_H
#define CODEC_MANIFEST_HEAD_H

#include "codec/manifest/pointer.h"
#include "codec/manifest/volume_table.h"

/* Views borrow from the payload (after _decode) or from the caller (for _encode). */
struct head {
    uint64_t n;            /* the version, from 1 on */
    uint64_t created;      /* Unix seconds */
    uint8_t prev[KEY_LEN]; /* the hash of head n - 1; zeros for n = 1 */
    uint8_t spk[32];       /* the owner's signing key */
    uint8_t ck[KEY_LEN];   /* the content key */
    uint32_t generation;   /* of the read secret */
    struct bytes title;    /* UTF-8, at most HEAD_TITLE_MAX bytes */
    uint64_t files;        /* totals of this version: entries by type ... */
    uint64_t directories;
    uint64_t symlinks;
    uint64_t others;    /* hard links */
    uint64_t bytes;     /* ... the sum of the files' sizes ... */
    uint64_t articles;  /* ... and the segments of its data volumes, parity included */
    uint64_t root;      /* the folder id of the top */
    uint16_t root_mode; /* & 0777, of the top itself */
    int64_t root_mtime_ns;
    struct pointer tree;    /* the folder tree; length 0: nothing but the top */
    struct pointer volumes; /* the table of data volumes; length 0: none */
    struct pointer older;   /* the table of older meta volumes; length 0: none */
    struct bytes metas;     /* this version's meta volumes: volume_entry_put(), rising numbers */
    struct bytes secrets;   /* older read secrets: le32 generation and 32 bytes each, rising */
    uint64_t next_folder;   /* the lowest folder id never used, above root */
    uint32_t next_volume;   /* the lowest volume number never used, above all of `metas` */
    struct bytes inlined;   /* the inline stream: volume 0 */
};

/* What stands behind the core. */
struct head_tail {
    uint32_t alive_day; /* days since 1970, UTC */
    uint8_t alive_signature[64];
    uint8_t head_signature[64];
};

/* Write the core of `head` (HEAD_CORE_LEN bytes, what is signed) to the front of `payload`, which
 * holds HEAD_PAYLOAD_LEN bytes; the tail is not touched.
 * ERR_LIMIT: a rule above is broken, or it does not fit. */
MUST_USE enum err head_encode(const struct head *head, uint8_t *payload);

/* Write or read the tail of a payload. */
void head_put_tail(uint8_t *payload, const struct head_tail *tail);
void head_take_tail(const uint8_t *payload, struct head_tail *tail);

/* The core of a payload: what is signed and hashed. */
struct bytes head_core(const uint8_t *payload);

/* Read and check a payload of HEAD_PAYLOAD_LEN bytes; *head borrows from it. There is one payload
 * for a head: anything behind its last field but zeros is refused.
 * ERR_TOO_NEW: a higher version or an unknown flag. ERR_BAD_FORMAT, ERR_LIMIT. */
MUST_USE enum err head_decode(const uint8_t *payload, struct head *head);

/* How many more bytes head->inlined could have; 0 when full, or when it does not fit even now. */
size_t head_inline_room(const struct head *head);

/* The bytes that a volume 0 pointer names. ERR_LIMIT: they are not there. */
MUST_USE enum err head_inlined_at(
    const struct head *head, uint32_t offset, uint32_t length, struct bytes *out);

#endif
