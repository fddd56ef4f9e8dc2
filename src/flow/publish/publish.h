/* Publishing: what a scan found becomes the next version of a share. plan -> send (read, pack,
 * seal, post) -> confirm -> publish (tree, head, read back). Everything done is in the catalogue:
 * cancelling (or dying) and starting again goes on where it was. */
#ifndef FLOW_PUBLISH_PUBLISH_H
#define FLOW_PUBLISH_PUBLISH_H

#include "flow/progress/progress.h"
#include "io/loop/workers.h"
#include "io/news/news.h"
#include "io/store/store_share.h"

enum { PUBLISH_CONFIRM_ROUNDS = 6, PUBLISH_READ_BACKS_MAX = 6 };

struct publish_options {
    struct loop *loop;
    struct workers *workers;
    struct store *store;
    struct news *news;
    int64_t share;
    size_t window_bytes; /* memory for segments under way; 0: PUBLISH_WINDOW_DEFAULT */
    unsigned redundancy; /* per cent of parity in a large volume: 5, 10, 15; 0: 10 */
    unsigned volume_k;   /* data segments a volume gets at most; 0: as many as is usual */
    size_t lost_batch;   /* lost articles that are dealt with together; 0: 65,536 */
    /* While articles go out: each is asked for so long after it was accepted, again while it is not
     * there; twice missing is lost. Ends at the first 0; all 0: the default. */
    uint64_t early_ms[PUBLISH_CONFIRM_ROUNDS];
    size_t early_batch; /* so many questions go out together; 0: 64 */
    /* How long after the last article each round of STATs comes; ends at the first 0. All 0: the
     * default. */
    uint64_t confirm_ms[PUBLISH_CONFIRM_ROUNDS];
    /* A copy of the head is read back at once, and where it is not there yet again after each of
     * these; ends at the first 0. All 0: the default. */
    uint64_t read_back_ms[PUBLISH_READ_BACKS_MAX];
    struct progress_sink sink;
};

enum { PUBLISH_WINDOW_DEFAULT = 128 << 20 };

struct publish_result {
    uint64_t version;
    uint64_t files, directories, symlinks, bytes; /* of the version */
    uint64_t articles;                            /* posted for it */
    uint64_t bytes_posted;                        /* on the wire */
    uint64_t skipped;                             /* files left out; an event names each */
    bool unchanged;   /* `version` was published before: nothing is new */
    const char *text; /* on failure: what the server or system said; may be "" */
};

/* With OK the version is published: every needed article confirmed, the head read back. */
typedef void (*publish_done_fn)(void *arg, enum err err, const struct publish_result *result);

/* Begin; options are copied. *publish is valid until done has run or publish_cancel(). */
struct publish;
MUST_USE enum err publish_start(const struct publish_options *options, publish_done_fn done,
    void *arg, struct publish **publish);

/* Another window from now on, as in the options. What is under way beyond it is let finish. */
void publish_set_window(struct publish *publish, size_t bytes);

/* Up to `limit` of the files that are being read now. */
void publish_files(const struct publish *publish, size_t limit, progress_file_fn each, void *arg);

/* Stop; done never runs after this. What was acknowledged is flushed first. */
void publish_cancel(struct publish *publish);

#endif
