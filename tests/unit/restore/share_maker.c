/* The publisher's half of the format, in its plainest form. */
#include "share_maker.h"
#include "maker_volume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#include "base/clock.h"
#include "base/random.h"
#include "codec/manifest/object.h"
#include "codec/manifest/tree_builder.h"
#define must(call) assert_int_equal((call), OK)

/* --- packs and objects --- */

/* Put `stored` into the packs and set what the extent says about the place. */
static void pack_put(struct maker *m, struct bytes stored, struct extent *e)
{
    size_t first;

    if (m->filled == PAYLOAD_LEN) {
        m->pack = maker_segment_new(&m->data);
        m->filled = 0;
    }
    first = PAYLOAD_LEN - m->filled < stored.len ? PAYLOAD_LEN - m->filled : stored.len;
    e->volume = m->data.number;
    e->index = m->pack;
    e->offset = m->filled;
    e->stored_len = (uint32_t)stored.len;
    memcpy(m->data.payloads.ptr + (size_t)m->pack * PAYLOAD_LEN + m->filled, stored.ptr, first);
    m->filled += (uint32_t)first;
    if (first < stored.len) {
        m->pack = maker_segment_new(&m->data);
        e->next_index = m->pack;
        m->filled = (uint32_t)(stored.len - first);
        memcpy(m->data.payloads.ptr + (size_t)m->pack * PAYLOAD_LEN, stored.ptr + first,
            stored.len - first);
    }
}

static void meta_put(struct maker *m, struct bytes stored, struct pointer *at)
{
    struct maker_volume *v = &m->meta;
    size_t done = 0;

    if (v->count == 0 || m->meta_filled == PAYLOAD_LEN) {
        (void)maker_segment_new(v);
        m->meta_filled = 0;
    }
    at->volume = v->number;
    at->segment = v->count - 1;
    at->offset = m->meta_filled;
    while (done < stored.len) {
        size_t len = PAYLOAD_LEN - m->meta_filled;

        if (len == 0) {
            (void)maker_segment_new(v);
            m->meta_filled = 0;
            continue;
        }
        len = len < stored.len - done ? len : stored.len - done;
        memcpy(v->payloads.ptr + (size_t)(v->count - 1) * PAYLOAD_LEN + m->meta_filled,
            stored.ptr + done, len);
        m->meta_filled += (uint32_t)len;
        done += len;
    }
}

void maker_stored(struct maker *m, struct bytes stored, struct pointer *at)
{
    *at = (struct pointer){.length = (uint32_t)stored.len};
    must(seal_cid(m->sealer, m->keys.ck, stored, &at->hash));
    if (m->tables != MAKER_INLINE) {
        meta_put(m, stored, at);
    } else {
        at->offset = (uint32_t)m->inlined.len;
        must(buf_append(&m->inlined, stored));
    }
}

static enum err emit(void *arg, struct bytes plain, struct pointer *at)
{
    struct buf stored = {0};

    must(object_pack(plain, &stored));
    maker_stored(arg, buf_view(&stored), at);
    buf_clear(&stored);
    return OK;
}

void maker_object(struct maker *m, struct bytes plain, struct pointer *at)
{
    must(emit(m, plain, at));
}

/* --- entries --- */

void maker_entry(struct maker *m, struct bytes key, struct bytes value)
{
    struct maker_entry *e = &m->entries[m->entry_count++];

    assert_true(m->entry_count <= sizeof(m->entries) / sizeof(m->entries[0]));
    must(buf_append(&e->key, key));
    must(buf_append(&e->value, value));
}

void maker_record(struct maker *m, uint64_t folder, const char *name, const struct record *record)
{
    struct buf key = {0}, value = {0};

    must(record_key_put(&key, folder, bytes_str(name)));
    must(record_encode(record, &value));
    maker_entry(m, buf_view(&key), buf_view(&value));
    buf_clear(&key);
    buf_clear(&value);
}

static bool all_zeros(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] != 0) {
            return false;
        }
    }
    return true;
}

