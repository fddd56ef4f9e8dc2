/* Two places and a clock. */
#include "app/control/link_sessions.h"

#include <stdlib.h>
#include <string.h>

struct link_sessions {
    struct link_session kept[LINK_SESSIONS]; /* the one used last in front; no listing: empty */
    struct loop_timer *timer;
};

static void drop(struct link_session *session)
{
    listing_cancel(session->listing);
    bytes_wipe(session, sizeof(*session));
}

static void drop_all(void *arg)
{
    struct link_sessions *sessions = arg;

    for (size_t i = 0; i < LINK_SESSIONS; i++) {
        drop(&sessions->kept[i]);
    }
}

enum err link_sessions_new(struct loop *loop, struct link_sessions **out)
{
    struct link_sessions *sessions = calloc(1, sizeof(*sessions));
    enum err err = sessions != NULL ? OK : ERR_NO_MEMORY;

    if (err == OK) {
        err = loop_timer_new(loop, drop_all, sessions, &sessions->timer);
    }
    if (err != OK) {
        free(sessions);
        return err;
    }
    *out = sessions;
    return OK;
}

void link_sessions_free(struct link_sessions *sessions)
{
    if (sessions != NULL) {
        drop_all(sessions);
        loop_timer_free(sessions->timer);
        free(sessions);
    }
}

static bool is_of(const struct link_session *kept, const struct link_session *asked)
{
    return kept->listing != NULL && memcmp(&kept->key, &asked->key, sizeof(kept->key)) == 0 &&
           (kept->asked == asked->asked || kept->version == asked->asked);
}

bool link_sessions_take(struct link_sessions *sessions, struct link_session *session)
{
    for (size_t i = 0; i < LINK_SESSIONS; i++) {
        if (is_of(&sessions->kept[i], session)) {
            *session = sessions->kept[i];
            memmove(&sessions->kept[i], &sessions->kept[i + 1],
                (LINK_SESSIONS - 1 - i) * sizeof(sessions->kept[0]));
            bytes_wipe(&sessions->kept[LINK_SESSIONS - 1], sizeof(sessions->kept[0]));
            return true;
        }
    }
    return false;
}

void link_sessions_put(struct link_sessions *sessions, const struct link_session *session)
{
    drop(&sessions->kept[LINK_SESSIONS - 1]);
    memmove(
        &sessions->kept[1], &sessions->kept[0], (LINK_SESSIONS - 1) * sizeof(sessions->kept[0]));
    sessions->kept[0] = *session;
    loop_timer_set(sessions->timer, LINK_SESSION_MS);
}
