/* A plain list: a share of a test has some hundred articles. */
#include "shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum err shelf_init(struct shelf *shelf)
{
    const char *folder = getenv("TMPDIR");
    char path[400];

    *shelf = (struct shelf){.fd = -1};
    (void)snprintf(path, sizeof(path), "%.300s/hostile.XXXXXX", folder != NULL ? folder : "/tmp");
    shelf->fd = mkstemp(path);
    if (shelf->fd < 0 || unlink(path) != 0) {
        return ERR_DISK_IO;
    }
    return OK;
}

enum err shelf_keep(struct shelf *shelf, struct article *article, struct bytes body)
{
    article->offset = shelf->end;
    article->len = body.len;
    while (body.len > 0) {
        ssize_t n = pwrite(shelf->fd, body.ptr, body.len, (off_t)shelf->end);

        if (n <= 0) {
            return ERR_DISK_IO;
        }
        shelf->end += (uint64_t)n;
        bytes_skip(&body, (size_t)n);
    }
    return OK;
}

enum err shelf_read(const struct shelf *shelf, const struct article *article, struct buf *out)
{
    size_t before = out->len;
    size_t done = 0;
    enum err err = buf_resize(out, before + article->len);

    while (err == OK && done < article->len) {
        ssize_t n = pread(shelf->fd, out->ptr + before + done, article->len - done,
            (off_t)(article->offset + done));

        err = n > 0 ? OK : ERR_DISK_IO;
        done += n > 0 ? (size_t)n : 0;
    }
    return err;
}

struct article *shelf_find(const struct shelf *shelf, const char *id)
{
    for (size_t i = shelf->count; i > 0; i--) {
        if (strcasecmp(shelf->articles[i - 1]->id.text, id) == 0) {
            return shelf->articles[i - 1];
        }
    }
    return NULL;
}

struct article *shelf_need(struct shelf *shelf, const char *id)
{
    struct article *article = shelf_find(shelf, id);

    if (article != NULL) {
        return article;
    }
    if (shelf->count == shelf->cap) {
        size_t cap = shelf->cap == 0 ? 256 : shelf->cap * 2;
        struct article **grown = realloc(shelf->articles, cap * sizeof(struct article *));

        if (grown == NULL) {
            return NULL;
        }
        shelf->articles = grown;
        shelf->cap = cap;
    }
    article = calloc(1, sizeof(*article));
    if (article != NULL) {
        (void)snprintf(article->id.text, sizeof(article->id.text), "%s", id);
        shelf->articles[shelf->count++] = article;
    }
    return article;
}

/* FNV-1a over words: it only has to tell our own bodies apart. */
static uint64_t hash_of(struct bytes body)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < body.len; i++) {
        hash = (hash ^ body.ptr[i]) * 0x100000001b3;
    }
    return hash;
}

void shelf_came(struct shelf *shelf, struct article *article, struct bytes body)
{
    uint64_t hash[2] = {hash_of(body), body.len};

    shelf->posts++;
    article->posts++;
    if (article->posts == 1) {
        memcpy(article->first_body, hash, sizeof(hash));
        article->bodies = 1;
        return;
    }
    shelf->again++;
    if (article->bodies == 1 && memcmp(article->first_body, hash, sizeof(hash)) != 0) {
        article->bodies = 2;
        shelf->two_bodies++;
    }
}

void shelf_clear(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        free(shelf->articles[i]);
    }
    free(shelf->articles);
    (void)close(shelf->fd);
    *shelf = (struct shelf){.fd = -1};
}
