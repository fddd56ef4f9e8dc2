/* Makes a catalogue say that a part of a share was sent already: as sending it for days would have
 * left it, for measurements of what comes then. Files in the order in which they are sent get their
 * extents, in volumes that are full, confirmed and have parity; nothing of that is on any server.
 *
 *     large_sent CATALOGUE SHARE PERCENT [listed]     (no daemon may have it open)
 *
 * With `listed` the volumes count as those of a published head, and their blocks are known by their
 * names: the next run lists everything and ends, and has nothing to ask a server for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "codec/manifest/extents.h"
#include "flow/publish/parity_count.h"
#include "io/store/store_known.h"
#include "io/store/store_unsent.h"
#include "io/store/store_volume.h"

enum {
    PLAN = 512,           /* files of one call */
    K = 1024,             /* data segments of a volume */
    PARITY_MAX = K,       /* more than it ever gets */
    CONFIRMED_ALL = 0xaa, /* four times STORE_CONFIRMED */
};

struct file {
    struct buf name, extents;
    struct store_sent row;
    struct store_item item; /* of its tail; extent empty: it has none */
    struct buf tail;
};

struct sent {
    struct store *store;
    int64_t share;
    enum store_volume_state state; /* of volumes that are full */
    uint64_t left;
    struct file files[PLAN];
    size_t count;
    struct store_volume volume; /* being filled; number 0: none */
    uint32_t next;              /* of its places */
    uint32_t pack, pack_used;   /* where tails go; pack K: nowhere yet */
    uint8_t cids[(K + PARITY_MAX) * sizeof(struct cid)];
    uint8_t states[(K + PARITY_MAX) / 4];
};

static void must(enum err err, const char *what)
{
    if (err != OK) {
        (void)fprintf(stderr, "large_sent: %s: %s\n", what, err_text(err));
        exit(1);
    }
}

/* --- volumes ---------------------------------------------------------------------------------- */

static void close_volume(struct sent *s)
{
    struct store_volume *v = &s->volume;
    uint32_t count;

    if (v->number == 0) {
        return;
    }
    v->k = s->next;
    v->m = parity_count(STORE_VOLUME_DATA, v->k, PARITY_NORMAL);
    count = v->k + v->m;
    v->state = s->state;
    must(random_bytes(s->cids, count * sizeof(struct cid)), "random");
    memset(s->states, CONFIRMED_ALL, sizeof(s->states));
    v->cids = bytes_at(s->cids, count * sizeof(struct cid));
    v->states = bytes_at(s->states, (count + 3) / 4);
    must(store_flush(s->store, s->share, &(struct store_flush){.volumes = v, .volume_count = 1}),
        "volume");
    if (s->state == STORE_VOLUME_LIVE) {
        must(store_block_note(s->store, s->share, v->number), "names");
    }
    *v = (struct store_volume){0};
}

static void open_volume(struct sent *s)
{
    struct store_volume *v = &s->volume;

    *v = (struct store_volume){.kind = STORE_VOLUME_DATA, .version = 1};
    must(random_bytes(v->key, sizeof(v->key)), "random");
    must(store_volume_add(s->store, s->share, v->kind, v->version, v->key, &v->number), "volume");
    s->next = 0;
    s->pack = K;
}

static uint32_t take_place(struct sent *s)
{
    if (s->volume.number == 0 || s->next == K) {
        close_volume(s);
        open_volume(s);
    }
    return s->next++;
}

/* --- files ------------------------------------------------------------------------------------ */

static void put_blocks(struct sent *s, struct extent_writer *w, uint64_t blocks)
{
    while (blocks > 0) {
        struct extent e = {.kind = EXTENT_RAW, .index = take_place(s), .blocks = 1};

        while (e.blocks < blocks && s->next < K) {
            (void)take_place(s);
            e.blocks++;
        }
        e.volume = s->volume.number;
        e.plain_len = (uint64_t)e.blocks * PAYLOAD_LEN;
        must(extent_writer_put(w, &e), "extent");
        blocks -= e.blocks;
    }
}

