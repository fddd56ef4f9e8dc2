/* The strings that people pass on: links to shares, keys, addresses (docs/format.md, section 8).
 * Only the strings; what the bytes open is codec/seal's. */
#ifndef CODEC_LINK_LINK_H
#define CODEC_LINK_LINK_H

#include "base/bytes.h"
#include "base/ids.h"

enum {
    LINK_SECRET_LEN = 24, /* L of public and password links, the mix-in of invites */
    LINK_FP_LEN = 16,
    LINK_TEXT_MAX = 130, /* characters of the longest link */
    LINK_INPUT_MAX = 1024,
};

enum link_kind {
    LINK_PUBLIC,       /* usync1:   l, fp */
    LINK_PASSWORD,     /* usyncp1:  l, fp, argon */
    LINK_INVITE,       /* usynci1:  fp, box, l (the mix-in secret) */
    LINK_WRITE,        /* usyncw1:  w, l: the owner's key to a public share */
    LINK_WRITE_SECRET, /* usyncw1:  w, r: the owner's key to a password or private share */
    LINK_ADDRESS,      /* usyncid1: box */
    LINK_KIT,          /* usynck1:  seed */
    LINK_KIND_COUNT,
};

/* Only the fields that `kind` names above mean something; the others are zero. Wipe after use. */
struct link {
    enum link_kind kind;
    uint8_t l[LINK_SECRET_LEN];
    uint8_t fp[LINK_FP_LEN];    /* fingerprint of the owner's signing key */
    uint32_t argon_memory_log2; /* MiB, a power of two, 6 to 10 */
    uint32_t argon_passes;      /* 2 to 10 */
    uint8_t box[KEY_LEN];  /* X25519 public key: the share's (invite) or a person's (address) */
    uint8_t w[KEY_LEN];    /* write secret */
    uint8_t r[KEY_LEN];    /* read secret */
    uint8_t seed[KEY_LEN]; /* owner seed */
};

/* Append the text of `link`, lower case, to *out.
 * ERR_LIMIT: Argon2 parameters out of bounds. */
MUST_USE enum err link_encode(const struct link *link, struct buf *out);

/* Read a link. White space around it, "usync:" before it and all upper case are accepted. A good
 * link of any kind is OK: the caller that needs another kind says ERR_LINK_KIND.
 * ERR_LINK_TYPO: it starts like a link, but a character, its case or the checksum is wrong.
 * ERR_TOO_NEW: its version is higher than ours. ERR_LINK_BAD: anything else. */
MUST_USE enum err link_decode(struct bytes text, struct link *link);

/* What this kind is called in a sentence, "a public link"; lives for ever. */
const char *link_kind_text(enum link_kind kind);

#endif