static void item_extent(
    struct maker *m, struct bytes plain, enum maker_coding coding, struct extent *e)
{
    struct buf frame = {0};
    struct bytes stored = plain;
    struct cid cid;

    must(seal_cid(m->sealer, m->keys.ck, plain, &cid));
    memcpy(e->item, cid.b, sizeof(e->item));
    e->kind = EXTENT_PACKED;
    if (coding == MAKER_ZSTD) {
        must(buf_resize(&frame, ZSTD_compressBound(plain.len)));
        frame.len = ZSTD_compress(frame.ptr, frame.len, plain.ptr, plain.len, 3);
        assert_false(ZSTD_isError(frame.len));
        if (frame.len < plain.len) {
            e->coding = CODING_ZSTD;
            stored = buf_view(&frame);
        }
    }
    pack_put(m, stored, e);
    buf_clear(&frame);
}

static void block_extent(
    struct maker *m, struct bytes plain, enum maker_coding coding, struct extent *e)
{
    *e = (struct extent){.plain_len = plain.len};
    if (all_zeros(plain)) {
        e->kind = EXTENT_HOLE;
    } else if (coding == MAKER_PLAIN && plain.len == PAYLOAD_LEN) {
        e->kind = EXTENT_RAW;
        e->volume = m->data.number;
        e->index = maker_segment_new(&m->data);
        e->blocks = 1;
        memcpy(m->data.payloads.ptr + (size_t)e->index * PAYLOAD_LEN, plain.ptr, plain.len);
    } else {
        item_extent(m, plain, coding, e);
    }
}

static void add_file(struct maker *m, uint64_t folder, const char *name, struct record *record)
{
    record->type = RECORD_FILE;
    record->mode = 0640;
    record->mtime_ns = MAKER_MTIME_NS;
    maker_record(m, folder, name, record);
    m->head.files++;
    m->head.bytes += record->size;
}

void maker_file(
    struct maker *m, uint64_t folder, const char *name, struct bytes data, enum maker_coding coding)
{
    struct record record = {.size = data.len};
    struct extent_list *list;
    struct buf run = {0};
    struct extent e;

    must(extent_list_new(emit, m, &list));
    while (data.len > 0) {
        size_t len = data.len < PAYLOAD_LEN ? data.len : PAYLOAD_LEN;

        block_extent(m, bytes_at(data.ptr, len), coding, &e);
        must(extent_list_add(list, &e));
        bytes_skip(&data, len);
    }
    must(extent_list_finish(list, &record.depth, &run));
    record.extents = buf_view(&run);
    add_file(m, folder, name, &record);
    extent_list_free(list);
    buf_clear(&run);
}

void maker_inline_file(struct maker *m, uint64_t folder, const char *name, struct bytes data)
{
    struct record record = {.size = data.len};
    struct extent_writer run = {0};
    struct extent e = {.kind = EXTENT_PACKED,
        .plain_len = data.len,
        .offset = (uint32_t)m->inlined.len,
        .stored_len = (uint32_t)data.len};
    struct cid cid;

    must(seal_cid(m->sealer, m->keys.ck, data, &cid));
    memcpy(e.item, cid.b, sizeof(e.item));
    must(buf_append(&m->inlined, data));
    must(extent_writer_put(&run, &e));
    record.extents = buf_view(&run.out);
    add_file(m, folder, name, &record);
    buf_clear(&run.out);
}

uint64_t maker_folder(struct maker *m, uint64_t folder, const char *name, uint16_t mode)
{
    struct record record = {.type = RECORD_DIRECTORY,
        .mode = mode,
        .mtime_ns = MAKER_MTIME_NS,
        .folder = m->next_folder};

    maker_record(m, folder, name, &record);
    m->head.directories++;
    return m->next_folder++;
}

void maker_symlink(struct maker *m, uint64_t folder, const char *name, const char *target)
{
    struct record record = {.type = RECORD_SYMLINK,
        .mode = 0777,
        .mtime_ns = MAKER_MTIME_NS,
        .text = bytes_str(target)};

    maker_record(m, folder, name, &record);
    m->head.symlinks++;
}

