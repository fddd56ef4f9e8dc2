/* Entries, listings and whole scans, and what came of them as text. */
#include "scan_fixture.h"

struct store_entry scan_file(const char *name, uint64_t size, int64_t mtime)
{
    return (struct store_entry){.name = bytes_str(name),
        .type = STORE_FILE,
        .mode = 0644,
        .size = size,
        .mtime_ns = mtime,
        .ctime_ns = mtime,
        .inode = 5,
        .device = 1};
}

struct store_entry scan_folder(const char *name, int64_t mtime)
{
    struct store_entry e = scan_file(name, 0, mtime);

    e.type = STORE_DIRECTORY;
    e.mode = 0755;
    return e;
}

struct store_listing scan_whole(
    const struct fixture *f, uint64_t id, const struct store_entry *entries, size_t count)
{
    return (struct store_listing){.ticket = f->ticket,
        .folder = id,
        .entries = entries,
        .count = count,
        .order = STORE_SORTED,
        .first = true,
        .last = true};
}

void scan_begin(struct fixture *f)
{
    assert_int_equal(store_scan_begin(f->store, f->share, &f->ticket), OK);
}

void scan_put(struct fixture *f, uint64_t id, const struct store_entry *entries, size_t count)
{
    struct store_listing l = scan_whole(f, id, entries, count);
    struct store_scan_counts counts = {0};

    assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &counts), OK);
}

struct store_scan_counts scan_end(struct fixture *f)
{
    struct store_scan_counts counts;
    enum err err;

    while ((err = store_scan_end(f->store, f->share)) == ERR_CHANGED) {
    }
    assert_int_equal(err, OK);
    assert_int_equal(store_scan_counts(f->store, f->share, &counts), OK);
    return counts;
}

/* All entries as text: "folder/name type size child sent extents;" */
enum err scan_text(void *arg, const struct store_entry *e)
{
    return buf_printf(arg, "%d/%.*s t%d s%d c%d %s%.*s;", (int)e->folder, (int)e->name.len,
        (const char *)e->name.ptr, (int)e->type, (int)e->size, (int)e->child,
        e->sent ? "sent" : "unsent", (int)e->extents.len, (const char *)e->extents.ptr);
}

void scan_expect(struct fixture *f, const char *text)
{
    struct buf b = {0};

    assert_int_equal(
        store_entry_after(f->store, f->share, 0, (struct bytes){0}, 100000, scan_text, &b), OK);
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((const char *)b.ptr, text);
    buf_clear(&b);
}

void scan_expect_unsent(struct fixture *f, size_t limit, const char *text)
{
    struct store_unsent at = {.limit = limit};
    struct buf b = {0};

    while (!at.done) {
        assert_int_equal(store_entry_unsent(f->store, f->share, &at, scan_text, &b), OK);
    }
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((const char *)b.ptr, text);
    buf_clear(&b);
}

static enum err on_queued_text(void *arg, uint64_t id, struct bytes path)
{
    return buf_printf(arg, "%d:%.*s;", (int)id, (int)path.len, (const char *)path.ptr);
}

void scan_expect_queue(struct fixture *f, uint64_t after, const char *text)
{
    struct buf b = {0};

    assert_int_equal(store_scan_queued(f->store, f->share, after, on_queued_text, &b), OK);
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((const char *)b.ptr, text);
    buf_clear(&b);
}

void scan_send(struct fixture *f, uint64_t id, const struct store_entry *e, const char *ext)
{
    struct store_sent sent = {.folder = id,
        .name = e->name,
        .size = e->size,
        .mtime_ns = e->mtime_ns,
        .ctime_ns = e->ctime_ns,
        .inode = e->inode,
        .device = e->device,
        .mode = e->mode,
        .extents = bytes_str(ext)};
    struct store_flush flush = {.sent = &sent, .sent_count = 1};

    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
}
