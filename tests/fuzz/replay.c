/* Runs a fuzz target without a fuzzer: every file of its corpus as it is, cut at every length and
 * with bits flipped, FLIPS times. The flips come from a fixed seed, so a failure is the same in
 * every run. */
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALL_CUTS_LEN = 4096, /* inputs up to this length are cut at every length */
    CUTS_AT_EDGE = 512,  /* of longer ones: this many at each end ... */
    CUTS_BETWEEN = 256,  /* ... and this many spread between */
    FLIPS_AT_ONCE = 4,   /* at most so many bits in one input */
    INPUT_MAX = 16 << 20,
};

struct replay {
    uint64_t seed;
    long flips; /* a file */
    size_t files;
    size_t inputs;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void die(const char *what, const char *name)
{
    fprintf(stderr, "replay: %s: %s\n", name, what);
    exit(1);
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
static uint64_t next_random(struct replay *r)
{
    r->seed ^= r->seed >> 12;
    r->seed ^= r->seed << 25;
    r->seed ^= r->seed >> 27;
    return r->seed * UINT64_C(0x2545F4914F6CDD1D);
}

/* Run one input from memory of exactly its size, so that AddressSanitizer sees any step beyond. */
static void run(struct replay *r, const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL) {
        die("no memory", "input");
    }
    if (len > 0) {
        memcpy(copy, data, len);
    }
    (void)LLVMFuzzerTestOneInput(copy, len);
    r->inputs++;
    free(copy);
}

static bool cut_wanted(size_t cut, size_t len)
{
    return len <= ALL_CUTS_LEN || cut < CUTS_AT_EDGE || len - cut <= CUTS_AT_EDGE ||
           cut % (len / CUTS_BETWEEN) == 0;
}

static void run_cuts(struct replay *r, const uint8_t *data, size_t len)
{
    for (size_t cut = 0; cut < len; cut++) {
        if (cut_wanted(cut, len)) {
            run(r, data, cut);
        }
    }
}

static void run_flips(struct replay *r, uint8_t *data, size_t len)
{
    size_t at[FLIPS_AT_ONCE];

    for (long i = 0; len > 0 && i < r->flips; i++) {
        size_t flips = 1 + (size_t)(next_random(r) % FLIPS_AT_ONCE);

        for (size_t f = 0; f < flips; f++) {
            at[f] = (size_t)(next_random(r) % (len * 8));
            data[at[f] / 8] ^= (uint8_t)(1 << at[f] % 8);
        }
        run(r, data, len);
        for (size_t f = 0; f < flips; f++) {
            data[at[f] / 8] ^= (uint8_t)(1 << at[f] % 8);
        }
    }
}

/* The whole of the file at `path`; the caller frees it. */
static uint8_t *read_whole(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);

    if (file == NULL || data == NULL) {
        die("cannot be read", path);
    }
    *len = fread(data, 1, INPUT_MAX, file);
    if (ferror(file) || *len == INPUT_MAX) {
        die("cannot be read, or is too long", path);
    }
    (void)fclose(file);
    return data;
}

static void run_file(struct replay *r, const char *path)
{
    size_t len = 0;
    uint8_t *data = read_whole(path, &len);

    run(r, data, len);
    run_cuts(r, data, len);
    run_flips(r, data, len);
    r->files++;
    free(data);
}

static void run_folder(struct replay *r, const char *folder)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, NULL, alphasort);

    if (count < 0) {
        die("no such corpus folder", folder);
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];

        if (names[i]->d_name[0] != '.') {
            (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
            run_file(r, path);
        }
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    struct replay r = {.seed = UINT64_C(0x75736E6574)};

    if (argc != 3) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER FLIPS\n", argv[0]);
        return 2;
    }
    r.flips = strtol(argv[2], NULL, 10);
    run_folder(&r, argv[1]);
    if (r.files == 0) {
        die("the corpus is empty", argv[1]);
    }
    printf("%s: %zu inputs made of %zu files\n", argv[0], r.inputs, r.files);
    return 0;
}
