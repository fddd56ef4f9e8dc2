/* The board: a file in memory that test and program share. The test writes on it what is to go
 * wrong, the program writes down what it does to the files below some roots. Its first page is this
 * struct (tests/e2e/calls_rig.py has the same numbers), then comes the log. */
#ifndef TESTS_CALLS_BOARD_H
#define TESTS_CALLS_BOARD_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BOARD_PAGE = 4096,
    BOARD_ROOTS = 1024, /* offset of the roots: paths, each ended by NUL, then an empty one */
    BOARD_PATH_MAX = PATH_MAX + NAME_MAX + 2,
};

/* Kinds of calls; a board's mask holds some. */
enum call_class {
    CALL_READ = 1,
    CALL_WRITE = 2,
    CALL_SYNC = 4,
    CALL_NAME = 8, /* what makes, moves, removes, cuts or marks files */
    CALL_OPEN = 16,
};

struct board {
    _Atomic uint64_t ready;      /* 1: look here at all */
    _Atomic uint64_t lock;       /* 1: somebody writes into the log */
    _Atomic uint64_t calls;      /* counted: those in the mask, below a root */
    _Atomic uint64_t mask;       /* of call_class */
    _Atomic uint64_t fail_at;    /* this one fails (0: none) ... */
    _Atomic uint64_t fail_for;   /* ... and so many in all, one after the other */
    _Atomic uint64_t fail_errno; /* so; 0: it is done in part only */
    _Atomic uint64_t struck;     /* calls that failed */
    _Atomic uint64_t stop_at; /* at this one the power goes: it and all later ones never return */
    _Atomic uint64_t stopped; /* it went */
    _Atomic int64_t clock;    /* seconds that the wall clock is ahead */
    _Atomic uint64_t logging; /* 1: write down what changes files */
    uint64_t log_end;         /* bytes of it that are there; under the lock */
    uint64_t log_cap;
};

/* NULL: nobody asked for anything. */
extern struct board *board;

/* What is to become of a call. */
enum verdict {
    CALL_GOES,
    CALL_FAILS, /* errno is set */
    CALL_SHORT, /* half of it */
};
enum verdict board_judge(enum call_class class);

/* Is this path, or what this descriptor is open on, below a root? `path` gets it. */
bool board_has_fd(int fd, char path[BOARD_PATH_MAX]);
bool board_has_name(int folder, const char *name, char path[BOARD_PATH_MAX]);

/* The function of this name that would be called without us. */
void *board_real(const char *name);

/* --- the log: changes, so that a test can take back those that no fsync made durable ---------- */

enum log_kind {
    LOG_WRITE = 1,  /* at a, file had b bytes; text: what was there, data: what comes */
    LOG_RESIZE = 2, /* to a bytes from b; text: what is cut off */
    LOG_MAKE = 3,   /* text: path */
    LOG_RENAME = 4, /* text: from, NUL, to; a, b, data: what was there, as for LOG_REMOVE */
    LOG_REMOVE =
        5, /* text: path; a: mode, b: mtime in ns; data: its contents, or a symlink's target */
    LOG_MARK = 6, /* text: path; a: its mode, b: its mtime before */
    LOG_SYNC = 7, /* text: path */
    LOG_SYNC_ALL = 8,
};

struct log_row {
    uint32_t kind, size; /* size: all of it, a multiple of 8 */
    uint64_t inode;
    uint64_t a, b;
    uint64_t other; /* LOG_RENAME: inode of what it replaces, 0: nothing */
    uint32_t text_len, data_len;
};

/* From the first to the second the order of calls is that of the log. */
void log_lock(void);
void log_unlock(void);

/* With text and data behind it; sets size and lengths. Under the lock; nothing when none is wanted.
 */
struct log_part {
    const void *ptr;
    size_t len;
};
void log_put(struct log_row *row, struct log_part text, struct log_part data);

/* The same, with `len` bytes of the file `fd` from `from` on as text. */
void log_put_before(struct log_row *row, int fd, uint64_t from, uint64_t len, struct log_part data);

/* A row about `path`, and about what it is: a mode, b mtime; its contents as data if `contents`. */
void log_put_path(struct log_row *row, struct log_part text, const char *path, bool contents);

#endif
