/* A loop, workers, news and a server, a target folder, and restores and listings that are waited
 * for. */
#ifndef TESTS_UNIT_RESTORE_RESTORE_RIG_H
#define TESTS_UNIT_RESTORE_RESTORE_RIG_H

#include "article_server.h"
#include "share_maker.h"

#include "flow/restore/listing.h"
#include "flow/restore/restore.h"

struct rig {
    struct article_server server;
    struct maker *maker;
    struct loop *loop;
    struct workers *workers;
    struct news *news;
    struct loop_timer *guard;
    char root[64];   /* a temporary folder */
    char target[96]; /* root/target */
    char spare[96];  /* where repairs have room if the target has none; root at first */
    char text[256];  /* what the last restore said */
    enum err err;    /* what done said */
    struct restore_result result;
    uint64_t bytes_done;
    uint64_t stop_at;   /* so many bytes done stop the loop; 0: never */
    char events[65536]; /* one line each */
    int calls;
    enum { RIG_TOTALS_RIGHT, RIG_TOTALS_LIE } totals; /* of the head */
    struct buf listed;                                /* "d mode size path" lines */
    struct listing_share share;
    char title[256];
    size_t window_bytes;
    const char *helper;       /* of restores; NULL: none */
    struct progress progress; /* what was said last */
    /* called when counters moved; may stop the loop */
    void (*watch)(struct rig *rig, const struct progress *progress);
    void *watch_arg;
    enum restore_conflict conflict;
    enum restore_run dry_run;
    uint64_t version;
};

void rig_init(struct rig *rig);
void rig_clear(struct rig *rig);

void rig_remove_target(struct rig *rig);

/* Restore `only` (NULL-terminated, NULL: everything) into the target and return the outcome. */
enum err rig_restore(struct rig *rig, const char *const *only);

/* The same, but only begun; run the loop with rig_run(). */
struct restore *rig_start(struct rig *rig, const char *const *only);
void rig_run(struct rig *rig);

/* Turn the loop for a while. */
void rig_pass(struct rig *rig, uint64_t ms);

/* List `path`. */
enum err rig_list(struct rig *rig, const char *path, int depth);

/* Is the file target/path exactly `data`, of that mode, with the maker's mtime? */
void rig_assert_file(struct rig *rig, const char *path, struct bytes data, unsigned mode);
void rig_assert_folder(struct rig *rig, const char *path, unsigned mode);
void rig_assert_symlink(struct rig *rig, const char *path, const char *text);
void rig_assert_absent(struct rig *rig, const char *path);

/* How many entries lie below the target, temporary files and all. */
size_t rig_count(struct rig *rig);

/* Is the marker of an unfinished restore there? */
bool rig_marked(struct rig *rig);

/* Write a file into the target, with that mtime. */
void rig_put(struct rig *rig, const char *path, const char *text, int64_t mtime_ns);

/* Nothing but the target lies in the root, and nowhere a temporary file. */
void rig_assert_tidy(struct rig *rig);

/* `len` bytes that no two seeds share, and that do not shrink. */
struct buf rig_noise(size_t len, uint32_t seed);

#endif
