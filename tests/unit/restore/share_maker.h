/* Makes shares for tests out of the codecs alone: entries, packs, volumes, tree and head, posted
 * into an article_server. What it writes is docs/format.md, so it may also write nonsense on
 * purpose. Everything asserts. */
#ifndef TESTS_UNIT_RESTORE_SHARE_MAKER_H
#define TESTS_UNIT_RESTORE_SHARE_MAKER_H

#include "article_server.h"

#include "codec/manifest/extent_list.h"
#include "codec/manifest/head.h"
#include "codec/manifest/record.h"
#include "codec/seal/seal_head.h"
#include "flow/restore/restore.h"

enum { MAKER_VOLUME_MAX = 64, MAKER_FULL_MAX = 8, MAKER_TOP = 1 };

/* A volume being filled, and after maker_post() what was posted. */
struct maker_volume {
    uint32_t number;
    enum volume_kind kind;
    uint8_t vk[KEY_LEN];
    struct volume_keys keys;
    struct buf payloads; /* count * PAYLOAD_LEN */
    struct buf cids;
    uint32_t count;
    uint32_t parity;                     /* segments of it; 0: one that was never posted */
    char ids[2 * MAKER_VOLUME_MAX][256]; /* data, then parity */
};

struct maker_entry {
    struct buf key;
    struct buf value;
};

struct maker {
    struct article_server *server;
    struct sealer *sealer;
    struct share_keys keys;
    struct read_keys read;
    struct restore_key link;
    struct maker_volume data;                 /* the one that is being filled ... */
    struct maker_volume full[MAKER_FULL_MAX]; /* ... and those before it */
    size_t full_count;
    struct maker_volume meta;
    uint32_t pack;   /* the data segment that small things go into */
    uint32_t filled; /* bytes of it; PAYLOAD_LEN: no pack is open */
    uint32_t meta_filled;
    /* where the tree goes; OLDER: into a meta volume that the head's older table names */
    enum { MAKER_INLINE, MAKER_META, MAKER_OLDER } tables;
    struct buf inlined;
    struct maker_entry entries[4096];
    size_t entry_count;
    uint64_t next_folder;
    struct head head; /* what maker_post() will say; totals are counted by the adders */
    int keep_tree;    /* not 0: head.tree is the test's own */
    uint32_t alive_day;
    uint32_t second_try; /* this data segment goes out under attempt 1 and a changed id; ~0: none */
    /* for shares that are wrong on purpose; NULL: right. Of the data volume's entry ... */
    void (*spoil_volume)(struct maker *m, const struct volume_entry *entry, struct buf *value);
    void (*spoil_head)(
        struct maker *m, uint8_t *core); /* ... and of the head, before it is signed */
    /* ... and of recovery slice j, before it is named */
    void (*spoil_parity)(struct maker *m, uint32_t j, uint8_t *slice);
    const void *spoil_arg;
    uint8_t *payload; /* of the last head */
};

void maker_init(struct maker *m, struct article_server *server);
void maker_clear(struct maker *m);

/* How a file's bytes are stored. */
enum maker_coding { MAKER_PLAIN, MAKER_ZSTD };

/* Add a file; blocks that are all zeros become holes. */
void maker_file(struct maker *m, uint64_t folder, const char *name, struct bytes data,
    enum maker_coding coding);

/* What comes goes into another data volume, with as much parity. */
void maker_next_volume(struct maker *m);

/* The same as maker_file(), but its bytes lie in the head's inline stream (at most a block). */
void maker_inline_file(struct maker *m, uint64_t folder, const char *name, struct bytes data);

/* Add a folder; its id is returned. */
uint64_t maker_folder(struct maker *m, uint64_t folder, const char *name, uint16_t mode);
void maker_symlink(struct maker *m, uint64_t folder, const char *name, const char *target);
void maker_hard_link(
    struct maker *m, uint64_t folder, const char *name, uint64_t to_folder, const char *to);

/* Add any record under any key. */
void maker_entry(struct maker *m, struct bytes key, struct bytes value);
void maker_record(struct maker *m, uint64_t folder, const char *name, const struct record *record);

/* Forget all entries, the tree and the volume tables: the next version starts empty. */
void maker_restart(struct maker *m);

/* Put an object where objects go. */
void maker_object(struct maker *m, struct bytes plain, struct pointer *at);

/* The same, of stored bytes as they are. */
void maker_stored(struct maker *m, struct bytes stored, struct pointer *at);

/* Post data, tables and tree, and make the head (m->payload), which is not posted. */
void maker_post(struct maker *m);

/* Post the head at these slots of a number. */
void maker_post_head(
    struct maker *m, enum seal_family family, uint64_t number, uint32_t from, uint32_t to);

/* Post and say so everywhere a publisher would. */
void maker_publish(struct maker *m);

/* Post bytes that are no head at a slot. */
void maker_post_foreign(struct maker *m, const struct seal_slot *slot);

/* The mtime that everything gets. */
#define MAKER_MTIME_NS ((int64_t)1600000000123456789)

#endif