void maker_hard_link(
    struct maker *m, uint64_t folder, const char *name, uint64_t to_folder, const char *to)
{
    struct record record = {.type = RECORD_HARD_LINK, .folder = to_folder, .text = bytes_str(to)};

    maker_record(m, folder, name, &record);
    m->head.others++;
}

/* --- tree, tables, head --- */

static int by_key(const void *a, const void *b)
{
    const struct maker_entry *x = a, *y = b;

    return bytes_compare(buf_view(&x->key), buf_view(&y->key));
}

static void make_tree(struct maker *m)
{
    struct tree_builder *tree;

    qsort(m->entries, m->entry_count, sizeof(m->entries[0]), by_key);
    must(tree_builder_new(emit, m, &tree));
    for (size_t i = 0; i < m->entry_count; i++) {
        must(tree_builder_add(tree, buf_view(&m->entries[i].key), buf_view(&m->entries[i].value)));
    }
    must(tree_builder_finish(tree, &m->head.tree));
    tree_builder_free(tree);
}

static void table_add(struct maker *m, struct maker_volume *v, struct tree_builder *tree)
{
    struct volume_entry entry;
    struct buf attempts = {0}, changed = {0}, value = {0};
    uint8_t key[VOLUME_KEY_LEN];

    maker_volume_describe(m, v, &entry, &attempts, &changed);
    maker_object(m, buf_view(&v->cids), &entry.list);
    must(volume_entry_encode(&entry, &value));
    if (m->spoil_volume != NULL && v->kind == VOLUME_DATA) {
        m->spoil_volume(m, &entry, &value);
    }
    volume_key(v->number, key);
    must(tree_builder_add(tree, bytes_at(key, sizeof(key)), buf_view(&value)));
    buf_clear(&attempts);
    buf_clear(&changed);
    buf_clear(&value);
}

/* The table of `v`, for data after the volumes that are full. */
static void make_table(struct maker *m, struct maker_volume *v, struct pointer *root)
{
    struct tree_builder *tree;

    if (v->count == 0) {
        return;
    }
    must(tree_builder_new(emit, m, &tree));
    for (size_t i = 0; v->kind == VOLUME_DATA && i < m->full_count; i++) {
        table_add(m, &m->full[i], tree);
        m->head.articles += m->full[i].count;
    }
    table_add(m, v, tree);
    must(tree_builder_finish(tree, root));
    tree_builder_free(tree);
}

void maker_next_volume(struct maker *m)
{
    uint32_t number = m->meta.number + 1 + (uint32_t)m->full_count;
    uint32_t parity = m->data.parity;

    assert_true(m->full_count < MAKER_FULL_MAX);
    m->full[m->full_count++] = m->data;
    memset(&m->data, 0, sizeof(m->data));
    maker_volume_init(m, &m->data, number, VOLUME_DATA);
    m->data.parity = parity;
    m->filled = PAYLOAD_LEN;
}

/* The head's own list, or the table of what it calls older. */
static void make_metas(struct maker *m, struct buf *metas)
{
    struct volume_entry entry;
    struct buf attempts = {0}, changed = {0};

    if (m->meta.count == 0) {
        return;
    }
    if (m->tables == MAKER_OLDER) {
        m->tables = MAKER_INLINE;
        make_table(m, &m->meta, &m->head.older);
        return;
    }
    maker_volume_describe(m, &m->meta, &entry, &attempts, &changed);
    entry.cids = buf_view(&m->meta.cids);
    must(volume_entry_put(metas, &entry));
}

static void sign(struct maker *m)
{
    struct head_tail tail = {.alive_day = m->alive_day};
    uint8_t hash[KEY_LEN];

    must(seal_head_hash(m->sealer, m->keys.ck, head_core(m->payload), hash));
    must(seal_sign_head(&m->keys, head_core(m->payload), tail.head_signature));
    must(seal_sign_alive(&m->keys, hash, m->alive_day, tail.alive_signature));
    head_put_tail(m->payload, &tail);
}

