/* Who may use the page: login tokens, good once and for a minute; sessions, of two halves: a
 * cookie, which scripts cannot read but every port of this machine is sent, and a key, which
 * scripts keep but only our own port's. Times are arguments (unix seconds). */
#ifndef APP_WEB_WEB_LOGIN_H
#define APP_WEB_WEB_LOGIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    WEB_SECRET_TEXT = 64, /* characters of a token, cookie, key: 32 random bytes in hexadecimal */
    WEB_TOKENS_MAX = 8,
    WEB_TOKEN_SECONDS = 60,
    WEB_SESSIONS_MAX = 32,         /* the one that was idle longest goes */
    WEB_SESSION_IDLE = 7 * 86400,  /* a session ends when nobody used it so long ... */
    WEB_SESSION_LIFE = 60 * 86400, /* ... and in any case after this */
};

struct web_secret {
    char text[WEB_SECRET_TEXT + 1];
};

/* The two halves of a session; "" where there is none. */
struct web_credentials {
    struct web_secret cookie, key;
};

struct web_session {
    uint64_t id; /* from 1 on */
    int64_t expires;
};

struct web_login;

/* Sessions are kept in the file `path` (mode 0600), so that they survive a restart; one that cannot
 * be read means that nobody is logged in. */
MUST_USE enum err web_login_new(const char *path, int64_t now, struct web_login **login);
void web_login_free(struct web_login *login);

/* A new token; the oldest goes when there are WEB_TOKENS_MAX. */
MUST_USE enum err web_login_token(struct web_login *login, int64_t now, struct web_secret *token);

/* Is any token still good? */
int web_login_tokens(const struct web_login *login, int64_t now);

/* A session begins for somebody who has shown to be the owner: *who opens it. */
MUST_USE enum err web_login_open(
    struct web_login *login, int64_t now, struct web_credentials *who, struct web_session *session);

/* Use a token up: the same. ERR_LOGIN_LINK: it was used, or is too
 * old, or never was one. */
MUST_USE enum err web_login_begin(struct web_login *login, const char *token, int64_t now,
    struct web_credentials *who, struct web_session *session);

/* The session that *who opens, used now. ERR_NO_SESSION: there is none. */
MUST_USE enum err web_login_check(struct web_login *login, const struct web_credentials *who,
    int64_t now, struct web_session *session);

/* Does session `id` still last? */
int web_login_lasts(const struct web_login *login, uint64_t id, int64_t now);

/* End session `id`, or all (0): how many ended. */
size_t web_login_end(struct web_login *login, uint64_t id);

/* Are both texts the same? Takes the same time wherever they differ. */
int web_secret_equal(const char *a, const char *b);

/* 32 random bytes as text. */
MUST_USE enum err web_secret_make(struct web_secret *secret);

#endif
