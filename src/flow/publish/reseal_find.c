/* Whose bytes lie in the wanted places: one walk over all entries and pieces of the share. Files
 * whose extents stand in their row are looked at as they come by; those with pieces when the
 * catalogue is free again. */
#include <stdlib.h>
#include <string.h>

#include "flow/publish/reseal_room.h"
#include "io/store/store_volume.h"

enum { WALK_BATCH = 1000 }; /* entries looked at in one call of the catalogue */

static const uint32_t no_file = UINT32_MAX;

/* The file that is looked at. */
struct looked {
    uint64_t folder;
    struct bytes name;
    struct disk_stat stat;
    uint64_t block;  /* where the next extent begins */
    uint32_t number; /* its place in the table of files; no_file: it has none yet */
};

/* A file whose extents are pieces. */
struct later {
    struct list node;
    uint64_t folder;
    struct buf name;
    struct disk_stat stat;
};

struct walk {
    struct reseal *r;
    struct looked file;
    uint64_t folder; /* the key behind which the next batch begins */
    struct buf name;
    size_t seen;
    struct list later;
};

size_t reseal_at_or_behind(const struct reseal *r, uint64_t place)
{
    size_t low = 0, high = r->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (r->places[mid] < place) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* --- what is kept ----------------------------------------------------------------------------- */

static void drop_files(struct reseal *r)
{
    for (size_t i = 0; i < r->file_count; i++) {
        buf_clear(&r->files[i].name);
    }
    r->file_count = 0;
}

/* Files that no item is of any more go, the others close up. Items are in the order of files. */
static void close_up(struct reseal *r)
{
    size_t item = 0, kept = 0;

    for (size_t i = 0; i < r->file_count; i++) {
        size_t first = item;

        while (item < r->item_count && r->items[item].file == i) {
            r->items[item++].file = (uint32_t)kept;
        }
        if (item == first) {
            buf_clear(&r->files[i].name);
        } else {
            r->files[kept++] = r->files[i];
        }
    }
    r->file_count = kept;
}

/* How many of the first places have so few items that at most half of the room is used? */
static size_t half_of_them(const struct reseal *r, const uint32_t *counts)
{
    size_t sum = counts[0], n = 1;

    while (n < r->limit && sum + counts[n] <= r->items_max / 2) {
        sum += counts[n++];
    }
    return n;
}

/* There are too many items: leave the last places for another walk. */
static enum err thin(struct walk *w)
{
    struct reseal *r = w->r;
    uint32_t *counts = calloc(r->limit, sizeof(*counts));
    size_t kept = 0;

    if (counts == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < r->item_count; i++) {
        counts[r->items[i].place]++;
    }
    r->crowded = r->limit == 1;
    r->limit = half_of_them(r, counts);
    free(counts);
    for (size_t i = 0; i < r->item_count; i++) {
        if (r->items[i].place < r->limit && !r->crowded) {
            r->items[kept++] = r->items[i];
        }
    }
    r->item_count = kept;
    close_up(r);
    w->file.number = no_file;
    return OK;
}

static enum err note_file(struct walk *w)
{
    struct reseal *r = w->r;
    struct reseal_file *file;

    if (r->file_count == r->file_cap) {
        size_t cap = r->file_cap == 0 ? 64 : r->file_cap * 2;
        struct reseal_file *grown = realloc(r->files, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        r->files = grown;
        r->file_cap = cap;
    }
    file = &r->files[r->file_count];
    *file = (struct reseal_file){.folder = w->file.folder, .stat = w->file.stat};
    w->file.number = (uint32_t)r->file_count++;
    return buf_append(&file->name, w->file.name);
}

/* Keep an item of the file that is looked at, if its place is still wanted. */
static enum err put(struct walk *w, const struct reseal_item *item)
{
    struct reseal *r = w->r;
    enum err err = OK;

    while (err == OK && r->item_count == r->items_max && !r->crowded) {
        err = thin(w);
    }
    if (err != OK || item->place >= r->limit || r->crowded) {
        return err;
    }
    if (r->item_count == r->item_cap) {
        size_t cap = r->item_cap == 0 ? 256 : r->item_cap * 2;
        struct reseal_item *grown = realloc(r->items, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        r->items = grown;
        r->item_cap = cap;
    }
    if (w->file.number == no_file) {
        err = note_file(w);
    }
    if (err == OK) {
        r->items[r->item_count] = *item;
        r->items[r->item_count++].file = w->file.number;
    }
    return err;
}

/* --- extents ---------------------------------------------------------------------------------- */

/* A run of raw blocks: those that lie in wanted places. */
static enum err sift_raw(struct walk *w, const struct extent *e)
{
    const struct reseal *r = w->r;
    uint64_t first = reseal_place(e->volume, e->index);
    enum err err = OK;

    for (size_t i = reseal_at_or_behind(r, first);
         err == OK && i < r->limit && r->places[i] < first + e->blocks; i++) {
        struct reseal_item item = {
            .place = (uint32_t)i,
            .block = w->file.block + (r->places[i] - first),
            .plain_len = PAYLOAD_LEN,
            .stored_len = PAYLOAD_LEN,
            .coding = CODING_RAW,
            .len = PAYLOAD_LEN,
        };

        err = put(w, &item);
    }
    return err;
}

static enum err put_part(struct walk *w, struct reseal_item *item, uint64_t place)
{
    size_t i = reseal_at_or_behind(w->r, place);

    if (i >= w->r->limit || w->r->places[i] != place) {
        return OK;
    }
    item->place = (uint32_t)i;
    return put(w, item);
}

static enum err sift_packed(struct walk *w, const struct extent *e)
{
    struct reseal_item item = {
        .block = w->file.block,
        .plain_len = (uint32_t)e->plain_len,
        .stored_len = e->stored_len,
        .coding = e->coding,
        .at = e->offset,
        .len = e->stored_len,
    };
    enum err err;

    if (!extent_is_cut(e)) {
        return put_part(w, &item, reseal_place(e->volume, e->index));
    }
    item.len = PAYLOAD_LEN - e->offset;
    err = put_part(w, &item, reseal_place(e->volume, e->index));
    item.at = 0;
    item.skip = item.len;
    item.len = item.stored_len - item.skip;
    return err == OK ? put_part(w, &item, reseal_place(e->volume, e->next_index)) : err;
}

static enum err sift(struct walk *w, struct bytes run)
{
    struct extent_reader reader = {0};
    struct extent e;
    bool more = true;
    enum err err = OK;

    extent_reader_feed(&reader, run);
    while (err == OK) {
        err = extent_reader_next(&reader, &e, &more);
        if (err != OK || !more) {
            break;
        }
        if (e.kind == EXTENT_RAW) {
            err = sift_raw(w, &e);
        } else if (e.kind == EXTENT_PACKED) {
            err = sift_packed(w, &e);
        }
        w->file.block += (e.plain_len + PAYLOAD_LEN - 1) / PAYLOAD_LEN;
    }
    return err;
}

/* --- files ------------------------------------------------------------------------------------ */

static enum err keep_for_later(struct walk *w)
{
    struct later *l = calloc(1, sizeof(*l));

    if (l == NULL) {
        return ERR_NO_MEMORY;
    }
    l->folder = w->file.folder;
    l->stat = w->file.stat;
    list_push(&w->later, &l->node);
    return buf_append(&l->name, w->file.name);
}

static enum err look(void *arg, const struct store_entry *entry)
{
    struct walk *w = arg;
    enum err err;

    w->seen++;
    w->folder = entry->folder;
    w->name.len = 0;
    err = buf_append(&w->name, entry->name);
    if (err != OK || entry->type != STORE_FILE || entry->size == 0) {
        return err;
    }
    w->file = (struct looked){
        .folder = entry->folder,
        .name = entry->name,
        .stat =
            {
                .type = DISK_FILE,
                .size = entry->size,
                .mtime_ns = entry->mtime_ns,
                .ctime_ns = entry->ctime_ns,
                .inode = entry->inode,
                .device = entry->device,
            },
        .number = no_file,
    };
    return entry->extents.len > 0 ? sift(w, entry->extents) : keep_for_later(w);
}

static enum err look_at_piece(void *arg, const struct store_piece *piece)
{
    struct walk *w = arg;

    w->file.block = piece->block;
    return sift(w, piece->extents);
}

static enum err look_later(struct walk *w, const struct later *l)
{
    const struct publish_ctx *ctx = w->r->ctx;

    w->file = (struct looked){
        .folder = l->folder,
        .name = buf_view(&l->name),
        .stat = l->stat,
        .number = no_file,
    };
    return store_piece_each(
        ctx->o.store, ctx->share.id, l->folder, buf_view(&l->name), look_at_piece, w);
}

/* Look at one batch of entries. */
static enum err batch(struct walk *w)
{
    const struct publish_ctx *ctx = w->r->ctx;
    struct buf after = w->name; /* look() writes the new key */
    enum err err;

    w->name = (struct buf){0};
    w->seen = 0;
    err = store_entry_after(
        ctx->o.store, ctx->share.id, w->folder, buf_view(&after), WALK_BATCH, look, w);
    LIST_EACH(node, next, &w->later)
    {
        struct later *l = LIST_ITEM(node, struct later, node);

        if (err == OK) {
            err = look_later(w, l);
        }
        list_remove(node);
        buf_clear(&l->name);
        free(l);
    }
    buf_clear(&after);
    return err;
}

static int by_place(const void *a, const void *b)
{
    const struct reseal_item *x = a, *y = b;

    if (x->place != y->place) {
        return (x->place > y->place) - (x->place < y->place);
    }
    return (x->at > y->at) - (x->at < y->at);
}

static enum err walk_all(struct reseal *r, const atomic_int *stop)
{
    struct walk w = {.r = r};
    enum err err = OK;

    list_init(&w.later);
    do {
        err = stop != NULL && atomic_load(stop) != 0 ? ERR_CANCELLED : batch(&w);
    } while (err == OK && w.seen == WALK_BATCH);
    buf_clear(&w.name);
    if (err == OK && r->item_count > 0) {
        qsort(r->items, r->item_count, sizeof(*r->items), by_place);
    }
    return err;
}

enum err reseal_new(
    const struct publish_ctx *ctx, const struct reseal_want *want, struct reseal **reseal)
{
    struct reseal *r = calloc(1, sizeof(*r));
    enum err err = OK;

    if (r == NULL) {
        return ERR_NO_MEMORY;
    }
    r->ctx = ctx;
    r->items_max = want->items_max != 0 ? want->items_max : RESEAL_ITEMS_MAX;
    r->places = calloc(want->count + 1, sizeof(*r->places));
    if (r->places == NULL) {
        err = ERR_NO_MEMORY;
    }
    if (err == OK) {
        memcpy(r->places, want->places, want->count * sizeof(*r->places));
        r->count = want->count;
        r->limit = want->count;
        err = walk_all(r, want->stop);
    }
    if (err != OK) {
        reseal_free(r);
        return err;
    }
    *reseal = r;
    return OK;
}

void reseal_free(struct reseal *r)
{
    if (r == NULL) {
        return;
    }
    drop_files(r);
    free(r->files);
    free(r->items);
    free(r->places);
    free(r);
}

bool reseal_covers(const struct reseal *r, uint64_t place)
{
    size_t i = r != NULL ? reseal_at_or_behind(r, place) : 0;

    return r != NULL && i < r->limit && r->places[i] == place;
}
