/* The connection: open, close, transactions, and SQLite's errors as ours. */
#include "io/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "io/store/query.h"
#include "io/store/store_local.h"
#include "io/store/store_log.h"
#include "io/store/store_schema.h"

enum { BUSY_MS = 5000, FILE_MODE = 0600, CORE_CODE = 0xff };

/* WAL: readers of other processes (backups) do not block us, and a commit is one append. NORMAL: a
 * commit survives kill -9 without an fsync; store_begin(STORE_DURABLE) switches to FULL, whose
 * commit fsyncs the log, and with it everything before. store_log.c merges the log, every 16 MiB,
 * which keeps it small and its fsyncs rare. Negative cache_size is KiB. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = NORMAL;"
                               "PRAGMA journal_size_limit = 67108864;"
                               "PRAGMA cache_size = -32768;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;";

/* The second connection: its pages go stale with each commit of the first, so it keeps few. */
static const char reader_settings[] = "PRAGMA query_only = ON;"
                                      "PRAGMA cache_size = -8192;"
                                      "PRAGMA temp_store = MEMORY;"
                                      "PRAGMA trusted_schema = OFF;";

static enum err from_io(struct store *store, int extended)
{
    int code = sqlite3_system_errno(store->db);

    if (extended == SQLITE_IOERR_NOMEM) {
        return ERR_NO_MEMORY;
    }
    return code == ENOSPC || code == EDQUOT ? ERR_DISK_FULL : ERR_DISK_IO;
}

static enum err from_cantopen(struct store *store)
{
    enum err err = err_from_errno(sqlite3_system_errno(store->db));

    return err == OK || err == ERR_SYSTEM ? ERR_STORE : err;
}

bool store_disk_refused(sqlite3 *db)
{
    sqlite3_file *log = NULL;
    int last = 0;

    (void)sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &last);
    if (last == 0 &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
        log != NULL && log->pMethods != NULL) {
        (void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &last);
    }
    return last == EIO || last == ENXIO || last == ERANGE;
}

static enum err from_sqlite(struct store *store, int code)
{
    switch (code & CORE_CODE) {
    case SQLITE_OK:
        return OK;
    case SQLITE_FULL:
        return ERR_DISK_FULL;
    case SQLITE_IOERR:
        return from_io(store, code);
    case SQLITE_CORRUPT:
        return store_disk_refused(store->db) ? ERR_DISK_IO : ERR_STORE_CORRUPT;
    case SQLITE_NOTADB:
        return ERR_STORE_CORRUPT;
    case SQLITE_READONLY:
        return ERR_READ_ONLY;
    case SQLITE_CANTOPEN:
        return from_cantopen(store);
    case SQLITE_PERM:
        return ERR_PERMISSION;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_LOCKED;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_CONSTRAINT:
        return ERR_BUG;
    default:
        return ERR_STORE;
    }
}

enum err store_failed(struct store *store, int code)
{
    enum err err = from_sqlite(store, sqlite3_extended_errcode(store->db));

    if (err == OK) {
        err = from_sqlite(store, code);
    }
    if (store->last_logged != code) {
        store->last_logged = code;
        log_error("store", "sqlite code=%d errno=%d text=%s", sqlite3_extended_errcode(store->db),
            sqlite3_system_errno(store->db), sqlite3_errmsg(store->db));
    }
    return err == OK ? ERR_STORE : err;
}

static enum err execute(struct store *store, const char *sql)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? OK : store_failed(store, code);
}

/* PRAGMA synchronous works only outside transactions. */
static enum err set_full(struct store *store, bool full)
{
    enum err err = OK;

    if (store->full != full) {
        err = execute(store, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        if (err == OK) {
            store->full = full;
        }
    }
    return err;
}

static enum err run(struct store *store, const char *sql)
{
    struct query q;

    query_init(&q, store, sql);
    return query_run(&q, NULL);
}

static void gate_init(struct store_gate *gate)
{
    *gate = (struct store_gate){.next = 0};
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->moved, NULL);
}

static void gate_clear(struct store_gate *gate)
{
    pthread_cond_destroy(&gate->moved);
    pthread_mutex_destroy(&gate->lock);
}

void store_enter(struct store *store)
{
    struct store_gate *gate = &store->gate;
    uint64_t mine;

    pthread_mutex_lock(&gate->lock);
    mine = gate->next++;
    while (mine != gate->serving) {
        pthread_cond_wait(&gate->moved, &gate->lock);
    }
    pthread_mutex_unlock(&gate->lock);
    store->inside = true;
}

