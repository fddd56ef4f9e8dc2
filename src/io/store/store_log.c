/* The thread that merges the log. A merge runs beside those who write. When all is merged the next
 * one who writes begins the log anew; where writers never leave it time for that, and the log has
 * become long, the last of it is merged while they wait. SQLite itself would merge inside a commit.
 */
#include "io/store/store_log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum {
    ROUNDS_MAX = 4,
    REST_PAGES = 1024, /* few enough to keep everybody waiting for */
};

struct store_log {
    struct store *store;
    sqlite3 *db; /* the thread's own */
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t grown; /* for the thread */
    pthread_cond_t merged_some;
    int pages;    /* how long the log was after the last commit */
    int tried;    /* how long it was when it was merged last, successfully or not */
    int merged;   /* so many of its pages are in the file */
    bool merging; /* a merge is under way: only then it makes sense to wait */
    bool failed;  /* the last step of one: told once */
    bool ending;
};

/* After each commit, by who made it. */
static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct store_log *log = arg;

    (void)db;
    (void)name;
    pthread_mutex_lock(&log->lock);
    if (pages < log->pages) { /* it begins anew */
        log->tried = 0;
        log->merged = 0;
    }
    log->pages = pages;
    if (pages - log->tried >= STORE_LOG_MERGE) {
        pthread_cond_signal(&log->grown);
    }
    pthread_mutex_unlock(&log->lock);
    return SQLITE_OK;
}

/* Another process that looks at the catalogue may be in the way: then there is a next time. */
static void tell(struct store_log *log, int code)
{
    bool failed = code != SQLITE_OK && code != SQLITE_BUSY;

    if (failed && !log->failed) {
        log_warn("store", "the log was not merged code=%d text=%s",
            sqlite3_extended_errcode(log->db), sqlite3_errmsg(log->db));
    }
    log->failed = failed;
}

/* Merge what is there now. *left: pages that came meanwhile, or that somebody still reads.
 * False: it failed, or there is nothing to gain by another try. */
static bool merge_some(struct store_log *log, int *left)
{
    int pages = 0, merged = 0, before;
    int code =
        sqlite3_wal_checkpoint_v2(log->db, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &merged);
    bool more;

    pthread_mutex_lock(&log->lock);
    tell(log, code);
    before = log->merged;
    if (code == SQLITE_OK) {
        log->merged = merged < log->pages ? merged : log->pages;
    }
    *left = log->pages - log->merged;
    more = code == SQLITE_OK && log->merged != before && log->pages >= STORE_LOG_LONG;
    pthread_cond_broadcast(&log->merged_some);
    pthread_mutex_unlock(&log->lock);
    return more;
}

static void merge(struct store_log *log)
{
    int left = 0;
    bool more = merge_some(log, &left);

    for (int i = 1; i < ROUNDS_MAX && more && left > REST_PAGES; i++) {
        more = merge_some(log, &left);
    }
    if (more && left > 0) {
        store_enter(log->store);
        (void)merge_some(log, &left);
        store_leave(log->store);
    }
}

/* The next merge is due when so much more has come; where this one gained nothing, from now on. */
static void merge_and_note(struct store_log *log)
{
    int before = log->merged;

    log->merging = true;
    pthread_mutex_unlock(&log->lock);
    merge(log);
    pthread_mutex_lock(&log->lock);
    log->merging = false;
    log->tried = log->merged != before ? log->merged : log->pages;
    pthread_cond_broadcast(&log->merged_some);
}

static void *log_main(void *arg)
{
    struct store_log *log = arg;

    (void)pthread_setname_np(pthread_self(), "log");
    pthread_mutex_lock(&log->lock);
    while (!log->ending) {
        if (log->pages - log->tried < STORE_LOG_MERGE) {
            pthread_cond_wait(&log->grown, &log->lock);
            continue;
        }
        merge_and_note(log);
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

/* It leaves signals to the threads that run loops. */
static enum err start_thread(struct store_log *log)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    log->runs = pthread_create(&log->thread, NULL, log_main, log) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return log->runs ? OK : ERR_SYSTEM;
}

/* Until it has read once, a connection does not know of the log and merges nothing. */
static enum err connect_to(struct store *store, struct store_log *log)
{
    int code = sqlite3_open_v2(store->path, &log->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);

    if (log->db == NULL) {
        return ERR_NO_MEMORY;
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(log->db, "SELECT syncs FROM catalogue", NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? OK : store_failed(store, code);
}

enum err store_log_start(struct store *store)
{
    struct store_log *log = calloc(1, sizeof(*log));
    enum err err;

    if (log == NULL) {
        return ERR_NO_MEMORY;
    }
    store->log = log;
    log->store = store;
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->grown, NULL);
    pthread_cond_init(&log->merged_some, NULL);
    err = connect_to(store, log);
    if (err != OK) {
        return err;
    }
    (void)sqlite3_wal_hook(store->db, on_commit, log);
    return start_thread(log);
}

void store_log_wait(struct store_log *log)
{
    if (log == NULL) {
        return;
    }
    pthread_mutex_lock(&log->lock);
    while (log->merging && log->pages - log->merged >= STORE_LOG_MAX) {
        pthread_cond_wait(&log->merged_some, &log->lock);
    }
    pthread_mutex_unlock(&log->lock);
}

void store_log_stop(struct store_log *log)
{
    if (log == NULL) {
        return;
    }
    pthread_mutex_lock(&log->lock);
    log->ending = true;
    pthread_cond_signal(&log->grown);
    pthread_mutex_unlock(&log->lock);
    if (log->runs) {
        pthread_join(log->thread, NULL);
    }
    (void)sqlite3_wal_hook(log->store->db, NULL, NULL);
    (void)sqlite3_close(log->db);
    pthread_cond_destroy(&log->merged_some);
    pthread_cond_destroy(&log->grown);
    pthread_mutex_destroy(&log->lock);
    free(log);
}