/* A tail begins a new pack where it does not fit into the open one. */
static void put_tail(struct sent *s, struct file *f, struct extent_writer *w, uint32_t len)
{
    struct extent e = {.kind = EXTENT_PACKED, .plain_len = len, .stored_len = len};
    struct extent_writer alone = {0};

    if (s->volume.number == 0 || s->pack == K || s->pack_used + len > PAYLOAD_LEN) {
        uint32_t place = take_place(s); /* may begin a volume, which has no pack */

        s->pack = place;
        s->pack_used = 0;
    }
    e.volume = s->volume.number;
    e.index = s->pack;
    e.offset = s->pack_used;
    must(random_bytes(e.item, sizeof(e.item)), "random");
    s->pack_used += len;
    must(extent_writer_put(w, &e), "extent");
    must(extent_writer_put(&alone, &e), "extent");
    f->tail = alone.out;
    f->item = (struct store_item){.extent = buf_view(&f->tail),
        .volume = e.volume,
        .segment = e.index,
        .next_segment = e.index};
    memcpy(f->item.id, e.item, sizeof(f->item.id));
}

static enum err take_file(void *arg, const struct store_entry *entry)
{
    struct sent *s = arg;
    struct file *f = &s->files[s->count++];

    *f = (struct file){.row = {.folder = entry->folder,
                           .size = entry->size,
                           .mtime_ns = entry->mtime_ns,
                           .ctime_ns = entry->ctime_ns,
                           .inode = entry->inode,
                           .device = entry->device,
                           .mode = entry->mode}};
    return buf_append(&f->name, entry->name);
}

static void place_file(struct sent *s, struct file *f)
{
    struct extent_writer w = {0};
    uint32_t tail = (uint32_t)(f->row.size % PAYLOAD_LEN);

    put_blocks(s, &w, f->row.size / PAYLOAD_LEN);
    if (tail > 0) {
        put_tail(s, f, &w, tail);
    }
    f->extents = w.out;
    f->row.name = buf_view(&f->name);
    f->row.extents = buf_view(&f->extents);
    s->left -= f->row.size < s->left ? f->row.size : s->left;
}

/* Those that were found, as long as bytes are left. */
static void write_files(struct sent *s)
{
    struct store_sent rows[PLAN];
    struct store_item items[PLAN];
    struct store_flush flush = {.sent = rows, .items = items};

    for (size_t i = 0; i < s->count && s->left > 0; i++) {
        struct file *f = &s->files[i];

        place_file(s, f);
        rows[flush.sent_count++] = f->row;
        if (f->item.extent.len > 0) {
            items[flush.item_count++] = f->item;
        }
    }
    must(store_flush(s->store, s->share, &flush), "files");
    for (size_t i = 0; i < s->count; i++) {
        buf_clear(&s->files[i].name);
        buf_clear(&s->files[i].extents);
        buf_clear(&s->files[i].tail);
    }
    s->count = 0;
}

/* Until so much of the share is sent. */
static uint64_t still_to_send(const struct sent *s, uint64_t percent)
{
    struct store_totals totals;
    uint64_t want, have;

    must(store_entry_totals(s->store, s->share, &totals), "count");
    want = totals.bytes / 100 * percent;
    have = totals.bytes - totals.unsent_bytes;
    return percent >= 100 ? UINT64_MAX : want > have ? want - have : 0;
}

int main(int argc, char **argv)
{
    struct store_unsent at = {.limit = PLAN};
    struct sent *s = calloc(1, sizeof(*s));

    if (argc < 4 || argc > 5 || s == NULL) {
        (void)fprintf(stderr, "large_sent CATALOGUE SHARE PERCENT [listed]\n");
        return 2;
    }
    must(store_open(argv[1], &s->store), "open");
    s->share = strtoll(argv[2], NULL, 10);
    s->left = still_to_send(s, strtoull(argv[3], NULL, 10));
    s->state = argc == 5 ? STORE_VOLUME_LIVE : STORE_VOLUME_CLOSED;
    while (s->left > 0 && !at.done) {
        must(store_entry_unsent(s->store, s->share, &at, take_file, s), "files to send");
        write_files(s);
    }
    close_volume(s);
    store_close(s->store);
    free(s);
    return 0;
}
