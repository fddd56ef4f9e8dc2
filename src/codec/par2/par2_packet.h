/* PAR2 2.0 packets ("Parity Volume Set Specification 2.0", 2003) as bytes. What is read is checked
 * against the limits below and against itself, never against the world: names may be anything, a
 * hash may belong to no file. Views that decoding gives point into what was decoded. */
#ifndef CODEC_PAR2_PAR2_PACKET_H
#define CODEC_PAR2_PAR2_PACKET_H

#include "base/bytes.h"
#include "codec/par2/par2_md5.h"

enum {
    PAR2_HEAD_LEN = 64,     /* of every packet */
    PAR2_RECOVERY_LEN = 68, /* head and exponent: what stands before a recovery slice */
    PAR2_CHECK_LEN = 20,    /* a slice's MD5 and CRC-32 */
    PAR2_START_LEN = 16384, /* so much of a file's start is hashed for its id */
    PAR2_FILES_MAX = 65536,
    PAR2_NAME_MAX = 65536,
    PAR2_TEXT_MAX = 65536, /* of a creator packet */
};

#define PAR2_SLICE_LEN_MAX (UINT64_C(1) << 40)

enum par2_packet_type {
    PAR2_MAIN,     /* slice length, the files of the set */
    PAR2_FILE,     /* a file's name, length, hashes */
    PAR2_CHECKS,   /* a file's slices' hashes */
    PAR2_RECOVERY, /* a recovery slice */
    PAR2_CREATOR,  /* who made it */
    PAR2_OTHER,    /* to be passed over */
};

struct par2_head {
    enum par2_packet_type type;
    uint64_t len; /* of the whole packet, a multiple of 4, at least PAR2_HEAD_LEN */
    struct par2_id md5;
    struct par2_id set;
};

struct par2_main {
    uint64_t slice_len;
    uint32_t recovered; /* files that the recovery slices cover: the first of `ids` */
    struct bytes ids;   /* PAR2_MD5_LEN each, `recovered` of them in par2_id_compare's order */
};

struct par2_file {
    struct par2_id id;
    struct par2_id md5;
    struct par2_id start_md5; /* of the first PAR2_START_LEN bytes */
    uint64_t len;
    struct bytes name; /* no NUL in it, not empty */
};

struct par2_checks {
    struct par2_id file;
    struct bytes checks; /* PAR2_CHECK_LEN for each slice of the file */
};

struct par2_recovery {
    uint32_t exponent;
    struct bytes slice;
};

/* The order of file ids in a main packet: as numbers of 16 bytes, little-endian. */
int par2_id_compare(const struct par2_id *a, const struct par2_id *b);

/* A file's id: the hash of start_md5, length and name. */
struct par2_id par2_file_id(const struct par2_file *file);

/* Where in `in` a packet may start; in.len if nowhere. Up to 7 bytes at the end may be the
 * beginning of one. */
size_t par2_packet_find(struct bytes in);

/* Read PAR2_HEAD_LEN bytes. ERR_BAD_FORMAT: not a packet's head. ERR_LIMIT: longer than any packet
 * of its type can be; for PAR2_OTHER no length is too long. */
MUST_USE enum err par2_head_decode(const uint8_t in[PAR2_HEAD_LEN], struct par2_head *head);

/* Does the packet, head included, have the hash that its head says? */
bool par2_packet_is_whole(struct bytes packet, const struct par2_head *head);

/* Read a packet's body, all that stands behind the head. ERR_BAD_FORMAT, ERR_LIMIT. */
MUST_USE enum err par2_main_decode(struct bytes body, struct par2_main *packet);
MUST_USE enum err par2_file_decode(struct bytes body, struct par2_file *packet);
MUST_USE enum err par2_checks_decode(struct bytes body, struct par2_checks *packet);
MUST_USE enum err par2_recovery_decode(struct bytes body, struct par2_recovery *packet);

/* Append a packet. ERR_NO_MEMORY; ERR_LIMIT: decoding would refuse it. */
MUST_USE enum err par2_main_encode(const struct par2_main *packet, struct buf *out);
MUST_USE enum err par2_file_encode(
    const struct par2_id *set, const struct par2_file *packet, struct buf *out);
MUST_USE enum err par2_checks_encode(
    const struct par2_id *set, const struct par2_checks *packet, struct buf *out);
MUST_USE enum err par2_creator_encode(const struct par2_id *set, const char *text, struct buf *out);

/* The id of a set: the hash of its main packet's body. */
struct par2_id par2_set_id(const struct par2_main *packet);

/* A recovery packet's hash begins here; give *md5 the slice (many go side by side:
 * par2_md5_update_many), then write what stands before the slice. */
void par2_recovery_md5(const struct par2_id *set, uint32_t exponent, struct par2_md5 *md5);
void par2_recovery_encode(const struct par2_id *set, const struct par2_recovery *packet,
    const struct par2_md5 *md5, uint8_t out[PAR2_RECOVERY_LEN]);

#endif
