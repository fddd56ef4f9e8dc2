/* Locked pages, cut into grains. A chunk has a page nobody may touch before and behind it; what is
 * known of its grains lies elsewhere. */
#include "base/secret.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/list.h"
#include "base/log.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

enum { GRAIN = 64, CHUNK_LEN = 32768, GRAINS = CHUNK_LEN / GRAIN };

struct chunk {
    struct list node;
    uint8_t *at;
    size_t len;
    enum { CHUNK_SHARED, CHUNK_ALONE } kind; /* ALONE: of one piece that is larger than CHUNK_LEN */
    size_t pieces;
    size_t room;            /* grains that are free */
    uint16_t taken[GRAINS]; /* at the first grain of a piece: how many it has; 0 elsewhere */
};

static struct {
    pthread_mutex_t lock; /* guards the list and the chunks */
    struct list chunks;
} secrets = {PTHREAD_MUTEX_INITIALIZER, {&secrets.chunks, &secrets.chunks}};

static size_t page_len(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void protect(const struct chunk *c)
{
    static atomic_flag told = ATOMIC_FLAG_INIT;

    if (mlock(c->at, c->len) != 0 && !atomic_flag_test_and_set(&told)) {
        log_warn("base", "memory for keys cannot be locked (RLIMIT_MEMLOCK): where there is swap, "
                         "keys may get there");
    }
    (void)madvise(c->at, c->len, MADV_DONTDUMP);
#ifdef __SANITIZE_ADDRESS__
    __lsan_register_root_region(c->at, c->len);
#endif
    ASAN_POISON_MEMORY_REGION(c->at, c->len);
}

static struct chunk *chunk_new(size_t len)
{
    size_t page = page_len();
    struct chunk *c = calloc(1, sizeof(*c));
    uint8_t *map;

    if (c == NULL) {
        return NULL;
    }
    c->kind = len > CHUNK_LEN ? CHUNK_ALONE : CHUNK_SHARED;
    c->room = c->kind == CHUNK_SHARED ? GRAINS : 0;
    c->len = (len + page - 1) / page * page;
    map = mmap(NULL, c->len + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        free(c);
        return NULL;
    }
    c->at = map + page;
    if (mprotect(c->at, c->len, PROT_READ | PROT_WRITE) != 0) {
        (void)munmap(map, c->len + 2 * page);
        free(c);
        return NULL;
    }
    protect(c);
    list_push(&secrets.chunks, &c->node);
    return c;
}

static void chunk_free(struct chunk *c)
{
    size_t page = page_len();

#ifdef __SANITIZE_ADDRESS__
    __lsan_unregister_root_region(c->at, c->len);
#endif
    ASAN_UNPOISON_MEMORY_REGION(c->at, c->len);
    list_remove(&c->node);
    (void)munmap(c->at - page, c->len + 2 * page);
    free(c);
}

/* The first run of `want` free grains; GRAINS: there is none. */
static size_t find(const struct chunk *c, size_t want)
{
    size_t run = 0;

    for (size_t i = 0; i < GRAINS && c->room >= want;) {
        if (c->taken[i] != 0) {
            i += c->taken[i];
            run = 0;
            continue;
        }
        i++;
        run++;
        if (run == want) {
            return i - want;
        }
    }
    return GRAINS;
}

static void *take_from(struct chunk *c, size_t grain, size_t len)
{
    uint8_t *piece = c->at + grain * GRAIN;

    c->pieces++;
    if (c->kind == CHUNK_SHARED) {
        c->taken[grain] = (uint16_t)((len + GRAIN - 1) / GRAIN);
        c->room -= c->taken[grain];
    }
    ASAN_UNPOISON_MEMORY_REGION(piece, len);
    return piece; /* zeros: fresh from the system, or wiped when it was given back */
}

static void *take(size_t len)
{
    struct chunk *c;

    if (len > CHUNK_LEN) {
        c = chunk_new(len);
        return c == NULL ? NULL : take_from(c, 0, len);
    }
    LIST_EACH(node, after, &secrets.chunks)
    {
        size_t grain;

        c = LIST_ITEM(node, struct chunk, node);
        grain = find(c, (len + GRAIN - 1) / GRAIN);
        if (grain != GRAINS) {
            return take_from(c, grain, len);
        }
    }
    c = chunk_new(CHUNK_LEN);
    return c == NULL ? NULL : take_from(c, 0, len);
}

void *secret_new(size_t len)
{
    void *piece;

    if (len == 0) {
        return NULL;
    }
    pthread_mutex_lock(&secrets.lock);
    piece = take(len);
    pthread_mutex_unlock(&secrets.lock);
    return piece;
}

static struct chunk *chunk_of(const uint8_t *piece)
{
    LIST_EACH(node, after, &secrets.chunks)
    {
        struct chunk *c = LIST_ITEM(node, struct chunk, node);

        if (piece >= c->at && piece < c->at + c->len) {
            return c;
        }
    }
    abort(); /* it is none of ours */
}

static void give_back(uint8_t *piece)
{
    struct chunk *c = chunk_of(piece);
    size_t grain = (size_t)(piece - c->at) / GRAIN;
    size_t len = c->kind == CHUNK_SHARED ? (size_t)c->taken[grain] * GRAIN : c->len;

    ASAN_UNPOISON_MEMORY_REGION(piece, len);
    bytes_wipe(piece, len);
    ASAN_POISON_MEMORY_REGION(piece, len);
    c->pieces--;
    c->room += c->taken[grain];
    c->taken[grain] = 0;
    if (c->pieces == 0 && (c->kind == CHUNK_ALONE || secrets.chunks.next != secrets.chunks.prev)) {
        chunk_free(c); /* the last one stays */
    }
}

void secret_free(void *secret)
{
    if (secret != NULL) {
        pthread_mutex_lock(&secrets.lock);
        give_back(secret);
        pthread_mutex_unlock(&secrets.lock);
    }
}

char *secret_text(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = secret_new(len);

    if (copy != NULL) {
        memcpy(copy, text, len);
    }
    return copy;
}
