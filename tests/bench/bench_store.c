/* Measures the catalogue alone: rows a second of store_scan_put, new and unchanged, 3,000 folders
 * of 1,000 files (or the number of folders given); size of the file; paging through all of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "io/store/store_share.h"
#include "io/store/store_volume.h"

enum { FOLDERS = 3000, NAME_LEN = 32, PATH_LEN = 128 };

struct bench {
    struct store *store;
    int64_t share;
    uint64_t ticket;
    unsigned folders;
    char names[STORE_BATCH_MAX][NAME_LEN];
    struct store_entry entries[STORE_BATCH_MAX];
    uint64_t rows;
    uint64_t folder; /* the last key of a page */
    char name[NAME_LEN];
    size_t name_len;
};

static void must(enum err err, const char *what)
{
    if (err != OK) {
        fprintf(stderr, "%s: %s\n", what, err_name(err));
        exit(1);
    }
}

static double cpu_seconds(void)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void put(struct bench *b, uint64_t folder, size_t count)
{
    struct store_scan_counts counts = {0};
    struct store_listing l = {.ticket = b->ticket,
        .folder = folder,
        .entries = b->entries,
        .count = count,
        .order = STORE_SORTED,
        .first = true,
        .last = true};

    must(store_scan_put(b->store, b->share, &l, 1, &counts), "store_scan_put");
    b->rows += count;
}

static void fill(struct bench *b, enum store_type type, unsigned from)
{
    for (unsigned i = 0; i < STORE_BATCH_MAX; i++) {
        (void)snprintf(b->names[i], NAME_LEN, "picture-%07u", from + i);
        b->entries[i] = (struct store_entry){.name = bytes_str(b->names[i]),
            .type = type,
            .mode = 0644,
            .size = type == STORE_FILE ? 6000000 + i : 0,
            .mtime_ns = 1700000000123456789 + i,
            .ctime_ns = 1700000000123456789 + i,
            .inode = 9000000 + from + i,
            .device = 2049};
    }
}

/* The root holds groups of STORE_BATCH_MAX folders, each with as many files. */
static void scan(struct bench *b)
{
    unsigned groups = (b->folders + STORE_BATCH_MAX - 1) / STORE_BATCH_MAX;

    must(store_scan_begin(b->store, b->share, &b->ticket), "store_scan_begin");
    fill(b, STORE_DIRECTORY, 0);
    put(b, STORE_ROOT_FOLDER, groups);
    for (unsigned i = 0; i < groups; i++) {
        put(b, 2 + i, STORE_BATCH_MAX);
    }
    for (unsigned i = 0; i < groups * STORE_BATCH_MAX; i++) {
        if (i % 500 == 0) {
            fill(b, STORE_FILE, 0);
        }
        put(b, 2 + groups + i, i < b->folders ? STORE_BATCH_MAX : 0);
    }
    must(store_scan_end(b->store, b->share), "store_scan_end");
}

static enum err on_entry(void *arg, const struct store_entry *entry)
{
    struct bench *b = arg;

    b->rows++;
    b->folder = entry->folder;
    b->name_len = entry->name.len;
    memcpy(b->name, entry->name.ptr, entry->name.len);
    return OK;
}

static void page_through(struct bench *b)
{
    uint64_t before;

    do {
        char name[NAME_LEN];

        before = b->rows;
        memcpy(name, b->name, b->name_len);
        must(store_entry_after(b->store, b->share, b->folder, bytes_at(name, b->name_len),
                 STORE_BATCH_MAX, on_entry, b),
            "store_entry_after");
    } while (b->rows > before);
}

static void measure(struct bench *b, const char *what, void (*run)(struct bench *b))
{
    double cpu = cpu_seconds();
    uint64_t start = clock_mono_ns();
    double wall;

    b->rows = 0;
    run(b);
    wall = (double)(clock_mono_ns() - start) / 1e9;
    printf("%-12s %9llu rows  %6.2f s  %9.0f rows/s  %6.2f CPU s\n", what,
        (unsigned long long)b->rows, wall, (double)b->rows / wall, cpu_seconds() - cpu);
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct store_share share = {.title = "bench"};
    struct store_path path = {bytes_str("/x"), {0}};
    char dir[] = "/tmp/bench_store.XXXXXX";
    char file[PATH_LEN];
    char command[PATH_LEN];
    struct rusage u;
    struct stat st;

    b.folders = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : FOLDERS;
    if (mkdtemp(dir) == NULL) {
        perror("mkdtemp");
        return 1;
    }
    (void)snprintf(file, sizeof(file), "%s/catalogue", dir);
    must(store_open(file, &b.store), "store_open");
    must(store_share_add(b.store, &share, &path, 1, &b.share), "store_share_add");
    measure(&b, "new", scan);
    measure(&b, "unchanged", scan);
    measure(&b, "read", page_through);
    store_close(b.store);
    if (stat(file, &st) == 0 && getrusage(RUSAGE_SELF, &u) == 0) {
        printf("catalogue %lld MB, peak RSS %ld MiB\n", (long long)st.st_size / 1000000,
            u.ru_maxrss / 1024);
    }
    (void)snprintf(command, sizeof(command), "rm -rf %s", dir);
    return system(command) == 0 ? 0 : 1;
}
