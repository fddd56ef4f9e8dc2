/* getrandom(2), until it has given all. */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

enum err random_bytes(void *out, size_t len)
{
    uint8_t *at = out;

    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return ERR_SYSTEM;
        }
        at += n;
        len -= (size_t)n;
    }
    return OK;
}
