/* Tokens in memory, sessions in memory and in a file. */
#include "app/web/web_login.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "io/disk/disk_file.h"

enum {
    SECRET_BYTES = WEB_SECRET_TEXT / 2,
    FILE_MAX = 64 << 10,
    SAVE_SECONDS = 3600, /* that a session was used is written down this often */
};

struct token {
    struct web_secret secret; /* "": free */
    int64_t until;
};

struct session {
    uint64_t id; /* 0: free */
    struct web_credentials who;
    int64_t begun, used;
};

struct web_login {
    char *path;
    struct token tokens[WEB_TOKENS_MAX];
    struct session sessions[WEB_SESSIONS_MAX];
    uint64_t last_id;
    int64_t saved;
};

enum err web_secret_make(struct web_secret *secret)
{
    uint8_t raw[SECRET_BYTES];
    enum err err = random_bytes(raw, sizeof(raw));

    for (size_t i = 0; err == OK && i < sizeof(raw); i++) {
        (void)snprintf(secret->text + 2 * i, 3, "%02x", raw[i]);
    }
    bytes_wipe(raw, sizeof(raw));
    return err;
}

int web_secret_equal(const char *a, const char *b)
{
    size_t len = strlen(b);
    unsigned different = strlen(a) != len || len == 0;

    for (size_t i = 0; i < len && a[i] != '\0'; i++) {
        different |= (unsigned char)a[i] ^ (unsigned char)b[i];
    }
    return different == 0;
}

/* --- the file: a line a session, "cookie key begun used" -------------------------------------- */

static void session_clear(struct session *session)
{
    bytes_wipe(session, sizeof(*session));
}

static int64_t end_of(const struct session *session)
{
    int64_t idle = session->used + WEB_SESSION_IDLE;
    int64_t life = session->begun + WEB_SESSION_LIFE;

    return idle < life ? idle : life;
}

static int lasts(const struct session *session, int64_t now)
{
    return session->id != 0 && session->begun <= now && now < end_of(session);
}

/* The next word of a line, which must be a secret. */
static bool read_secret(char **rest, struct web_secret *secret)
{
    const char *word = strsep(rest, " ");

    if (word == NULL || strlen(word) != WEB_SECRET_TEXT ||
        strspn(word, "0123456789abcdef") != WEB_SECRET_TEXT) {
        return false;
    }
    memcpy(secret->text, word, WEB_SECRET_TEXT + 1);
    return true;
}

static int64_t read_time(char **rest)
{
    const char *word = strsep(rest, " ");

    return word == NULL ? 0 : strtoll(word, NULL, 10);
}

static void read_sessions(struct web_login *login, char *text, int64_t now)
{
    char *line;
    size_t count = 0;

    while ((line = strsep(&text, "\n")) != NULL && count < WEB_SESSIONS_MAX) {
        struct session *session = &login->sessions[count];

        if (read_secret(&line, &session->who.cookie) && read_secret(&line, &session->who.key)) {
            session->begun = read_time(&line);
            session->used = read_time(&line);
            session->id = ++login->last_id;
        }
        if (lasts(session, now)) {
            count++;
        } else {
            session_clear(session);
        }
    }
}

static void load(struct web_login *login, int64_t now)
{
    struct buf text = {0};
    enum err err = disk_slurp(login->path, FILE_MAX, &text);

    if (err == OK && buf_append_byte(&text, '\0') == OK) {
        read_sessions(login, (char *)text.ptr, now);
    } else if (err != OK && err != ERR_NOT_FOUND) {
        log_warn("web", "sessions are lost err=%s", err_name(err));
    }
    buf_wipe(&text);
}

static enum err save(struct web_login *login, int64_t now)
{
    struct buf text = {0};
    enum err err = OK;

    for (size_t i = 0; i < WEB_SESSIONS_MAX && err == OK; i++) {
        const struct session *s = &login->sessions[i];

        if (s->id != 0) {
            err = buf_printf(&text, "%s %s %lld %lld\n", s->who.cookie.text, s->who.key.text,
                (long long)s->begun, (long long)s->used);
        }
    }
    if (err == OK) {
        err = disk_replace(login->path, buf_view(&text), 0600);
    }
    buf_wipe(&text);
    login->saved = now;
    return err;
}

enum err web_login_new(const char *path, int64_t now, struct web_login **out)
{
    struct web_login *login = secret_new(sizeof(*login));

    if (login == NULL || (login->path = strdup(path)) == NULL) {
        secret_free(login);
        return ERR_NO_MEMORY;
    }
    load(login, now);
    login->saved = now;
    *out = login;
    return OK;
}

