/* Walks the columns strip by strip: stages a block of inputs, then lets the kernel reckon each row.
 * The last strip, if short, goes through a padded copy. */
#include "codec/par2/par2_matrix.h"

#include <string.h>

struct walk {
    const struct par2_matrix *m;
    const struct par2_columns *columns;
    uint8_t *staged;
    uint8_t *pad; /* one strip */
    size_t pos;
    size_t len; /* of this strip */
};

/* 16 bytes at a time, wherever they lie. */
typedef uint64_t pair __attribute__((vector_size(16), aligned(1), may_alias));

void par2_xor(uint8_t *out, const uint8_t *in, size_t len)
{
    size_t i = 0;

    for (; i + sizeof(pair) <= len; i += sizeof(pair)) {
        *(pair *)(out + i) ^= *(const pair *)(in + i);
    }
    for (; i < len; i++) {
        out[i] ^= in[i];
    }
}

static size_t block_cols(size_t cols)
{
    return cols < PAR2_MATRIX_BLOCK ? cols : PAR2_MATRIX_BLOCK;
}

size_t par2_matrix_work(const struct par2_rows *ops, size_t cols)
{
    return PAR2_ALIGN + ops->strip + block_cols(cols) * ops->staged_len;
}

static void stage_block(const struct walk *w, size_t first, size_t count)
{
    const struct par2_rows *ops = w->m->ops;

    for (size_t c = 0; c < count; c++) {
        const uint8_t *in = w->columns->in[first + c] + w->pos;

        if (w->len < ops->strip) {
            memset(w->pad, 0, ops->strip);
            memcpy(w->pad, in, w->len);
            in = w->pad;
        }
        ops->stage(in, w->staged + c * ops->staged_len);
    }
}

static void reckon_block(const struct walk *w, size_t first, size_t count)
{
    const struct par2_matrix *m = w->m;

    for (size_t r = 0; r < m->rows; r++) {
        const uint16_t *factors = m->factors + r * m->stride + first;
        uint8_t *out = w->columns->out[r] + w->pos;

        if (w->len == m->ops->strip) {
            m->ops->row(m->tables, factors, w->staged, count, out);
            continue;
        }
        memset(w->pad, 0, m->ops->strip);
        m->ops->row(m->tables, factors, w->staged, count, w->pad);
        par2_xor(out, w->pad, w->len);
    }
}

void par2_matrix_add(const struct par2_matrix *matrix, const struct par2_columns *columns)
{
    size_t strip = matrix->ops->strip;
    struct walk w = {.m = matrix, .columns = columns};

    w.pad = par2_aligned(columns->work);
    w.staged = w.pad + strip;
    for (w.pos = columns->from; w.pos < columns->to; w.pos += strip) {
        w.len = columns->to - w.pos < strip ? columns->to - w.pos : strip;
        for (size_t first = 0; first < matrix->cols; first += PAR2_MATRIX_BLOCK) {
            size_t count = block_cols(matrix->cols - first);

            stage_block(&w, first, count);
            reckon_block(&w, first, count);
        }
    }
}
