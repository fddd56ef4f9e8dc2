/* Is the catalogue sound? Asked on a second connection that only reads, and given up when told. */
#include <sqlite3.h>
#include <string.h>

#include "base/log.h"
#include "io/store/store_local.h"
#include "io/store/store_rescue.h"

enum { STEPS_A_LOOK = 10000 };

/* SQLite walks through a whole table in one step, minutes long, and asks nobody whether to go on.
 * But it reads each page: a check that is to stop gets no more of them. */
struct guard {
    sqlite3_io_methods methods; /* what SQLite calls: the file's own, but for reading */
    const sqlite3_io_methods *own;
    const atomic_int *stop;
};

static int guarded_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    const struct guard *guard = (const struct guard *)file->pMethods;

    return atomic_load(guard->stop) != 0 ? SQLITE_IOERR_READ
                                         : guard->own->xRead(file, out, len, at);
}

static void guard_begin(struct guard *guard, sqlite3 *db, const atomic_int *stop)
{
    sqlite3_file *file = NULL;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
        file != NULL && file->pMethods != NULL) {
        guard->own = file->pMethods;
        guard->stop = stop;
        guard->methods = *file->pMethods;
        guard->methods.xRead = guarded_read;
        file->pMethods = &guard->methods;
    }
}

static void guard_end(const struct guard *guard, sqlite3 *db)
{
    sqlite3_file *file = NULL;

    if (guard->own != NULL &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK) {
        file->pMethods = guard->own;
    }
}

static int ask_stop(void *arg)
{
    return atomic_load((const atomic_int *)arg) != 0;
}

static enum err judge(int code, const char *said)
{
    switch (code & 0xff) {
    case SQLITE_ROW:
        if (said != NULL && strcmp(said, "ok") == 0) {
            return OK;
        }
        log_error("store", "the catalogue is damaged: %s", said != NULL ? said : "");
        return ERR_STORE_CORRUPT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_STORE_CORRUPT;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    case SQLITE_IOERR:
        return ERR_DISK_IO;
    default:
        return ERR_STORE;
    }
}

enum err store_check(const char *path, const atomic_int *stop)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = NULL;
    struct guard guard = {.own = NULL};
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    enum err err = db == NULL ? ERR_NO_MEMORY : code == SQLITE_OK ? OK : ERR_STORE;

    if (err == OK) {
        guard_begin(&guard, db, stop);
        sqlite3_progress_handler(db, STEPS_A_LOOK, ask_stop, (void *)(uintptr_t)stop);
        code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
        if (code == SQLITE_OK) {
            code = sqlite3_step(stmt);
        }
        err = atomic_load(stop) != 0
                  ? ERR_CANCELLED
                  : judge(code,
                        code == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL);
    }
    if (err == ERR_STORE_CORRUPT && store_disk_refused(db)) {
        err = ERR_DISK_IO;
    }
    (void)sqlite3_finalize(stmt);
    if (db != NULL) {
        guard_end(&guard, db);
    }
    (void)sqlite3_close(db);
    return err;
}
