/* Every label of the key derivation, once: KDF(key, label, ctx) is BLAKE2b-256 with the
 * personalisation "u1:" label. A label has one use; a test checks that no two are equal. */
#ifndef CODEC_SEAL_SEAL_LABELS_H
#define CODEC_SEAL_SEAL_LABELS_H

enum { SEAL_LABEL_MAX = 13 }; /* 16 bytes of personalisation less "u1:" */

/* clang-format off */
#define SEAL_LABELS(X)                                                                      \
    /* the share: from its write secret W, and from the content key CK */                   \
    X(SEAL_SIGN, "sign")         /* W: the Ed25519 seed */                                  \
    X(SEAL_LANE_BOX, "lane-box") /* W: the X25519 secret that opens lanes */                \
    X(SEAL_CONTENT, "content")   /* W: CK */                                                \
    X(SEAL_CID, "cid")           /* CK: content ids of payloads, parity, items, objects */  \
    X(SEAL_HEADHASH, "headhash") /* CK: the hash that names a head */                       \
    /* the read secret R */                                                                 \
    X(SEAL_LINK, "link")         /* padded L: R of a public link */                         \
    X(SEAL_PWLINK, "pwlink")     /* padded L: the link's half of a password's R */          \
    X(SEAL_PWSALT, "pwsalt")     /* padded L: Argon2id's salt */                            \
    X(SEAL_PW, "pw")             /* both halves together: R */                              \
    X(SEAL_LOCATE, "locate")     /* R: K_loc; VK: VL */                                     \
    X(SEAL_META, "meta")         /* R: K_meta */                                            \
    X(SEAL_DATA, "data")         /* VK: VD */                                               \
    /* segments */                                                                          \
    X(SEAL_SEG, "seg")           /* VD: a segment's key */                                  \
    X(SEAL_MID, "mid")           /* VL: its Message-ID */                                   \
    X(SEAL_HDR, "hdr")           /* VL: its headers */                                      \
    X(SEAL_MASK, "mask")         /* VL: its mask */                                         \
    /* heads */                                                                             \
    X(SEAL_HEAD, "head")         /* K_loc: Message-ID by version */                         \
    X(SEAL_DAY, "day")           /* K_loc: Message-ID by day */                             \
    X(SEAL_HHDR, "hhdr")         /* K_loc: headers */                                       \
    X(SEAL_HMASK, "hmask")       /* K_loc: mask */                                          \
    X(SEAL_HSIV, "hsiv")         /* K_meta: the key of the next */                          \
    X(SEAL_HSV2, "hsv2")         /* its siv */                                              \
    X(SEAL_HKEY, "hkey")         /* K_meta: a head's key */                                 \
    /* the owner, and lanes to the recipients of private shares */                          \
    X(SEAL_ID_BOX, "id-box")     /* owner seed: X25519 secret */                            \
    X(SEAL_ID_SIGN, "id-sign")   /* owner seed: Ed25519 seed */                             \
    X(SEAL_CATALOG, "catalog")   /* owner seed: W of the share that lists the owner's shares */ \
    X(SEAL_WRITE, "write")       /* owner seed: W of a share */                             \
    X(SEAL_LANE, "lane")         /* X25519 result: LK */                                    \
    X(SEAL_LANE_ID, "lane-id")   /* LK: Message-ID */                                       \
    X(SEAL_LANE_HDR, "lane-hdr") /* LK: headers */                                          \
    X(SEAL_LANE_SIV, "lane-siv") /* LK: the siv of a lane */                                \
    X(SEAL_LANE_KEY, "lane-key") /* LK: the lane's key */                                   \
    X(SEAL_LANE_MASK, "lane-mask") /* LK: mask */
/* clang-format on */

#define SEAL_LABEL_ENUM(name, text) name,
enum seal_label { SEAL_LABELS(SEAL_LABEL_ENUM) SEAL_LABEL_COUNT };
#undef SEAL_LABEL_ENUM

#endif
