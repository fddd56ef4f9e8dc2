/* Kinds of shares whose author means harm: signed all right, and wrong inside. */
#ifndef TESTS_UNIT_RESTORE_HOSTILE_H
#define TESTS_UNIT_RESTORE_HOSTILE_H

#include "share_maker.h"

/* What may come of a kind; nothing else may. */
enum {
    REFUSED = 1,  /* an error that says the share is broken or too new */
    MISSING = 2,  /* articles or the share itself count as not there */
    HARMLESS = 4, /* it is restored, perhaps without what is in nobody's way */
    ENDLESS = 8,  /* it may take for ever, but can be cancelled */
};

enum hostile_place {
    HOSTILE_NAME,    /* the spec is an entry's name; n: its type */
    HOSTILE_EXTENTS, /* a file's extents; n: its size */
    HOSTILE_LISTS,   /* the pointers to a file's extents; n: its size; depth */
    HOSTILE_RECORD,  /* a record; n: its type, for the totals */
    HOSTILE_PAGE,    /* the root page of the tree; n: its symlinks */
    HOSTILE_STORED,  /* its stored form */
    HOSTILE_VOLUME,  /* the data volume's entry */
    HOSTILE_HEAD,    /* put into the head's core at `n`, in place of `depth` bytes */
    HOSTILE_MADE,    /* make() does it */
};

/* The spec says bytes, as words: b7 a byte, v300 a varint, z-2 a zigzag varint, x00ff bytes in hex,
 * r9:41 a byte nine times, "text, $VK and $LIST the volume's own key and pointer, $TRUE the item id
 * of "true", $P a pointer to an object of holes, 64 * P bytes. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order a row is read */
struct hostile_kind {
    const char *name;
    enum hostile_place place;
    const char *spec;
    unsigned want;
    uint64_t n;
    unsigned depth;
    void (*make)(struct maker *m);
};

/* The tables. */
const struct hostile_kind *hostile_files(size_t *count);
const struct hostile_kind *hostile_tables(size_t *count);
const struct hostile_kind *hostile_names(size_t *count);
const struct hostile_kind *hostile_made(size_t *count);

/* Make the share of this kind, and publish it. It holds a file "true" besides. */
void hostile_publish(struct maker *m, const struct hostile_kind *kind);

/* Put an entry of the top folder that is just these bytes. */
void hostile_entry(struct maker *m, uint64_t folder, struct bytes name, struct bytes value);

/* The same from specs; `type` counts in the totals. */
void hostile_record(
    struct maker *m, uint64_t folder, const char *name, const char *spec, unsigned type);

#endif
