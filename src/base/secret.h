/* Memory for what must not leave this process by accident: keys, passwords, sessions. It is never
 * swapped out (as far as the system lets us lock it), in no core dump, and wiped when it is given
 * back. For what lives long: structures that hold keys. A copy that one piece of work needs lies
 * where that work lies, and is wiped after it. Any thread. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

/* `len` bytes (at least 1), all zeros, aligned as malloc() aligns. NULL: no memory. */
void *secret_new(size_t len);

/* Wipe and free; NULL is allowed. */
void secret_free(void *secret);

/* A copy of a string; NULL: no memory. */
char *secret_text(const char *text);

#endif
