/* Measures a scan beside find: usage: bench_scan [FOLDERS FILES_IN_EACH | TREE]. Makes a tree of
 * empty files in a temporary folder, or takes the one that is named, indexes it into a new
 * catalogue and again unchanged, runs `find -printf` over it, prints entries a second, CPU and peak
 * memory, and removes what it made. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "flow/index/index.h"
#include "io/store/store_share.h"

enum { FOLDERS = 1000, FILES = 300, WORKERS = 2, PATH_LEN = 4096, CREATE_MODE = 0644 };

struct bench {
    char root[PATH_LEN];
    char tree[PATH_LEN];
    char catalogue[PATH_LEN];
    unsigned folders, files;
    struct loop *loop;
    struct workers *workers;
    struct store *store;
    int64_t share;
    enum err err;
    struct store_scan_counts counts;
};

static void must(int good, const char *what)
{
    if (!good) {
        perror(what);
        exit(1);
    }
}

static double cpu_seconds(int who)
{
    struct rusage u;

    (void)getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void make_tree(struct bench *b)
{
    char name[64];

    must(mkdir(b->tree, 0755) == 0, "mkdir");
    for (unsigned i = 0; i < b->folders; i++) {
        int folder;
        char path[PATH_LEN + 64];

        (void)snprintf(path, sizeof(path), "%s/folder%05u", b->tree, i);
        must(mkdir(path, 0755) == 0, "mkdir");
        folder = open(path, O_RDONLY | O_DIRECTORY);
        must(folder >= 0, "open");
        for (unsigned k = 0; k < b->files; k++) {
            int fd;

            (void)snprintf(name, sizeof(name), "picture-%06u.jpg", k);
            fd = openat(folder, name, O_WRONLY | O_CREAT, CREATE_MODE);
            must(fd >= 0 && ftruncate(fd, (off_t)k + 1) == 0, "create");
            (void)close(fd);
        }
        (void)close(folder);
    }
}

static void on_done(void *arg, enum err err, const struct store_scan_counts *counts)
{
    struct bench *b = arg;

    b->err = err;
    b->counts = *counts;
    loop_stop(b->loop);
}

static void report(const char *what, double entries, uint64_t wall_ns, double cpu)
{
    double wall = (double)wall_ns / 1e9;

    printf("%-22s %9.0f entries  %6.2f s  %8.0f entries/s  %6.2f CPU s\n", what, entries, wall,
        entries / wall, cpu);
}

static void scan(struct bench *b, const char *what)
{
    struct index_options options = {
        .loop = b->loop, .workers = b->workers, .store = b->store, .share = b->share};
    struct index *index = NULL;
    double cpu = cpu_seconds(RUSAGE_SELF);
    uint64_t start = clock_mono_ns();

    must(index_start(&options, on_done, b, &index) == OK, "index_start");
    loop_run(b->loop);
    must(b->err == OK, err_name(b->err));
    report(what, (double)(b->counts.files + b->counts.directories), clock_mono_ns() - start,
        cpu_seconds(RUSAGE_SELF) - cpu);
}

static void find(struct bench *b)
{
    char command[PATH_LEN + 64];
    double cpu = cpu_seconds(RUSAGE_CHILDREN);
    uint64_t start = clock_mono_ns();

    (void)snprintf(
        command, sizeof(command), "find %s -printf '%%p %%s %%T@ %%i\\n' >/dev/null", b->tree);
    must(system(command) == 0, "find");
    if (b->counts.files == 0) {
        return; /* it only made the kernel read what lay on the disk */
    }
    report("find -printf", (double)(b->counts.files + b->counts.directories),
        clock_mono_ns() - start, cpu_seconds(RUSAGE_CHILDREN) - cpu);
}

static void open_all(struct bench *b)
{
    struct store_share share = {.title = "bench"};
    struct store_path path = {bytes_str(b->tree), {0}};

    must(store_open(b->catalogue, &b->store) == OK, "store_open");
    must(store_share_add(b->store, &share, &path, 1, &b->share) == OK, "store_share_add");
    must(loop_new(&b->loop) == OK, "loop_new");
    must(workers_new(b->loop, WORKERS, &b->workers) == OK, "workers_new");
}

static void print_memory(const struct bench *b)
{
    struct rusage u;
    struct stat st;

    (void)getrusage(RUSAGE_SELF, &u);
    must(stat(b->catalogue, &st) == 0, "stat");
    printf("peak RSS %ld MiB, catalogue %lld MB\n", u.ru_maxrss / 1024,
        (long long)st.st_size / 1000000);
}

int main(int argc, char **argv)
{
    struct bench b = {.folders = FOLDERS, .files = FILES};
    char command[PATH_LEN + 64];

    if (argc == 3) {
        b.folders = (unsigned)strtoul(argv[1], NULL, 10);
        b.files = (unsigned)strtoul(argv[2], NULL, 10);
    }
    (void)snprintf(b.root, sizeof(b.root), "/tmp/bench_scan.XXXXXX");
    must(mkdtemp(b.root) != NULL, "mkdtemp");
    (void)snprintf(b.catalogue, sizeof(b.catalogue), "%.3000s/catalogue", b.root);
    if (argc == 2) {
        (void)snprintf(b.tree, sizeof(b.tree), "%.4000s", argv[1]);
    } else {
        (void)snprintf(b.tree, sizeof(b.tree), "%.3000s/tree", b.root);
        make_tree(&b);
    }
    open_all(&b);
    find(&b);
    scan(&b, "first scan");
    scan(&b, "unchanged");
    find(&b);
    scan(&b, "unchanged again");
    find(&b);
    workers_free(b.workers);
    store_close(b.store);
    loop_free(b.loop);
    print_memory(&b);
    (void)snprintf(command, sizeof(command), "rm -rf %s", b.root);
    return system(command) == 0 ? 0 : 1;
}
