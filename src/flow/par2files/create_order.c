/* The order in which input slices are read. Every batch has a share of every file, so that files'
 * hashes go side by side for as long as possible, and a long one is not left over at the end. */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/create.h"

/* A slice, and how far into its file it is: (2 * index + 1) / (2 * slices of the file). */
struct turn {
    uint64_t index;
    uint64_t slices;
    uint32_t number;
};

static int by_turn(const void *a, const void *b)
{
    const struct turn *x = a;
    const struct turn *y = b;
    uint64_t left = (2 * x->index + 1) * y->slices;
    uint64_t right = (2 * y->index + 1) * x->slices;

    if (left != right) {
        return left < right ? -1 : 1;
    }
    return (x->number > y->number) - (x->number < y->number);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;

    return (*x > *y) - (*x < *y);
}

static enum err sort_slices(struct create *c)
{
    struct turn *turns = calloc(c->slices, sizeof *turns);

    c->order = calloc(c->slices, sizeof *c->order);
    if (turns == NULL || c->order == NULL) {
        free(turns);
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < c->sources.count; i++) {
        const struct original *s = &c->sources.list[i];

        for (uint64_t k = 0; k < s->slices; k++) {
            turns[s->first + k] = (struct turn){k, s->slices, (uint32_t)(s->first + k)};
        }
    }
    qsort(turns, c->slices, sizeof *turns, by_turn);
    for (uint64_t i = 0; i < c->slices; i++) {
        c->order[i] = turns[i].number;
    }
    free(turns);
    for (uint64_t first = 0, end = 0; first < c->slices; first = end) {
        end = place_batch_end(&c->plan, c->slices, first);
        qsort(c->order + first, end - first, sizeof *c->order, by_number);
    }
    return OK;
}

static struct original *owner_of(const struct originals *sources, uint64_t number)
{
    size_t low = 0;
    size_t high = sources->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (sources->list[middle].first <= number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &sources->list[low];
}

enum err create_order(struct create *c)
{
    enum err err = sort_slices(c);

    c->at = calloc(c->slices, sizeof *c->at);
    c->owner = calloc(c->slices, sizeof(struct original *));
    if (err != OK || c->at == NULL || c->owner == NULL) {
        return ERR_NO_MEMORY;
    }
    for (uint64_t i = 0; i < c->slices; i++) {
        struct original *s = owner_of(&c->sources, c->order[i]);

        c->owner[i] = s;
        c->at[i] = slices_of(s->file, s->stat.size, c->slice_len, c->order[i] - s->first);
    }
    return OK;
}

uint8_t **create_inputs(const struct create *c, uint8_t *data, size_t width)
{
    uint8_t **in = calloc(c->slices + 1, sizeof *in);

    for (uint64_t i = 0; i < c->slices && in != NULL; i++) {
        in[c->order[i]] = data + i * width;
    }
    return in;
}

enum err create_checks(const struct create *c, uint8_t **checks)
{
    *checks = calloc(c->slices, PAR2_CHECK_LEN);
    if (*checks == NULL) {
        return ERR_NO_MEMORY;
    }
    for (uint64_t i = 0; i < c->slices; i++) {
        memcpy(*checks + (size_t)c->order[i] * PAR2_CHECK_LEN, c->checks + i * PAR2_CHECK_LEN,
            PAR2_CHECK_LEN);
    }
    return OK;
}
