/* The two halves of adopting a share: its volumes, and the packed items of its files. The room's
 * own. Both are asked, not told (restore_ctx.h). */
#ifndef FLOW_RESTORE_ADOPT_ROOM_H
#define FLOW_RESTORE_ADOPT_ROOM_H

#include "codec/manifest/extent_list.h"
#include "flow/restore/share_reader.h"
#include "io/store/store_volume.h"

/* Where things are written down, and how much was. */
struct adopt_place {
    struct store *store;
    int64_t share;
    struct sealer *sealer;
    uint64_t volumes, articles, items;
};

/* Note that the object at `at` holds `plain`: the next version points there when it needs the same
 * bytes. */
MUST_USE enum err adopt_note(struct adopt_place *place, const struct head *head,
    const struct pointer *at, struct bytes plain);

/* One table of volumes being copied, entry after entry; zeroed at first. */
struct adopt_table {
    struct tree_cursor *cursor;
    struct pointer need; /* the page that it waits for */
    uint32_t number;     /* of the entry at hand; 0: none */
    struct buf value;    /* its bytes */
    bool ended;          /* that was all */
};

/* Copy the next volume of the table at `root`, or set table->ended. */
struct adopt_source {
    const struct pointer *root;
    enum volume_kind kind;
    enum share_scope scope;
};
enum answer adopt_table_step(struct adopt_table *table, struct share_reader *reader,
    const struct adopt_source *source, struct adopt_place *place, enum err *err);
void adopt_table_clear(struct adopt_table *table);

/* Copy the meta volumes that the head itself lists. */
MUST_USE enum err adopt_own_volumes(const struct head *head, struct adopt_place *place);

/* Items of files, gathered until a batch is full; zeroed at first. */
struct adopt_items {
    struct extent_walk *walk; /* of the file at hand */
    struct store_item *rows;  /* STORE_BATCH_MAX; their extents lie in `bytes` */
    size_t *from;             /* where each one's extent begins */
    size_t count;
    struct buf bytes;
};

/* Begin with a file. */
MUST_USE enum err adopt_items_file(struct adopt_items *items, const struct record *record);

/* Take its next extent; READY with *more false: the file is done. */
enum answer adopt_items_step(struct adopt_items *items, struct share_reader *reader,
    struct adopt_place *place, bool *more, enum err *err);

/* Write down what is gathered. */
MUST_USE enum err adopt_items_flush(struct adopt_items *items, struct adopt_place *place);
void adopt_items_clear(struct adopt_items *items);

#endif
