/* Scans in a few words, for the tests of scanning. */
#ifndef TESTS_STORE_SCAN_FIXTURE_H
#define TESTS_STORE_SCAN_FIXTURE_H

#include "io/store/store_unsent.h"
#include "io/store/store_volume.h"
#include "store_fixture.h"

struct store_entry scan_file(const char *name, uint64_t size, int64_t mtime);
struct store_entry scan_folder(const char *name, int64_t mtime);

/* All of a folder's entries, sorted, for the scan begun last. */
struct store_listing scan_whole(
    const struct fixture *f, uint64_t id, const struct store_entry *entries, size_t count);

/* Begin a scan; put a whole folder; end it. */
void scan_begin(struct fixture *f);
void scan_put(struct fixture *f, uint64_t id, const struct store_entry *entries, size_t count);
struct store_scan_counts scan_end(struct fixture *f);

/* Append an entry as "folder/name type size child sent extents;" to a struct buf. */
enum err scan_text(void *arg, const struct store_entry *e);

/* All entries are these. The queued folders behind `after` are these: "id:path;". */
void scan_expect(struct fixture *f, const char *text);
void scan_expect_queue(struct fixture *f, uint64_t after, const char *text);

/* The files to send, `limit` a call, are these. */
void scan_expect_unsent(struct fixture *f, size_t limit, const char *text);

/* The file was sent, with these extents. */
void scan_send(struct fixture *f, uint64_t id, const struct store_entry *e, const char *ext);

#endif
