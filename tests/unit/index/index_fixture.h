/* A folder, a catalogue, workers and a loop, for the tests of this room. Names are short: they make
 * up most of the tests' text. */
#ifndef TESTS_INDEX_FIXTURE_H
#define TESTS_INDEX_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/index/index.h"
#include "flow/index/index_rules.h"
#include "io/store/store_share.h"

enum { PATH_LEN = 1000, NOBODY = 65534, PATHS_MAX = 4 };

struct fixture {
    char dir[64];
    struct loop *loop;
    struct workers *workers;
    struct store *store;
    int64_t share;
    struct index_options options;
    struct index *index;
    int done; /* how often */
    enum err err;
    struct store_scan_counts counts;
    struct buf events;
    struct progress progress;   /* as shown last */
    uint64_t cancel_at;         /* cancel when so many entries were found; 0: never */
    struct loop_task stop_task; /* leave the loop after a cancel */
};

/* The path of something below f->dir; lives for eight more calls. */
const char *at(struct fixture *f, const char *name);

void write_file(struct fixture *f, const char *name, const char *text);
void make_folder(struct fixture *f, const char *name);

/* cmocka's: a folder with an empty folder "tree". */
int setup(void **state);
int teardown(void **state);

/* Workers and catalogue, with a share of these paths (below f->dir); of "tree" alone. */
void open_share(struct fixture *f, const char *const paths[][2], size_t count);
void share_tree(struct fixture *f);

/* Scan to the end: f->err, counts, events, progress. */
void scan(struct fixture *f);

/* What scan() listens with. */
void on_changed(void *arg, const struct progress *p);
void on_done(void *arg, enum err err, const struct store_scan_counts *counts);
void stop_loop(void *arg);

#endif
