/* Any bytes as a record, and behind it as the objects that its extents are in: what is accepted is
 * written as it was read, and extents cover the size that the record says or the walk goes bad. */
#include <stdlib.h>

#include "codec/manifest/extent_list.h"
#include "codec/manifest/record.h"

enum { OBJECT_LEN = 64 }; /* the input behind the record, cut into objects of this length */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void walk(const struct record *record, struct bytes objects)
{
    struct extent_walk *w;
    struct extent_item item;
    uint64_t covered = 0;

    if (extent_walk_new(record->depth, record->extents, record->size, &w) != OK) {
        return;
    }
    for (;;) {
        enum extent_event event = extent_walk_step(w, &item);

        if (event == EXTENT_WALK_ENTRY) {
            covered += item.extent.plain_len;
        } else if (event == EXTENT_WALK_NEED) {
            size_t len = objects.len < OBJECT_LEN ? objects.len : OBJECT_LEN;

            if (extent_walk_feed(w, bytes_at(objects.ptr, len)) != OK) {
                break;
            }
            bytes_skip(&objects, len);
        } else {
            if (event == EXTENT_WALK_END && covered != record->size) {
                abort();
            }
            break;
        }
    }
    extent_walk_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes objects = bytes_at(data, len);
    struct bytes value;
    struct record record;
    struct buf again = {0};

    if (len == 0) {
        return 0;
    }
    /* the first byte says how long the record is */
    bytes_skip(&objects, 1);
    value = bytes_at(objects.ptr, data[0] < objects.len ? data[0] : objects.len);
    bytes_skip(&objects, value.len);
    if (record_decode(value, &record) == OK) {
        if (record_encode(&record, &again) != OK || !bytes_equal(buf_view(&again), value)) {
            abort();
        }
        if (record.type == RECORD_FILE) {
            walk(&record, objects);
        }
    }
    buf_clear(&again);
    return 0;
}
