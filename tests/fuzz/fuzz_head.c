/* Any bytes, then zeros, as a head's payload: what is accepted is written as it was read. */
#include <stdlib.h>
#include <string.h>

#include "codec/manifest/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t payload[HEAD_PAYLOAD_LEN];
static uint8_t again[HEAD_PAYLOAD_LEN];

static void use(const struct head *head)
{
    struct bytes in = head->metas;
    struct bytes inlined;
    struct volume_entry e;

    while (in.len > 0) {
        if (volume_entry_take(&in, &e) != OK) {
            abort();
        }
        (void)volume_cid_at(e.cids, e.k + e.m - 1);
    }
    if (head->tree.volume == 0 && head->tree.length > 0 &&
        head_inlined_at(head, head->tree.offset, head->tree.length, &inlined) != OK) {
        abort();
    }
    (void)head_inline_room(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct head head;

    len = len < HEAD_CORE_LEN ? len : HEAD_CORE_LEN;
    memset(payload, 0, sizeof(payload));
    if (len > 0) {
        memcpy(payload, data, len);
    }
    if (head_decode(payload, &head) == OK) {
        use(&head);
        if (head_encode(&head, again) != OK || memcmp(again, payload, HEAD_CORE_LEN) != 0) {
            abort();
        }
    }
    return 0;
}
