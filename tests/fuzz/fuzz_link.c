/* Any text as a link: what is accepted is written as a link that means the same. */
#include <stdlib.h>
#include <string.h>

#include "codec/link/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct link link;
    struct link again;
    struct buf text = {0};

    if (link_decode(bytes_at(data, len), &link) == OK) {
        if (link_encode(&link, &text) != OK || link_decode(buf_view(&text), &again) != OK ||
            memcmp(&link, &again, sizeof(link)) != 0) {
            abort();
        }
    }
    buf_clear(&text);
    return 0;
}
