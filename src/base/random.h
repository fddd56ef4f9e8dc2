/* Secret-grade random bytes from the kernel. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Fill `len` bytes at `out`. ERR_SYSTEM: the kernel has none; nothing may go on. */
MUST_USE enum err random_bytes(void *out, size_t len);

#endif
