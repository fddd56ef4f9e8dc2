/* A search tree of glibc's (balanced), over keys (folder, name). */
#include "flow/restore/places.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_LEN = 48 }; /* what the tree itself takes for an entry, about */

struct place {
    uint64_t folder;
    enum place_kind kind;
    size_t name_len, path_len;
    const uint8_t *name; /* in `bytes`, or the asker's */
    uint8_t bytes[];     /* name, path */
};

static int compare(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;

    if (x->folder != y->folder) {
        return x->folder < y->folder ? -1 : 1;
    }
    return bytes_compare(bytes_at(x->name, x->name_len), bytes_at(y->name, y->name_len));
}

static size_t cost(const struct place *p)
{
    return NODE_LEN + sizeof(*p) + p->name_len + p->path_len;
}

static struct place *find(const struct places *places, uint64_t folder, struct bytes name)
{
    struct place key = {.folder = folder, .name = name.ptr, .name_len = name.len};
    void *node = tfind(&key, &places->tree, compare);

    return node != NULL ? *(struct place **)node : NULL;
}

static void forget(struct places *places, struct place *p)
{
    (void)tdelete(p, &places->tree, compare);
    places->bytes -= cost(p);
    free(p);
}

static struct place *place_new(uint64_t folder, struct bytes name, struct bytes path)
{
    struct place *p = malloc(sizeof(*p) + name.len + path.len);

    if (p == NULL) {
        return NULL;
    }
    p->folder = folder;
    p->name_len = name.len;
    p->path_len = path.len;
    p->name = p->bytes;
    if (name.len > 0) {
        memcpy(p->bytes, name.ptr, name.len);
    }
    if (path.len > 0) {
        memcpy(p->bytes + name.len, path.ptr, path.len);
    }
    return p;
}

void places_put(struct places *places, uint64_t folder, struct bytes name, struct bytes path,
    enum place_kind kind)
{
    struct place *old = find(places, folder, name);
    struct place *p = place_new(folder, name, path);

    if (old != NULL) {
        forget(places, old);
    }
    if (p == NULL) {
        return;
    }
    p->kind = kind;
    if (places->bytes + cost(p) > PLACES_BYTES_MAX || tsearch(p, &places->tree, compare) == NULL) {
        free(p);
        return;
    }
    places->bytes += cost(p);
}

bool places_get(const struct places *places, uint64_t folder, struct bytes name, struct bytes *path,
    enum place_kind *kind)
{
    const struct place *p = find(places, folder, name);

    if (p == NULL) {
        return false;
    }
    *path = bytes_at(p->bytes + p->name_len, p->path_len);
    *kind = p->kind;
    return true;
}

void places_clear(struct places *places)
{
    tdestroy(places->tree, free);
    *places = (struct places){0};
}
