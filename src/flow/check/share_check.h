/* Is a share still whole? Every article of a version is asked for: the copies of its head, its meta
 * volumes, its data volumes, data and parity. Nothing is changed on the servers. */
#ifndef FLOW_CHECK_SHARE_CHECK_H
#define FLOW_CHECK_SHARE_CHECK_H

#include "flow/restore/restore.h"

enum check_depth {
    CHECK_BY_NAME, /* the servers say whether they have each article */
    CHECK_DEEP,    /* each article is fetched, and its contents are looked at */
};

/* Worse ones behind better ones, but for UNKNOWN, which may be anything. */
enum check_verdict {
    CHECK_WHOLE,
    CHECK_REPAIRABLE, /* articles are missing, and parity makes them good */
    CHECK_UNKNOWN,    /* not known to be lost, but the servers did not say everything */
    CHECK_LOST,       /* more data is missing than parity is there */
};

struct share_check_options {
    struct restore_env env;
    struct restore_key key;
    uint64_t version; /* 0: the newest */
    enum check_depth depth;
};

struct volume_ask;
struct ask_servers;

/* What was found of one volume. Missing counts what no server has as it was published, twice asked.
 */
struct check_volume {
    uint32_t number;
    enum { CHECK_DATA = 1, CHECK_META = 2 } kind;
    uint32_t k, m;
    uint32_t missing_data, missing_parity;
    uint32_t damaged; /* of both: there, but with other contents */
    uint32_t unknown; /* no answer */
    enum check_verdict verdict;
    const struct volume_ask *ask; /* who said what, place by place; NULL: nobody could be asked */
    const struct ask_servers *servers;
};

/* Where the head's copies are: bit i for slot i; of the day (since 1970) that it says. */
struct check_head {
    uint32_t day;
    uint64_t by_version, by_day;
    unsigned missing; /* copies, of the CHECK_HEAD_COPIES that there should be */
};

enum { CHECK_HEAD_COPIES = 6 };

struct share_check_result {
    uint64_t version;
    int64_t created; /* unix seconds */
    struct check_head head;
    uint64_t volumes, articles;            /* asked about; articles without the head's */
    uint64_t missing_data, missing_parity; /* articles */
    uint64_t damaged, unknown;
    uint64_t repairable, unsure, lost; /* volumes that are CHECK_REPAIRABLE, _UNKNOWN, _LOST */
    uint64_t unread_tables;            /* lists of volumes that cannot be read themselves */
    uint64_t lost_files, lost_bytes;   /* files with bytes in lost places; see files_known */
    bool files_known;                  /* the list of files could be read to its end */
    enum check_verdict verdict;
    const char *text; /* on failure: what the server said; may be "" */
};

/* Who hears of it. `volume` comes for every volume, `file` for every lost file (its path dies with
 * the call); then `done`, once. The flow must not be freed before that by them. */
struct share_check_listener {
    void (*volume)(void *arg, const struct check_volume *volume);
    void (*file)(void *arg, struct bytes path, uint64_t size);
    void (*done)(void *arg, enum err err, const struct share_check_result *result);
    void *arg;
};

/* Begin; options and listener are copied. done with OK: the result's verdict says how it is, which
 * may be "lost". Errors: the share was not found, or nobody could be asked. */
struct share_check;
MUST_USE enum err share_check_start(const struct share_check_options *options,
    const struct share_check_listener *listener, struct share_check **check);
void share_check_cancel(struct share_check *check);

#endif
