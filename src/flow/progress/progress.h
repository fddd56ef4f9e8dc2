/* Typed progress: what flows publish and the app listens to. Every counter is a real count made at
 * its source; what is not known yet says so. The struct belongs to the flow's loop thread. */
#ifndef FLOW_PROGRESS_PROGRESS_H
#define FLOW_PROGRESS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/log.h"

/* Name in JSON, words for people. In the order a flow may pass through them. */
/* clang-format off */
#define PROGRESS_PHASES(X)                                                                        \
    X(PROGRESS_IDLE, "idle", "waiting")                                                           \
    X(PROGRESS_SCAN, "scan", "looking at files")                                                  \
    X(PROGRESS_SEND, "send", "sending")                                                           \
    X(PROGRESS_CONFIRM, "confirm", "asking the server for every article")                         \
    X(PROGRESS_PUBLISH, "publish", "publishing")                                                  \
    X(PROGRESS_LOCATE, "locate", "looking for the share")                                         \
    X(PROGRESS_LIST, "list", "reading the list of files")                                         \
    X(PROGRESS_FETCH, "fetch", "fetching")                                                        \
    X(PROGRESS_WRITE, "write", "finishing files")                                                 \
    X(PROGRESS_CHECK, "check", "asking the servers for every article")                            \
    X(PROGRESS_COMPARE, "compare", "comparing files with the share")                              \
    X(PROGRESS_DONE, "done", "done")
/* clang-format on */

#define PROGRESS_ENUM(name, json, words) name,
enum progress_phase { PROGRESS_PHASES(PROGRESS_ENUM) PROGRESS_PHASE_COUNT };
#undef PROGRESS_ENUM

/* Every counter, in the order they are shown; the name is also the one in JSON. */
#define PROGRESS_COUNTERS(X)                                                                       \
    X(entries_found)      /* scan: files, folders, symlinks seen */                                \
    X(bytes_found)        /* scan: sizes of the files seen */                                      \
    X(files_total)        /* files to send or to restore; see totals_known */                      \
    X(bytes_total)        /* their bytes; see totals_known */                                      \
    X(files_done)         /* of files_total */                                                     \
    X(bytes_done)         /* of bytes_total: plain bytes through the phase's last step */          \
    X(bytes_read)         /* read from files */                                                    \
    X(bytes_sealed)       /* raw bytes of segments sealed */                                       \
    X(articles_total)     /* articles needed; see articles_known */                                \
    X(articles_posted)    /* accepted by a server */                                               \
    X(articles_confirmed) /* seen again on a server */                                             \
    X(articles_missing)   /* check: not on any server as they were published */                    \
    X(articles_fetched)   /* arrived, opened and right */                                          \
    X(bytes_posted)       /* on the wire */                                                        \
    X(bytes_fetched)      /* on the wire */                                                        \
    X(bytes_written)      /* to files, holes included */                                           \
    X(segments_lost)      /* restore: data segments that no server has as published */             \
    X(segments_repaired)  /* of them, made again from recovery data */                             \
    X(repair_needed)      /* segments of the volumes that are being repaired just now */           \
    X(repair_here)        /* of repair_needed */                                                   \
    X(retries)            /* articles asked for or sent once more */                               \
    X(skipped)            /* entries that could not be read or written; events say which */

#define PROGRESS_MEMBER(name) uint64_t name;
struct progress {
    enum progress_phase phase;
    bool totals_known;   /* files_total and bytes_total are final */
    bool articles_known; /* articles_total is final */
    PROGRESS_COUNTERS(PROGRESS_MEMBER)
    int shown_permille; /* progress_permille's memory: what was said last in `shown_phase` */
    enum progress_phase shown_phase;
};
#undef PROGRESS_MEMBER

/* The listener. Called on the flow's loop thread; it must not free the flow. Members may be NULL.
 * `changed` comes as often as counters move: the listener throttles. `text` is for people and may
 * hold file names: hostile text, dies with the call. */
struct progress_sink {
    void (*changed)(void *arg, const struct progress *progress);
    void (*event)(void *arg, enum log_level level, const char *text);
    void *arg;
};

/* A file that is in work right now, for who asks a flow. The path (bytes, below the share's top or
 * the target) dies with the call. */
struct progress_file {
    struct bytes path;
    uint64_t done, total; /* bytes */
};
typedef void (*progress_file_fn)(void *arg, const struct progress_file *file);

/* Start a phase: sets it and says so. */
void progress_enter(
    struct progress *progress, const struct progress_sink *sink, enum progress_phase phase);

/* Counters moved. A NULL sink is allowed everywhere. */
void progress_changed(const struct progress *progress, const struct progress_sink *sink);

/* Say one thing, printf-formatted, at most 1,023 bytes; longer text is cut. */
void progress_event(const struct progress_sink *sink, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* How far the current phase is, 0..1000; -1: not known. Never less than it said before in the same
 * phase; 1000 only when all is done. */
int progress_permille(struct progress *progress);

/* "send"; "sending". Live for ever. */
const char *progress_phase_name(enum progress_phase phase);
const char *progress_phase_words(enum progress_phase phase);

/* Call each(arg, name, value) for every counter in order: for JSON. */
void progress_each(const struct progress *progress,
    void (*each)(void *arg, const char *name, uint64_t value), void *arg);

#endif
