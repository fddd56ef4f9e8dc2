/* Shares of links that somebody looks into: kept open for a moment, so that the next folder costs
 * its own articles alone. Home loop's thread; one that is in use is out, and comes back. */
#ifndef APP_CONTROL_LINK_SESSIONS_H
#define APP_CONTROL_LINK_SESSIONS_H

#include <stdbool.h>

#include "flow/restore/listing.h"

enum { LINK_SESSIONS = 2 /* each may hold 40 MiB */, LINK_SESSION_MS = 120000 };

struct link_session {
    struct restore_key key;
    uint64_t asked;   /* the version that was asked for, 0: the newest */
    uint64_t version; /* the one it is */
    struct listing *listing;
};

struct link_sessions;

MUST_USE enum err link_sessions_new(struct loop *loop, struct link_sessions **sessions);

/* Let go of all. NULL is allowed. */
void link_sessions_free(struct link_sessions *sessions);

/* Take the one of session->key and session->asked (which may be the version it is): its listing.
 * False: none. */
bool link_sessions_take(struct link_sessions *sessions, struct link_session *session);

/* Keep one (taken over; what was used longest ago goes). */
void link_sessions_put(struct link_sessions *sessions, const struct link_session *session);

#endif
