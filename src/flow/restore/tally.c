/* A bit for each data segment of the volumes seen last. */
#include "flow/restore/tally.h"

#include <stdlib.h>
#include <string.h>

enum { TALLY_VOLUMES = 8192 }; /* remembered, each in the place its number gives */

struct tally_volume {
    uint32_t number; /* 0: none */
    uint8_t seen[VOLUME_DATA_MAX / 8];
};

struct tally {
    struct file_extents extents;
    uint64_t bytes, articles;
    struct tally_volume volumes[TALLY_VOLUMES];
};

enum err tally_new(struct restore_ctx *ctx, struct share_reader *reader, struct tally **out)
{
    struct tally *t = calloc(1, sizeof(*t));

    if (t == NULL) {
        return ERR_NO_MEMORY;
    }
    t->extents.ctx = ctx;
    t->extents.reader = reader;
    *out = t;
    return OK;
}

void tally_free(struct tally *t)
{
    if (t != NULL) {
        file_extents_clear(&t->extents);
        free(t);
    }
}

enum err tally_start(struct tally *t, const struct record *record)
{
    return file_extents_start(&t->extents, record);
}

static void count_segment(struct tally *t, uint32_t number, uint32_t index)
{
    struct tally_volume *v = &t->volumes[number % TALLY_VOLUMES];
    uint8_t bit = (uint8_t)(1 << (index % 8));

    if (v->number != number) {
        memset(v, 0, sizeof(*v));
        v->number = number;
    }
    if (index < VOLUME_DATA_MAX && (v->seen[index / 8] & bit) == 0) {
        v->seen[index / 8] |= bit;
        t->articles++;
    }
}

static void count_extent(struct tally *t, const struct extent *e)
{
    if (e->kind == EXTENT_HOLE) {
        return;
    }
    t->bytes += e->plain_len;
    if (e->volume == 0) {
        return;
    }
    for (uint32_t i = 0; i < e->blocks; i++) {
        count_segment(t, e->volume, e->index + i);
    }
    if (e->kind == EXTENT_PACKED) {
        count_segment(t, e->volume, e->index);
        if (extent_is_cut(e)) {
            count_segment(t, e->volume, e->next_index);
        }
    }
}

enum answer tally_step(struct tally *t, enum err *err)
{
    struct extent e = {.plain_len = 1};
    enum answer answer = ANSWER_READY;

    while (answer == ANSWER_READY && e.plain_len > 0) {
        answer = file_extents_next(&t->extents, &e, err);
        if (answer == ANSWER_READY && e.plain_len > 0) {
            count_extent(t, &e);
        }
    }
    return answer;
}

uint64_t tally_bytes(const struct tally *t)
{
    return t->bytes;
}

uint64_t tally_articles(const struct tally *t)
{
    return t->articles;
}
