/* Makes what the measurements of this folder are fed with:
 *
 *     make_data random BYTES FILE                        bytes that nobody can shrink
 *     make_data text BYTES FILE                          words and lines; zstd takes about two
 * thirds away make_data tree FOLDER FILES [WIDE [LEAST MOST]]    small files of LEAST to MOST bytes
 * of random contents, WIDE of them in one folder, the others by the hundred make_data sparse FOLDER
 * FILES BYTES                the same tree of holes that are BYTES long together
 *
 * BYTES may end in K, M, G or T (powers of 1024). FILE may be `-`. A tree has the same names and
 * sizes each time; its contents, and random bytes, are new ones each time. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 1 << 20,
    KEY_LEN = 32,
    IV_LEN = 16,
    PATH_LEN = 4096,
    IN_A_FOLDER = 100,
    FOLDERS_IN_ONE = 100,
    LEAST_USUAL = 20,
    MOST_USUAL = 200,
    WORDS = 4096,
    WORD_MAX = 12,
    LINE_LEN = 90,
};

/* The stream of AES-256-CTR under a key of the moment, in pieces. */
struct noise {
    EVP_CIPHER_CTX *cipher;
    uint8_t *bytes; /* CHUNK of them */
    size_t at;      /* what of them has been handed out */
};

struct tree {
    const char *root;
    uint64_t files, wide;
    uint64_t least, most; /* bytes of a small file */
    uint64_t apparent;    /* of all files together, when they are holes */
    struct noise *noise;  /* NULL: holes */
};

static void die(const char *what)
{
    (void)fprintf(stderr, "make_data: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint8_t *chunk_new(void)
{
    uint8_t *chunk = calloc(1, CHUNK);

    if (chunk == NULL) {
        die("memory");
    }
    return chunk;
}

static void noise_more(struct noise *noise)
{
    int len;

    memset(noise->bytes, 0, CHUNK);
    if (EVP_EncryptUpdate(noise->cipher, noise->bytes, &len, noise->bytes, CHUNK) != 1) {
        die("AES");
    }
    noise->at = 0;
}

static struct noise noise_new(void)
{
    struct noise noise = {.cipher = EVP_CIPHER_CTX_new(), .bytes = chunk_new()};
    uint8_t key[KEY_LEN + IV_LEN];

    if (noise.cipher == NULL || RAND_bytes(key, sizeof(key)) != 1 ||
        EVP_EncryptInit_ex(noise.cipher, EVP_aes_256_ctr(), NULL, key, key + KEY_LEN) != 1) {
        die("AES");
    }
    noise_more(&noise);
    return noise;
}

static void noise_clear(struct noise *noise)
{
    EVP_CIPHER_CTX_free(noise->cipher);
    free(noise->bytes);
}

static void write_all(int fd, const uint8_t *bytes, size_t len, const char *name)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n <= 0) {
            die(name);
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static int open_new(const char *name)
{
    int fd = strcmp(name, "-") == 0 ? STDOUT_FILENO
                                    : open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0) {
        die(name);
    }
    return fd;
}

static void close_all(int fd, const char *name)
{
    if (close(fd) != 0) {
        die(name);
    }
}

static void make_random(uint64_t bytes, const char *name)
{
    struct noise noise = noise_new();
    int fd = open_new(name);

    while (bytes > 0) {
        size_t len = bytes < CHUNK ? (size_t)bytes : CHUNK;

        write_all(fd, noise.bytes, len, name);
        noise_more(&noise);
        bytes -= len;
    }
    close_all(fd, name);
    noise_clear(&noise);
}

/* xorshift64*: text need not be secret, but quick. */
static uint64_t next_number(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DULL;
}

static void make_words(char words[WORDS][WORD_MAX + 1], uint64_t *state)
{
    static const char consonants[] = "bcdfghjklmnprstvw", vowels[] = "aeiou";

    for (unsigned i = 0; i < WORDS; i++) {
        size_t len = 2 + next_number(state) % (WORD_MAX - 2);

        for (size_t k = 0; k < len; k++) {
            const char *set = k % 2 == 0 ? consonants : vowels;

            words[i][k] = set[next_number(state) % strlen(set)];
        }
        words[i][len] = '\0';
    }
}

/* Few words are frequent and many are rare, as in what people write. */
static const char *pick_word(char words[WORDS][WORD_MAX + 1], uint64_t *state)
{
    uint64_t number = next_number(state);
    uint64_t part = (number & 0xFFFF) * (number >> 16 & 0xFFFF) >> 16;

    return words[part * (number >> 32 & 0xFFFF) * WORDS >> 32];
}

static void make_text(uint64_t bytes, const char *name)
{
    static char words[WORDS][WORD_MAX + 1];
    uint8_t *chunk = chunk_new();
    uint64_t state = 0x9E3779B97F4A7C15ULL;
    int fd = open_new(name);
    size_t column = 0;

    make_words(words, &state);
    while (bytes > 0) {
        size_t want = bytes < CHUNK ? (size_t)bytes : CHUNK, len = 0;

        while (len < want) {
            const char *word = pick_word(words, &state);

            for (; *word != '\0' && len < want; word++, column++) {
                chunk[len++] = (uint8_t)*word;
            }
            if (len < want) {
                chunk[len++] = column < LINE_LEN ? ' ' : '\n';
                column = column < LINE_LEN ? column + 1 : 0;
            }
        }
        write_all(fd, chunk, want, name);
        bytes -= want;
    }
    close_all(fd, name);
    free(chunk);
}

/* The contents of one small file: never across the end of a chunk, so that they are one write. */
static void fill_small(const struct tree *tree, int fd, uint64_t number, const char *name)
{
    struct noise *noise = tree->noise;
    size_t len = (size_t)(tree->least + number * 7919 % (tree->most - tree->least + 1));

    if (noise->at + len > CHUNK) {
        noise_more(noise);
    }
    write_all(fd, noise->bytes + noise->at, len, name);
    noise->at += len;
}

static void make_file(const struct tree *tree, int folder, const char *name, uint64_t number)
{
    uint64_t each = tree->apparent / tree->files;
    uint64_t len = number + 1 < tree->files ? each : tree->apparent - each * (tree->files - 1);
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0) {
        die(name);
    }
    if (tree->noise != NULL) {
        fill_small(tree, fd, number, name);
    } else if (ftruncate(fd, (off_t)len) != 0) {
        die(name);
    }
    close_all(fd, name);
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        die(path);
    }
}

