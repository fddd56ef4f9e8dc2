/* Measures the listing of one very large folder for the page: usage: bench_folder [FILES [FOLDER]].
 * Makes FILES empty files in a temporary folder (or takes one that is there), reads their names as
 * the daemon does, in either order, looks for one, and prints CPU and wall milliseconds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/control/folder_list.h"
#include "base/clock.h"

enum { FILES = 200000, ROUNDS = 5, PATH_LEN = 4096, CREATE_MODE = 0644 };

static void must(int good, const char *what)
{
    if (!good) {
        perror(what);
        exit(1);
    }
}

static double cpu_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Numbers without an order of their own, as a download folder has them. */
static void make_files(const char *root, unsigned files)
{
    int folder = open(root, O_RDONLY | O_DIRECTORY);
    char name[64];

    must(folder >= 0, root);
    for (unsigned i = 0; i < files; i++) {
        int fd;

        (void)snprintf(name, sizeof(name), "photo %06u of a wide folder.jpg",
            (unsigned)((uint64_t)i * 7919 % files));
        fd = openat(folder, name, O_WRONLY | O_CREAT, CREATE_MODE);
        must(fd >= 0, name);
        (void)close(fd);
    }
    (void)close(folder);
}

static struct disk_names *open_names(const char *root)
{
    struct disk_names *names;

    must(disk_names_open(bytes_str(root), bytes_str(""), &names) == OK, root);
    return names;
}

static void names_alone(const char *root, struct folder_list **unused)
{
    struct disk_names *names = open_names(root);
    struct bytes name;
    enum disk_type type;

    (void)unused;
    while (disk_names_next(names, &name, &type) == OK) {
    }
    disk_names_free(names);
}

static void listing(const char *root, enum folder_order order, struct folder_list **list)
{
    struct folder_wish wish = {.order = order, .hidden = true, .find = ""};
    struct disk_names *names = open_names(root);

    must(folder_list_read(names, &wish, bytes_str(""), list) == OK, root);
    disk_names_free(names);
}

static void listing_by_type(const char *root, struct folder_list **list)
{
    listing(root, FOLDER_BY_TYPE, list);
}

static void listing_by_name(const char *root, struct folder_list **list)
{
    listing(root, FOLDER_BY_NAME, list);
}

static void search(const char *root, struct folder_list **list)
{
    struct folder_wish wish = {.hidden = true, .find = "99 OF"};
    struct folder_list *whole;

    listing(root, FOLDER_BY_TYPE, &whole);
    must(folder_list_narrow(whole, &wish, list) == OK, root);
    folder_list_free(whole);
}

static void measure(
    const char *what, const char *root, void (*run)(const char *root, struct folder_list **list))
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct folder_list *list = NULL;
        double cpu = cpu_ms();
        uint64_t begun = clock_mono_ns();

        run(root, &list);
        printf("| %s | %zu | %.1f | %.1f |\n", what, list != NULL ? folder_list_total(list) : 0,
            (double)(clock_mono_ns() - begun) / 1e6, cpu_ms() - cpu);
        folder_list_free(list);
    }
}

static void measure_all(const char *root)
{
    printf("| what, each five times | names | wall ms | CPU ms |\n|---|---|---|---|\n");
    measure("the names alone", root, names_alone);
    measure("a list, folders first", root, listing_by_type);
    measure("a list by name", root, listing_by_name);
    measure("a list, and a search in it", root, search);
}

static void remove_all(const char *root)
{
    struct disk_names *names = open_names(root);
    int folder = open(root, O_RDONLY | O_DIRECTORY);
    struct bytes name;
    enum disk_type type;

    while (disk_names_next(names, &name, &type) == OK) {
        (void)unlinkat(folder, (const char *)name.ptr, 0);
    }
    disk_names_free(names);
    (void)close(folder);
    (void)rmdir(root);
}

int main(int argc, char **argv)
{
    unsigned files = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : FILES;
    const char *tmp = getenv("TMPDIR");
    char root[PATH_LEN];

    if (argc > 2) {
        measure_all(argv[2]);
        return 0;
    }
    (void)snprintf(root, sizeof(root), "%s/bench_folder.XXXXXX", tmp != NULL ? tmp : "/tmp");
    must(mkdtemp(root) != NULL, root);
    make_files(root, files);
    measure_all(root);
    remove_all(root);
    return 0;
}
