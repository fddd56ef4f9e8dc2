/* Any bytes as a volume's entry: what is accepted is written as it was read. */
#include <stdlib.h>

#include "codec/manifest/volume_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct volume_entry e;
    struct bytes id;
    struct buf again = {0};

    if (volume_entry_decode(1, bytes_at(data, len), &e) == OK) {
        for (uint32_t i = 0; i < e.k + e.m; i += 1 + i / 8) {
            (void)volume_attempt_of(&e, i);
            if (volume_changed_of(&e, i, &id) && (id.len < 3 || id.len > ARTICLE_ID_MAX)) {
                abort();
            }
        }
        if (volume_entry_encode(&e, &again) != OK ||
            !bytes_equal(buf_view(&again), bytes_at(data, len))) {
            abort();
        }
    }
    buf_clear(&again);
    return 0;
}