/* Files `first` up to `end` go into the folder `path`. */
static void fill_folder(const struct tree *tree, const char *path, uint64_t first, uint64_t end)
{
    int folder;

    make_folder(path);
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        die(path);
    }
    for (uint64_t i = first; i < end; i++) {
        char name[64];

        if (i < tree->wide) {
            (void)snprintf(name, sizeof(name), "photo %06" PRIu64 " of a wide folder.jpg", i);
        } else {
            (void)snprintf(name, sizeof(name), "a small file %07" PRIu64 ".dat", i);
        }
        make_file(tree, folder, name, i);
    }
    close_all(folder, path);
}

static void make_tree(const struct tree *tree)
{
    char path[PATH_LEN];

    make_folder(tree->root);
    if (tree->wide > 0) {
        (void)snprintf(path, sizeof(path), "%.4000s/wide", tree->root);
        fill_folder(tree, path, 0, tree->wide);
    }
    for (uint64_t i = tree->wide; i < tree->files; i += IN_A_FOLDER) {
        uint64_t folder = (i - tree->wide) / IN_A_FOLDER;
        uint64_t end = i + IN_A_FOLDER < tree->files ? i + IN_A_FOLDER : tree->files;

        (void)snprintf(
            path, sizeof(path), "%.4000s/%03" PRIu64, tree->root, folder / FOLDERS_IN_ONE);
        make_folder(path);
        (void)snprintf(path, sizeof(path), "%.4000s/%03" PRIu64 "/%06" PRIu64, tree->root,
            folder / FOLDERS_IN_ONE, folder);
        fill_folder(tree, path, i, end);
    }
}

static uint64_t number_of(const char *text)
{
    static const char units[] = "KMGT";
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    const char *unit = *end == '\0' ? NULL : strchr(units, *end);

    if (unit != NULL) {
        value <<= 10 * (unit - units + 1);
        end++;
    }
    if (*text < '0' || *text > '9' || *end != '\0') {
        (void)fprintf(stderr, "make_data: not a number: %s\n", text);
        exit(2);
    }
    return value;
}

static void make_small(int argc, char **argv)
{
    struct noise noise = noise_new();
    struct tree tree = {.root = argv[2], .files = number_of(argv[3]), .noise = &noise};

    tree.wide = argc > 4 ? number_of(argv[4]) : 0;
    tree.least = argc > 5 ? number_of(argv[5]) : LEAST_USUAL;
    tree.most = argc > 6 ? number_of(argv[6]) : MOST_USUAL;
    if (tree.wide > tree.files || tree.least > tree.most || tree.most > CHUNK) {
        (void)fprintf(stderr, "make_data: such a tree cannot be\n");
        exit(2);
    }
    make_tree(&tree);
    noise_clear(&noise);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (argc == 4 && strcmp(what, "random") == 0) {
        make_random(number_of(argv[2]), argv[3]);
    } else if (argc == 4 && strcmp(what, "text") == 0) {
        make_text(number_of(argv[2]), argv[3]);
    } else if (argc >= 4 && argc <= 7 && strcmp(what, "tree") == 0) {
        make_small(argc, argv);
    } else if (argc == 5 && strcmp(what, "sparse") == 0) {
        make_tree(&(struct tree){
            .root = argv[2], .files = number_of(argv[3]), .apparent = number_of(argv[4])});
    } else {
        (void)fprintf(stderr,
            "usage: make_data random|text BYTES FILE | tree FOLDER FILES [WIDE [LEAST MOST]] | "
            "sparse FOLDER FILES BYTES\n");
        return 2;
    }
    return 0;
}
