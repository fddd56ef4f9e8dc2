/* Entries of the volume tables and of a head's list of meta volumes: what a reader must know of one
 * volume to fetch, check and repair it. */
#ifndef CODEC_MANIFEST_VOLUME_TABLE_H
#define CODEC_MANIFEST_VOLUME_TABLE_H

#include "codec/manifest/pointer.h"

enum volume_kind { VOLUME_DATA = 1, VOLUME_META = 2 };

enum { VOLUME_KEY_LEN = 4 };

struct volume_entry {
    uint32_t number; /* 1 .. VOLUME_NUMBER_MAX; stands in the key, not in the value */
    enum volume_kind kind;
    uint32_t k; /* data segments, 1 .. VOLUME_DATA_MAX (META_DATA_MAX) */
    uint32_t m; /* parity segments, 0 .. max(k, VOLUME_PARITY_FLOOR) */
    uint8_t vk[KEY_LEN];
    struct pointer list;   /* tables: the object of (k + m) cids; length 0 in a head's list */
    struct bytes cids;     /* head's list: the (k + m) * 32 bytes themselves; empty in tables */
    struct bytes attempts; /* borrowed: made by volume_attempt_put() */
    struct bytes changed;  /* borrowed: made by volume_changed_put() */
};

/* Append "segment `index` went out under this attempt"; call in rising order, for those not 0. */
MUST_USE enum err volume_attempt_put(struct buf *attempts, uint32_t index, uint32_t attempt);

/* Append "the server named segment `index` this": a Message-ID with its brackets; rising order. */
MUST_USE enum err volume_changed_put(struct buf *changed, uint32_t index, struct bytes id);

/* The attempt of segment `index`; 0 when the entry lists none. */
uint32_t volume_attempt_of(const struct volume_entry *e, uint32_t index);

/* Did a server rename segment `index`? Then *id borrows the name. */
bool volume_changed_of(const struct volume_entry *e, uint32_t index, struct bytes *id);

/* Append the value of an entry. ERR_LIMIT: it breaks a rule above. */
MUST_USE enum err volume_entry_encode(const struct volume_entry *e, struct buf *out);

/* Read the value of table entry `number`, which fills `value`; *e borrows from it. ERR_BAD_FORMAT,
 * ERR_LIMIT, ERR_TOO_NEW. */
MUST_USE enum err volume_entry_decode(uint32_t number, struct bytes value, struct volume_entry *e);

/* The same inside a head's list: the number stands in front, and more may follow. */
MUST_USE enum err volume_entry_put(struct buf *list, const struct volume_entry *e);
MUST_USE enum err volume_entry_take(struct bytes *list, struct volume_entry *e);

/* The table's key of a volume, big-endian, and back. ERR_LIMIT: not a volume's number. */
void volume_key(uint32_t number, uint8_t key[VOLUME_KEY_LEN]);
MUST_USE enum err volume_key_decode(struct bytes key, uint32_t *number);

/* Cid `index` of a list's bytes, which hold more than that. */
struct cid volume_cid_at(struct bytes cids, uint32_t index);

#endif
