/* What the files of this room share: the connections and their transactions. */
#ifndef IO_STORE_STORE_LOCAL_H
#define IO_STORE_STORE_LOCAL_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "io/store/store.h"

enum { STORE_STATEMENTS_MAX = 256 };

/* Who comes first is first: a thread that has a thousand questions keeps nobody waiting for more
 * than the one it is at, which a mutex alone does not promise. */
struct store_gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t next, serving; /* numbers that were drawn; and whose turn it is */
};

struct store_log;

struct store {
    struct store_gate gate; /* guards all below; one is inside from store_begin to store_end */
    sqlite3 *db;
    struct store *reader;  /* the connection that only reads; NULL in itself */
    struct store_log *log; /* who merges it; NULL in the reader */
    char *path;
    bool inside;     /* between store_begin or store_look and store_end: queries may be made */
    bool full;       /* synchronous is FULL just now */
    int last_logged; /* SQLite's code that was logged last: a full disk is told once */
    struct store_cached {
        const char *sql; /* the literal itself: compared by address */
        sqlite3_stmt *stmt;
        bool busy;
    } cached[STORE_STATEMENTS_MAX];
};

enum store_mode {
    STORE_WRITE,   /* survives kill -9 */
    STORE_DURABLE, /* survives a power cut too */
};

/* Wait for one's turn at the connection, and end it. store_begin() and store_look() do this. */
void store_enter(struct store *store);
void store_leave(struct store *store);

/* Wait for the connection that writes and begin a transaction. OK must be followed by store_end();
 * after an error nothing is held. */
MUST_USE enum err store_begin(struct store *store, enum store_mode mode);

/* The same to read what is committed by now: with a connection of its own, which waits for no
 * writer. Until store_end(), *store is that connection: what holds a copy of the pointer is made
 * after this call. */
MUST_USE enum err store_look(struct store **store);

/* Commit when `err` is OK (or ERR_NO_ROW, which says nothing bad), else roll back; let go of the
 * connection. Returns `err`, or why the commit failed. */
MUST_USE enum err store_end(struct store *store, enum err err);

/* Turn SQLite's result code into one of ours and log it with SQLite's own text. */
enum err store_failed(struct store *store, int code);

/* Was it the disk that would not give a page? SQLite calls such a catalogue malformed, which it may
 * not be. Holds until the file is opened anew. */
bool store_disk_refused(sqlite3 *db);

#endif
