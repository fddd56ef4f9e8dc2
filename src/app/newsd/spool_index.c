/* Rows, a hash table over them, and an array of rows for each group. */
#include "app/newsd/spool_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

enum { ROWS_MIN = 1024, NUMBERS_MIN = 256, NUMBER_GAP_MAX = 1 << 20 };

void spool_index_clear(struct spool_index *index)
{
    for (int i = 0; i < index->group_count; i++) {
        free(index->groups[i].name);
        free(index->groups[i].rows);
    }
    free(index->groups);
    free(index->slots);
    free(index->rows);
    *index = (struct spool_index){0};
}

/* The slot of `hash`, or the free one where it belongs. */
static uint32_t *slot_of(const struct spool_index *index, const uint8_t hash[SIPHASH_LEN])
{
    uint32_t at = get_le32(hash) & index->slot_mask;

    while (index->slots[at] != 0 &&
           memcmp(index->rows[index->slots[at] - 1].hash, hash, SIPHASH_LEN) != 0) {
        at = (at + 1) & index->slot_mask;
    }
    return &index->slots[at];
}

int64_t spool_index_find(const struct spool_index *index, const uint8_t hash[SIPHASH_LEN])
{
    return index->slots == NULL ? SPOOL_NONE : (int64_t)*slot_of(index, hash) - 1;
}

/* Twice the rows, four times the slots as rows: at most half of them are used. */
static enum err grow(struct spool_index *index)
{
    uint32_t cap = index->cap == 0 ? ROWS_MIN : index->cap * 2;
    struct spool_row *rows;
    uint32_t *slots;

    if (index->cap > UINT32_MAX / 8) {
        return ERR_LIMIT;
    }
    rows = realloc(index->rows, cap * sizeof(*rows));
    if (rows == NULL) {
        return ERR_NO_MEMORY;
    }
    index->rows = rows;
    slots = calloc((size_t)cap * 2, sizeof(*slots));
    if (slots == NULL) {
        return ERR_NO_MEMORY;
    }
    free(index->slots);
    index->slots = slots;
    index->slot_mask = cap * 2 - 1;
    index->cap = cap;
    for (uint32_t i = 0; i < index->count; i++) {
        *slot_of(index, rows[i].hash) = i + 1;
    }
    return OK;
}

enum err spool_index_reserve_row(struct spool_index *index)
{
    return index->count == index->cap ? grow(index) : OK;
}

enum err spool_index_add(struct spool_index *index, const struct spool_row *row)
{
    enum err err = spool_index_reserve_row(index);

    if (err != OK) {
        return err;
    }
    index->rows[index->count++] = *row;
    *slot_of(index, row->hash) = index->count;
    return OK;
}

int spool_index_group(const struct spool_index *index, struct bytes name)
{
    for (int i = 0; i < index->group_count; i++) {
        if (bytes_equal(bytes_str(index->groups[i].name), name)) {
            return i;
        }
    }
    return SPOOL_NONE;
}

enum err spool_index_add_group(struct spool_index *index, struct bytes name)
{
    struct spool_group *groups;
    char *copy;

    if (index->group_count == SPOOL_GROUPS_MAX) {
        return ERR_LIMIT;
    }
    groups = realloc(index->groups, ((size_t)index->group_count + 1) * sizeof(*groups));
    if (groups == NULL) {
        return ERR_NO_MEMORY;
    }
    index->groups = groups;
    copy = strndup((const char *)name.ptr, name.len);
    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    groups[index->group_count++] = (struct spool_group){.name = copy};
    return OK;
}

enum err spool_index_reserve(struct spool_index *index, int group, uint32_t number)
{
    struct spool_group *g = &index->groups[group];
    uint32_t cap = g->cap < NUMBERS_MIN ? NUMBERS_MIN : g->cap;
    uint32_t *rows;

    if (number == 0 || number > g->high + NUMBER_GAP_MAX || number > UINT32_MAX / 8) {
        return ERR_LIMIT;
    }
    if (number <= g->cap) {
        return OK;
    }
    while (cap < number) {
        cap *= 2;
    }
    rows = realloc(g->rows, cap * sizeof(*rows));
    if (rows == NULL) {
        return ERR_NO_MEMORY;
    }
    memset(rows + g->cap, 0, (cap - g->cap) * sizeof(*rows));
    g->rows = rows;
    g->cap = cap;
    return OK;
}

void spool_index_file(struct spool_index *index, int group, uint32_t number, uint32_t row)
{
    struct spool_group *g = &index->groups[group];

    g->rows[number - 1] = row + 1;
    if (number > g->high) {
        g->high = number;
    }
}