void store_leave(struct store *store)
{
    struct store_gate *gate = &store->gate;

    store->inside = false;
    pthread_mutex_lock(&gate->lock);
    gate->serving++;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->lock);
}

enum err store_begin(struct store *store, enum store_mode mode)
{
    static const char begin[] = "BEGIN IMMEDIATE";
    enum err err;

    store_log_wait(store->log);
    store_enter(store);
    err = set_full(store, mode == STORE_DURABLE);
    if (err == OK) {
        err = run(store, begin);
    }
    if (err != OK) {
        store_leave(store);
    }
    return err;
}

enum err store_look(struct store **store)
{
    static const char begin[] = "BEGIN";
    struct store *reader = (*store)->reader;
    enum err err;

    store_enter(reader);
    err = run(reader, begin);
    if (err != OK) {
        store_leave(reader);
        return err;
    }
    *store = reader;
    return OK;
}

enum err store_end(struct store *store, enum err err)
{
    static const char commit[] = "COMMIT";

    if (err == OK || err == ERR_NO_ROW) {
        enum err ended = run(store, commit);

        err = ended != OK ? ended : err;
    }
    /* A failed COMMIT may leave the transaction open; some errors have ended it already. */
    if (!sqlite3_get_autocommit(store->db)) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    } else if (err == OK) {
        store->last_logged = SQLITE_OK; /* it works (again): tell the next trouble */
    }
    store_leave(store);
    return err;
}

/* SQLite would make the file with 0644: make it first. */
static enum err make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);

    if (fd < 0) {
        return err_from_errno(errno);
    }
    if (close(fd) != 0) {
        return err_from_errno(errno);
    }
    return OK;
}

static enum err connect_to(struct store *store, const char *pragmas)
{
    int code = sqlite3_open_v2(store->path, &store->db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);

    if (store->db == NULL) {
        return ERR_NO_MEMORY;
    }
    if (code != SQLITE_OK) {
        return store_failed(store, code);
    }
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    return execute(store, pragmas);
}

static enum err add_reader(struct store *store)
{
    struct store *reader = calloc(1, sizeof(*reader));

    if (reader == NULL) {
        return ERR_NO_MEMORY;
    }
    store->reader = reader;
    gate_init(&reader->gate);
    reader->path = strdup(store->path);
    return reader->path != NULL ? connect_to(reader, reader_settings) : ERR_NO_MEMORY;
}

/* SQLite's own account of its memory costs two locks an allocation, and nobody reads it. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err store_open(const char *path, struct store **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct store *store = calloc(1, sizeof(*store));
    enum err err;

    (void)pthread_once(&once, configure);
    if (store == NULL) {
        return ERR_NO_MEMORY;
    }
    gate_init(&store->gate);
    store->path = realpath(path, NULL); /* NOFOLLOW would refuse a symlink on the way, too */
    if (store->path == NULL && errno == ENOENT) {
        err = make_file(path);
        store->path = err == OK ? realpath(path, NULL) : NULL;
    } else {
        err = store->path == NULL ? err_from_errno(errno) : OK;
    }
    if (err == OK && store->path == NULL) {
        err = err_from_errno(errno);
    }
    if (err == OK) {
        err = connect_to(store, settings);
    }
    if (err == OK) {
        err = store_schema_upgrade(store, STORE_SCHEMA_NEWEST);
    }
    if (err == OK) {
        err = add_reader(store);
    }
    if (err == OK) {
        err = store_log_start(store);
    }
    if (err != OK) {
        store_close(store);
        return err;
    }
    *out = store;
    return OK;
}

static void disconnect(struct store *store)
{
    for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++) {
        (void)sqlite3_finalize(store->cached[i].stmt);
    }
    if (store->db != NULL && sqlite3_close(store->db) != SQLITE_OK) {
        log_error("store", "close text=%s", sqlite3_errmsg(store->db));
    }
    gate_clear(&store->gate);
    free(store->path);
    free(store);
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    store_log_stop(store->log);
    if (store->reader != NULL) {
        disconnect(store->reader); /* first: who closes last tidies up */
    }
    disconnect(store);
}

/* A commit under FULL fsyncs the log, so one tiny commit makes all before it durable. */
enum err store_sync(struct store *store)
{
    static const char count[] = "UPDATE catalogue SET syncs = syncs + 1";
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    return store_end(store, run(store, count));
}
