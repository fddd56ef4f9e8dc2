/* Is every article of one volume there? Each server is asked for all of them (by contents: for
 * those that the servers before it do not have); and once more for what it seems not to have, or
 * said nothing about. */
#ifndef FLOW_CHECK_VOLUME_ASK_H
#define FLOW_CHECK_VOLUME_ASK_H

#include "flow/restore/restore_ctx.h"
#include "flow/restore/volume_info.h"

enum {
    ASK_SERVERS_MAX = 32,
    ASK_SILENT_MAX = 64, /* questions without an answer, one after another: a server is away */
};

enum ask_answer {
    ASK_NONE,    /* not asked */
    ASK_THERE,   /* it is there; looked at: with the right contents */
    ASK_MISSING, /* the server said no, twice; of all: every server did */
    ASK_DAMAGED, /* it is there, with other contents, twice */
    ASK_UNKNOWN, /* no answer, twice */
};

/* By name, or by fetching each article and looking at its contents. */
enum ask_way { ASK_BY_NAME, ASK_BY_CONTENTS };

/* Who is asked, and who does not answer: one for the whole flow. */
struct ask_servers {
    size_t count;
    size_t at[ASK_SERVERS_MAX]; /* places in the news pool */
    unsigned silent[ASK_SERVERS_MAX];
    bool away[ASK_SERVERS_MAX]; /* asked no more */
};

/* Those that confirm. With none there is nobody to ask. */
void ask_servers_init(struct ask_servers *servers, const struct news *news);

/* The servers have been asked for all. */
typedef void (*volume_ask_fn)(void *arg);

struct volume_ask_options {
    struct volume_info *volume; /* gets a holder more */
    enum ask_way way;
    struct ask_servers *servers;
};

/* Ask. done runs later, once; the owner then looks at the answers, and frees. When all servers are
 * away the flow ends (restore_ctx_fail()). To free before done, the flow's errands must have been
 * forgotten. */
struct volume_ask;
MUST_USE enum err volume_ask_start(struct restore_ctx *ctx,
    const struct volume_ask_options *options, volume_ask_fn done, void *arg,
    struct volume_ask **out);
void volume_ask_free(struct volume_ask *ask); /* NULL is allowed */

/* Did done run? */
bool volume_ask_is_done(const struct volume_ask *ask);

/* What was said of segment `index`, by all: the best of it, but that nobody knows what one would
 * have said who said nothing. And by server `i` of the list. */
enum ask_answer volume_ask_at(const struct volume_ask *ask, uint32_t index);
enum ask_answer volume_ask_by(const struct volume_ask *ask, size_t i, uint32_t index);

#endif
