/* The password that opens the page where no login link can: kept as Argon2id, tried one at a time
 * and, after a wrong one, ever more slowly. */
#ifndef APP_WEB_WEB_PASSWORD_H
#define APP_WEB_WEB_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "io/loop/loop.h"

enum {
    WEB_PASSWORD_MIN = 10, /* bytes */
    WEB_PASSWORD_MAX = 512,
    WEB_PASSWORD_PAUSE_MS = 1000,      /* after a wrong one; doubles with each ... */
    WEB_PASSWORD_PAUSE_MAX_MS = 60000, /* ... up to this */
};

struct web_password;

/* What is kept lies in the file `path` (0600). The loop is the caller's home. */
MUST_USE enum err web_password_new(
    struct loop *loop, const char *path, struct web_password **password);
void web_password_free(struct web_password *password);

bool web_password_is_set(const struct web_password *password);

typedef void (*web_password_fn)(void *arg, enum err err);

/* Is it `text`? done(OK), or done(ERR_LOGIN) when it is not or none is set. ERR_LIMIT, and no done:
 * another is being tried, or it is too early after a wrong one. ERR_BAD_REQUEST: no password is
 * that long. `text` is copied. */
MUST_USE enum err web_password_try(struct web_password *password, struct bytes text,
    uint64_t now_ms, web_password_fn done, void *arg);

/* Keep `text` from now on; done() when it is on the disk. ERR_BAD_REQUEST: it is too short or too
 * long. ERR_LIMIT as above. */
MUST_USE enum err web_password_set(
    struct web_password *password, struct bytes text, web_password_fn done, void *arg);

/* Who asked with `arg` has gone: its done never runs. What it tried still counts. */
void web_password_leave(struct web_password *password, const void *arg);

#endif
