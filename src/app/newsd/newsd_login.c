/* AUTHINFO USER and PASS (RFC 4643). */
#include <stdio.h>
#include <string.h>

#include "app/newsd/newsd_verbs.h"
#include "base/log.h"

enum { TRIES_MAX = 5 };

/* Are both the same? The time tells nothing but the length of `given`. */
static int same_secret(const char *secret, struct bytes given)
{
    size_t len = strlen(secret);
    unsigned difference = (unsigned)(len != given.len);

    for (size_t i = 0; i < given.len; i++) {
        difference |= (unsigned)((uint8_t)secret[len == 0 ? 0 : i % len] ^ given.ptr[i]);
    }
    return difference == 0;
}

static void take_password(struct session *s, struct bytes password)
{
    int user_right = same_secret(s->newsd->user, bytes_str(s->user));
    int password_right = same_secret(s->newsd->password, password);

    if (user_right & password_right) {
        s->login = LOGIN_DONE;
        newsd_say(s, "281 Authentication accepted");
        return;
    }
    s->login = LOGIN_NEEDED;
    s->failed_logins++;
    log_warn("newsd", "login failed: peer=%s", s->peer);
    newsd_say(s, "481 Authentication failed");
    if (s->failed_logins == TRIES_MAX) {
        s->phase = SESSION_OVER;
    }
}

void newsd_login(struct session *s, const struct nntp_command *command)
{
    if (command->rest.len == 0) {
        newsd_say(s, "501 An argument is missing");
    } else if (s->newsd->user == NULL) {
        newsd_say(s, "281 No authentication is needed"); /* a client's settings may say otherwise */
    } else if (s->login == LOGIN_DONE) {
        newsd_say(s, "502 Already authenticated");
    } else if (command->verb == NNTP_VERB_AUTHINFO_USER) {
        (void)snprintf(s->user, sizeof(s->user), "%.*s", (int)command->rest.len,
            (const char *)command->rest.ptr);
        s->login = LOGIN_NAMED;
        newsd_say(s, "381 Enter password");
    } else if (s->login != LOGIN_NAMED) {
        newsd_say(s, "482 AUTHINFO USER comes first");
    } else {
        take_password(s, command->rest);
    }
}
