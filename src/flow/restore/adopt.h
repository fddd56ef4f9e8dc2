/* A share of ours whose catalogue was lost: its newest head and what that points to become the
 * catalogue again, so that the next publish goes on from there and posts only what is new. Nothing
 * is downloaded but the head, the tables of volumes and the listing. */
#ifndef FLOW_RESTORE_ADOPT_H
#define FLOW_RESTORE_ADOPT_H

#include "flow/restore/restore.h"
#include "io/store/store.h"

struct adopt_options {
    struct restore_env env;
    struct store *store;
    int64_t share; /* its row has the write seed and is `adopting` */
    struct restore_key key;
};

struct adopt_result {
    uint64_t version;
    uint64_t files, directories, symlinks, bytes; /* of the version */
    uint64_t volumes, articles;                   /* now known: of data and listing */
    uint64_t items;                               /* packed pieces now known */
    const char *text; /* on failure: what the server or system said; may be "" */
};

typedef void (*adopt_done_fn)(void *arg, enum err err, const struct adopt_result *result);

/* Begin; options are copied. OK: the catalogue says what the newest version holds, and the share is
 * no longer `adopting`. After any other end the same call may be made again. ERR_SHARE_NOT_FOUND:
 * the servers have no head of it. ERR_FORK: this catalogue holds something else under the same
 * number. */
struct adopt;
MUST_USE enum err adopt_start(
    const struct adopt_options *options, adopt_done_fn done, void *arg, struct adopt **adopt);

/* Stop; done never runs after this. What was written down stays. */
void adopt_cancel(struct adopt *adopt);

#endif
