/* Volumes with their maps, and the flush that makes progress durable. */
#ifndef IO_STORE_STORE_VOLUME_H
#define IO_STORE_STORE_VOLUME_H

#include "base/ids.h"
#include "io/store/store_entry.h"

enum store_volume_kind { STORE_VOLUME_DATA = 1, STORE_VOLUME_META = 2 };

/* OPEN: segments may still be added. CLOSED: K and M are final. LIVE: a published head lists it.
 * HEALING: LIVE, but some of it is posted again, as only the next head will list it. */
enum store_volume_state {
    STORE_VOLUME_OPEN = 1,
    STORE_VOLUME_CLOSED,
    STORE_VOLUME_LIVE,
    STORE_VOLUME_HEALING,
};

/* A segment's life, 2 bits in its volume's map. It moves on only, but a confirmed loss is planned
 * again. LOST: gone from a published volume; of a LIVE one it could not be made good. */
enum store_segment_state { STORE_PLANNED, STORE_ACCEPTED, STORE_CONFIRMED, STORE_LOST };

struct store_volume {
    uint32_t number;
    enum store_volume_kind kind;
    enum store_volume_state state;
    uint64_t version;        /* the version it is made for, or was posted again for */
    uint8_t key[KEY_LEN];    /* VK */
    uint32_t k, m;           /* while OPEN: k is the highest index used + 1 */
    struct bytes states;     /* 2 bits a segment: i in bits 2*(i%4) of byte i/4; k + m of them */
    struct bytes cids;       /* 32 bytes a segment, k + m of them */
    struct bytes exceptions; /* attempts, changed ids: encoded as in the wire's volume entry */
};

typedef enum err (*store_volume_fn)(void *arg, const struct store_volume *volume);

/* Make an OPEN volume with the next free number. Durable on return. */
MUST_USE enum err store_volume_add(struct store *store, int64_t share, enum store_volume_kind kind,
    uint64_t version, const uint8_t key[KEY_LEN], uint32_t *number);

/* One volume. ERR_NO_ROW: none. */
MUST_USE enum err store_volume_get(
    struct store *store, int64_t share, uint32_t number, store_volume_fn each, void *arg);

/* Volumes with number > after, rising, up to `limit`. */
MUST_USE enum err store_volume_after(struct store *store, int64_t share, uint32_t after,
    size_t limit, store_volume_fn each, void *arg);

/* The same, only volumes that no published head lists yet. */
MUST_USE enum err store_volume_pending(struct store *store, int64_t share, uint32_t after,
    size_t limit, store_volume_fn each, void *arg);

/* Volumes that are OPEN, rising: a few among many thousands. The maps of the others are not read.
 */
MUST_USE enum err store_volume_open(
    struct store *store, int64_t share, store_volume_fn each, void *arg);

/* The first number that was never used, and the same for folders. */
MUST_USE enum err store_next_numbers(
    struct store *store, int64_t share, uint32_t *volume, uint64_t *folder);

/* Bytes of a file that lie in accepted segments: `count` blocks from `block` on. */
struct store_piece {
    uint64_t folder;
    struct bytes name;
    uint64_t block, count;
    struct bytes extents; /* of these blocks alone, encoded as on the wire, state starting afresh */
};

/* A file whose bytes are all in accepted segments; its stat as it was read. */
struct store_sent {
    uint64_t folder;
    struct bytes name;
    uint64_t size;
    int64_t mtime_ns, ctime_ns;
    uint64_t inode, device;
    uint32_t mode;
    struct bytes extents; /* of the whole file; empty: too many, its pieces hold them and stay */
};

/* An item in a pack, for dedupe: `id` is the front of its content id, `extent` its one encoded
 * extent. */
struct store_item {
    uint8_t id[ITEM_ID_LEN];
    struct bytes extent;
    uint32_t volume, segment;
    uint32_t next_segment; /* where it goes on, else `segment` again */
};

struct store_flush {
    const struct store_volume *volumes; /* all but kind and key is written */
    size_t volume_count;
    const struct store_piece *pieces;
    size_t piece_count;
    const struct store_sent *sent; /* their pieces are removed, unless extents is empty */
    size_t sent_count;
    const struct store_item *items;
    size_t item_count;
};

/* Write all of it in one transaction. Survives kill -9. */
MUST_USE enum err store_flush(struct store *store, int64_t share, const struct store_flush *flush);

/* The pieces of one file, rising by block. */
typedef enum err (*store_piece_fn)(void *arg, const struct store_piece *piece);
MUST_USE enum err store_piece_each(struct store *store, int64_t share, uint64_t folder,
    struct bytes name, store_piece_fn each, void *arg);

/* The file is to be read and sent again: it loses extents and pieces. No error when there is no
 * such file. */
MUST_USE enum err store_entry_unsend(
    struct store *store, int64_t share, uint64_t folder, struct bytes name);

/* Has the share volumes that are HEALING? */
MUST_USE enum err store_volume_healing(struct store *store, int64_t share, bool *yes);

/* All volumes of `version` are part of a published head now. */
MUST_USE enum err store_volume_publish(struct store *store, int64_t share, uint64_t version);

#endif