void maker_post(struct maker *m)
{
    struct buf metas = {0};

    if (!m->keep_tree) {
        make_tree(m);
    }
    m->head.articles = m->data.count;
    make_table(m, &m->data, &m->head.volumes);
    make_metas(m, &metas);
    m->head.metas = buf_view(&metas);
    m->head.inlined = buf_view(&m->inlined);
    m->head.next_folder = m->next_folder;
    m->head.next_volume = m->meta.number + 1 + (uint32_t)m->full_count;
    must(head_encode(&m->head, m->payload));
    if (m->spoil_head != NULL) {
        m->spoil_head(m, m->payload);
    }
    sign(m);
    m->head.metas = bytes_str("");
    buf_clear(&metas);
}

void maker_post_head(
    struct maker *m, enum seal_family family, uint64_t number, uint32_t from, uint32_t to)
{
    uint8_t *raw = malloc(SEGMENT_LEN);
    struct seal_names names;

    assert_non_null(raw);
    for (uint32_t i = from; i < to; i++) {
        struct seal_slot slot = {family, number, i};

        must(seal_head(m->sealer, &m->read, &slot, m->payload, raw));
        must(seal_head_names(m->sealer, &m->read, &slot, &names));
        maker_post_body(m, names.id.text, raw);
    }
    free(raw);
}

void maker_post_foreign(struct maker *m, const struct seal_slot *slot)
{
    static const char text[] = "=ybegin line=128 size=3 name=x\r\nabc\r\n=yend size=3\r\n";
    struct seal_names names;

    must(seal_head_names(m->sealer, &m->read, slot, &names));
    server_add(m->server, names.id.text, (const uint8_t *)text, sizeof(text) - 1);
}

void maker_publish(struct maker *m)
{
    maker_post(m);
    maker_post_head(m, SEAL_BY_VERSION, m->head.n, 0, 1);
    maker_post_head(m, SEAL_BY_DAY, m->alive_day, 0, 1);
}

void maker_init(struct maker *m, struct article_server *server)
{
    uint8_t w[KEY_LEN];

    memset(m, 0, sizeof(*m));
    m->server = server;
    must(sealer_new(&m->sealer));
    must(random_bytes(w, sizeof(w)));
    must(seal_share_keys(m->sealer, w, &m->keys));
    must(random_bytes(m->link.read_secret, KEY_LEN));
    memcpy(m->link.fingerprint, m->keys.fp, SEAL_FP_LEN);
    must(seal_read_keys(m->sealer, m->link.read_secret, &m->read));
    maker_volume_init(m, &m->data, 1, VOLUME_DATA);
    maker_volume_init(m, &m->meta, 2, VOLUME_META);
    m->filled = PAYLOAD_LEN;
    m->second_try = UINT32_MAX;
    m->next_folder = MAKER_TOP + 1;
    m->alive_day = clock_utc_day();
    m->payload = malloc(HEAD_PAYLOAD_LEN);
    assert_non_null(m->payload);
    m->head = (struct head){.n = 1,
        .created = 1700000000,
        .title = bytes_str("a share"),
        .root = MAKER_TOP,
        .root_mode = 0750,
        .root_mtime_ns = MAKER_MTIME_NS};
    memcpy(m->head.spk, m->keys.spk, sizeof(m->head.spk));
    memcpy(m->head.ck, m->keys.ck, sizeof(m->head.ck));
}

static void volume_clear(struct maker_volume *v)
{
    buf_clear(&v->payloads);
    buf_clear(&v->cids);
}

void maker_restart(struct maker *m)
{
    for (size_t i = 0; i < m->entry_count; i++) {
        buf_clear(&m->entries[i].key);
        buf_clear(&m->entries[i].value);
    }
    m->entry_count = 0;
    m->inlined.len = 0;
    m->head.tree.length = 0;
    m->head.files = 0;
    m->head.bytes = 0;
}

void maker_clear(struct maker *m)
{
    maker_restart(m);
    volume_clear(&m->data);
    volume_clear(&m->meta);
    for (size_t i = 0; i < m->full_count; i++) {
        volume_clear(&m->full[i]);
    }
    buf_clear(&m->inlined);
    free(m->payload);
    sealer_free(m->sealer);
}
