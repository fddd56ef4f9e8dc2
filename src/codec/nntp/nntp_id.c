/* Message-IDs: the check that every id passes on its way out and in. */
#include "codec/nntp/nntp_id.h"

#include <string.h>

enum { ID_MIN = 3 };

bool nntp_id_valid(struct bytes id)
{
    size_t at = 0; /* where the one '@' is */

    if (id.len < ID_MIN || id.len > ARTICLE_ID_MAX || id.ptr[0] != '<' ||
        id.ptr[id.len - 1] != '>') {
        return false;
    }
    for (size_t i = 1; i < id.len - 1; i++) {
        uint8_t c = id.ptr[i];

        if (c <= ' ' || c > '~' || c == '<' || c == '>' || (c == '@' && at != 0)) {
            return false;
        }
        if (c == '@') {
            at = i;
        }
    }
    return at > 1 && at < id.len - 2;
}

bool nntp_id_take(struct bytes text, struct article_id *id)
{
    memset(id, 0, sizeof *id);
    while (text.len > 0) {
        const uint8_t *open = memchr(text.ptr, '<', text.len);
        const uint8_t *close;
        struct bytes found;

        if (open == NULL) {
            return false;
        }
        bytes_skip(&text, (size_t)(open - text.ptr));
        close = memchr(text.ptr, '>', text.len);
        if (close == NULL) {
            return false;
        }
        found = bytes_at(open, (size_t)(close - open) + 1);
        if (nntp_id_valid(found)) {
            memcpy(id->text, found.ptr, found.len);
            return true;
        }
        bytes_skip(&text, 1);
    }
    return false;
}
