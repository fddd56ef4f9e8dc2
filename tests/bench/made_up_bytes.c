/* A library for LD_PRELOAD: below the folder that MADE_UP_BELOW names, files without a block on the
 * disk (made by truncate) are full of bytes that look random. They follow from inode and offset, so
 * all who have this library see the same ones, on every reading; no two 128 KiB of them are alike
 * and zstd finds nothing in them. It makes some GB/s. Reading by read() and pread(); mappings show
 * the holes. */
#undef _FILE_OFFSET_BITS /* or pread() would be pread64() here */
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The C library's own names for parameters say less.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* What programs call whose C library checks sizes. */
ssize_t __read_chk(int fd, void *out, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *out, size_t len, off_t offset, size_t room);
ssize_t __pread64_chk(int fd, void *out, size_t len, off64_t offset, size_t room);

enum { WORDS = 1 << 14 }; /* 128 KiB: they stay in a core's second cache */

static char below[PATH_MAX]; /* ends with a slash; empty: nothing is made up */
static uint64_t noise[WORDS];

static struct {
    ssize_t (*read)(int, void *, size_t);
    ssize_t (*pread)(int, void *, size_t, off64_t);
    off64_t (*lseek)(int, off64_t, int);
} real;

/* What splitmix64 does to its counter. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static void *find(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL) {
        abort();
    }
    return found;
}

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("MADE_UP_BELOW");

    *(void **)&real.read = find("read");
    *(void **)&real.pread = find("pread64");
    *(void **)&real.lseek = find("lseek64");
    for (uint64_t i = 0; i < WORDS; i++) {
        noise[i] = mix(i);
    }
    if (folder != NULL && realpath(folder, below) != NULL && strlen(below) + 1 < sizeof(below)) {
        strcat(below, "/");
    } else {
        below[0] = '\0';
    }
}

/* Is this one of the files? Others are known by one cheap call: they have blocks. */
static int is_made_up(int fd, struct stat *st)
{
    char link[64], path[PATH_MAX];
    int before = errno;
    ssize_t len;

    if (below[0] == '\0' || fstat(fd, st) != 0 || !S_ISREG(st->st_mode) || st->st_blocks != 0 ||
        st->st_size == 0) {
        errno = before;
        return 0;
    }
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof(path) - 1);
    errno = before;
    return len > 0 && (size_t)len > strlen(below) && memcmp(path, below, strlen(below)) == 0;
}

/* Words from..from + count of a file, all of one 128 KiB. */
static void put_words(uint8_t *out, uint64_t key, size_t from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word = noise[from + i] ^ key;

        memcpy(out + i * sizeof(word), &word, sizeof(word));
    }
}

/* Part of a word: the ends of a range. Returns how many bytes. */
static size_t put_part(uint8_t *out, size_t len, uint64_t key, size_t at)
{
    uint64_t word = noise[at / sizeof(word)] ^ key;
    size_t skip = at % sizeof(word);
    size_t count = sizeof(word) - skip < len ? sizeof(word) - skip : len;

    memcpy(out, (uint8_t *)&word + skip, count);
    return count;
}

static ssize_t make_up(const struct stat *st, uint8_t *out, size_t len, uint64_t offset)
{
    uint64_t size = (uint64_t)st->st_size;
    size_t done = 0;

    if (offset >= size) {
        return 0;
    }
    len = len < size - offset ? len : (size_t)(size - offset);
    while (done < len) {
        uint64_t place = offset + done;
        uint64_t key = mix(mix(st->st_ino) ^ place / sizeof(noise));
        size_t at = (size_t)(place % sizeof(noise));
        size_t left = sizeof(noise) - at < len - done ? sizeof(noise) - at : len - done;

        if (at % sizeof(*noise) == 0 && left >= sizeof(*noise)) {
            put_words(out + done, key, at / sizeof(*noise), left / sizeof(*noise));
            done += left / sizeof(*noise) * sizeof(*noise);
        } else {
            done += put_part(out + done, left, key, at);
        }
    }
    return (ssize_t)len;
}

ssize_t read(int fd, void *out, size_t len)
{
    struct stat st;
    off64_t at;
    ssize_t n;

    if (!is_made_up(fd, &st)) {
        return real.read(fd, out, len);
    }
    at = real.lseek(fd, 0, SEEK_CUR);
    n = make_up(&st, out, len, (uint64_t)at);
    (void)real.lseek(fd, n, SEEK_CUR);
    return n;
}

ssize_t pread64(int fd, void *out, size_t len, off64_t offset)
{
    struct stat st;

    if (!is_made_up(fd, &st)) {
        return real.pread(fd, out, len, offset);
    }
    return make_up(&st, out, len, (uint64_t)offset);
}

ssize_t pread(int fd, void *out, size_t len, off_t offset)
{
    return pread64(fd, out, len, offset);
}

ssize_t __read_chk(int fd, void *out, size_t len, size_t room)
{
    (void)room;
    return read(fd, out, len);
}

ssize_t __pread_chk(int fd, void *out, size_t len, off_t offset, size_t room)
{
    (void)room;
    return pread64(fd, out, len, offset);
}

ssize_t __pread64_chk(int fd, void *out, size_t len, off64_t offset, size_t room)
{
    (void)room;
    return pread64(fd, out, len, offset);
}

/* All is data; the only hole is the end. */
off64_t lseek64(int fd, off64_t offset, int whence)
{
    struct stat st;

    if ((whence != SEEK_DATA && whence != SEEK_HOLE) || !is_made_up(fd, &st)) {
        return real.lseek(fd, offset, whence);
    }
    if (offset < 0 || offset >= st.st_size) {
        errno = ENXIO;
        return -1;
    }
    return real.lseek(fd, whence == SEEK_DATA ? offset : st.st_size, SEEK_SET);
}

off_t lseek(int fd, off_t offset, int whence)
{
    return lseek64(fd, offset, whence);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