void web_login_free(struct web_login *login)
{
    if (login != NULL) {
        free(login->path);
        bytes_wipe(login, sizeof(*login));
        secret_free(login);
    }
}

/* --- tokens ----------------------------------------------------------------------------------- */

static int token_good(const struct token *token, int64_t now)
{
    return token->secret.text[0] != '\0' && now < token->until &&
           token->until <= now + WEB_TOKEN_SECONDS;
}

enum err web_login_token(struct web_login *login, int64_t now, struct web_secret *token)
{
    struct token *place = &login->tokens[0];
    enum err err = web_secret_make(token);

    for (size_t i = 0; i < WEB_TOKENS_MAX; i++) {
        if (!token_good(&login->tokens[i], now)) {
            place = &login->tokens[i];
            break;
        }
        if (login->tokens[i].until < place->until) {
            place = &login->tokens[i];
        }
    }
    if (err == OK) {
        *place = (struct token){*token, now + WEB_TOKEN_SECONDS};
    }
    return err;
}

int web_login_tokens(const struct web_login *login, int64_t now)
{
    int count = 0;

    for (size_t i = 0; i < WEB_TOKENS_MAX; i++) {
        count += token_good(&login->tokens[i], now);
    }
    return count;
}

static enum err use_token(struct web_login *login, const char *text, int64_t now)
{
    enum err err = ERR_LOGIN_LINK;

    for (size_t i = 0; i < WEB_TOKENS_MAX; i++) {
        struct token *token = &login->tokens[i];

        if (token_good(token, now) && web_secret_equal(text, token->secret.text)) {
            bytes_wipe(token, sizeof(*token));
            err = OK;
        }
    }
    return err;
}

/* --- sessions --------------------------------------------------------------------------------- */

static struct session *place_for_one(struct web_login *login, int64_t now)
{
    struct session *idle = &login->sessions[0];

    for (size_t i = 0; i < WEB_SESSIONS_MAX; i++) {
        if (!lasts(&login->sessions[i], now)) {
            return &login->sessions[i];
        }
        if (login->sessions[i].used < idle->used) {
            idle = &login->sessions[i];
        }
    }
    return idle;
}

enum err web_login_open(
    struct web_login *login, int64_t now, struct web_credentials *who, struct web_session *out)
{
    struct session *session;
    enum err err = web_secret_make(&who->cookie);

    if (err == OK) {
        err = web_secret_make(&who->key);
    }
    if (err != OK) {
        return err;
    }
    session = place_for_one(login, now);
    *session = (struct session){++login->last_id, *who, now, now};
    *out = (struct web_session){session->id, end_of(session)};
    if (save(login, now) != OK) { /* it lasts until the daemon ends */
        log_warn("web", "sessions cannot be written down");
    }
    return OK;
}

enum err web_login_begin(struct web_login *login, const char *token, int64_t now,
    struct web_credentials *who, struct web_session *session)
{
    enum err err = use_token(login, token, now);

    return err == OK ? web_login_open(login, now, who, session) : err;
}

enum err web_login_check(struct web_login *login, const struct web_credentials *who, int64_t now,
    struct web_session *out)
{
    struct session *found = NULL;

    for (size_t i = 0; i < WEB_SESSIONS_MAX; i++) {
        struct session *session = &login->sessions[i];

        if (lasts(session, now) && web_secret_equal(who->cookie.text, session->who.cookie.text) &&
            web_secret_equal(who->key.text, session->who.key.text)) {
            found = session;
        }
    }
    if (found == NULL) {
        return ERR_NO_SESSION;
    }
    found->used = now;
    if (now > login->saved + SAVE_SECONDS && save(login, now) != OK) {
        log_warn("web", "sessions cannot be written down");
    }
    *out = (struct web_session){found->id, end_of(found)};
    return OK;
}

int web_login_lasts(const struct web_login *login, uint64_t id, int64_t now)
{
    for (size_t i = 0; i < WEB_SESSIONS_MAX; i++) {
        if (login->sessions[i].id == id) {
            return lasts(&login->sessions[i], now);
        }
    }
    return 0;
}

size_t web_login_end(struct web_login *login, uint64_t id)
{
    size_t count = 0;

    for (size_t i = 0; i < WEB_SESSIONS_MAX; i++) {
        struct session *session = &login->sessions[i];

        if (session->id != 0 && (id == 0 || session->id == id)) {
            session_clear(session);
            count++;
        }
    }
    if (id == 0) {
        bytes_wipe(login->tokens, sizeof(login->tokens));
    }
    if (count > 0 && save(login, login->saved) != OK) {
        log_error("web", "ended sessions cannot be written down: they may be back after a restart");
    }
    return count;
}
