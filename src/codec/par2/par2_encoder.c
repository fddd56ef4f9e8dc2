/* Checks the shape, chooses a method, and hands the columns on. */
#include "codec/par2/par2_encoder.h"

#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_field.h"
#include "codec/par2/par2_fourier.h"
#include "codec/par2/par2_frobenius.h"
#include "codec/par2/par2_kernel.h"
#include "codec/par2/par2_matrix.h"

struct par2_encoder {
    const struct par2_kernel *kernel;
    enum par2_method method;
    size_t input_count;
    size_t exponent_count;
    uint32_t *inputs;
    uint32_t *exponents;
    struct par2_field field;
    struct par2_frobenius *frobenius; /* of PAR2_FROBENIUS */
    struct par2_fourier *fourier;     /* of PAR2_FOURIER */
    uint8_t *row_tables;              /* of PAR2_ROWS; not aligned */
};

static enum err check(const struct par2_shape *shape)
{
    if (shape->input_count > PAR2_SET_MAX || shape->exponent_count > PAR2_EXPONENT_MAX + 1) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; shape->inputs != NULL && i < shape->input_count; i++) {
        if (shape->inputs[i] >= PAR2_SET_MAX) {
            return ERR_LIMIT;
        }
    }
    if (shape->exponents == NULL) {
        size_t most = PAR2_EXPONENT_MAX + 1 - shape->exponent_count;

        return shape->first_exponent > most ? ERR_LIMIT : OK;
    }
    for (size_t j = 0; j < shape->exponent_count; j++) {
        if (shape->exponents[j] > PAR2_EXPONENT_MAX) {
            return ERR_LIMIT;
        }
    }
    return OK;
}

/* `from`, or `first` and those behind it; NULL when there is no memory. */
static uint32_t *numbers(const uint32_t *from, size_t count, uint32_t first)
{
    uint32_t *out = calloc(count + 1, sizeof *out);

    for (size_t i = 0; out != NULL && i < count; i++) {
        out[i] = from != NULL ? from[i] : first + (uint32_t)i;
    }
    return out;
}

/* Measured: one product of the transform costs as much as so many of the
 * Frobenius way's inputs times exponents. */
enum { FOURIER_PRICE_TENTHS = 45 };

static bool fourier_is_cheaper(const struct par2_task *task)
{
    uint32_t low = UINT32_MAX;
    uint32_t high = 0;
    uint64_t pairs = (uint64_t)task->input_count * task->exponent_count;

    for (size_t j = 0; j < task->exponent_count; j++) {
        low = task->exponents[j] < low ? task->exponents[j] : low;
        high = task->exponents[j] > high ? task->exponents[j] : high;
    }
    return task->exponent_count > 0 && par2_fourier_fits(task) &&
           10 * pairs >
               FOURIER_PRICE_TENTHS * par2_fourier_cost(task->input_count, (size_t)high - low + 1);
}

static enum err choose(struct par2_encoder *e, enum par2_method asked, const struct par2_task *task)
{
    e->method = asked;
    if (asked == PAR2_AUTO && fourier_is_cheaper(task)) {
        e->method = PAR2_FOURIER;
    } else if (asked == PAR2_AUTO) {
        e->method = e->kernel->planes != NULL ? PAR2_FROBENIUS : PAR2_ROWS;
    }
    if (e->method == PAR2_FROBENIUS && e->kernel->planes == NULL) {
        return ERR_BUG;
    }
    return e->method == PAR2_FOURIER && !par2_fourier_fits(task) ? ERR_BUG : OK;
}

static enum err prepare(struct par2_encoder *e, const struct par2_task *task)
{
    if (e->method == PAR2_FROBENIUS) {
        return par2_frobenius_new(task, &e->frobenius);
    }
    if (e->method == PAR2_FOURIER) {
        return par2_fourier_new(task, &e->fourier);
    }
    e->row_tables = malloc(PAR2_ALIGN + e->kernel->rows->tables_len);
    if (e->row_tables == NULL) {
        return ERR_NO_MEMORY;
    }
    e->kernel->rows->prepare(par2_aligned(e->row_tables));
    return OK;
}

static enum err fill(struct par2_encoder *e, const struct par2_shape *shape)
{
    struct par2_task task = {.field = &e->field};
    enum err err;

    e->kernel = shape->kernel != NULL ? shape->kernel : par2_kernel_best();
    e->input_count = shape->input_count;
    e->exponent_count = shape->exponent_count;
    e->inputs = numbers(shape->inputs, shape->input_count, 0);
    e->exponents = numbers(shape->exponents, shape->exponent_count, shape->first_exponent);
    if (e->inputs == NULL || e->exponents == NULL) {
        return ERR_NO_MEMORY;
    }
    par2_field_init(&e->field);
    task.kernel = e->kernel;
    task.inputs = e->inputs;
    task.exponents = e->exponents;
    task.input_count = e->input_count;
    task.exponent_count = e->exponent_count;
    err = choose(e, shape->method, &task);
    return err == OK ? prepare(e, &task) : err;
}

enum err par2_encoder_new(const struct par2_shape *shape, struct par2_encoder **out)
{
    struct par2_encoder *e;
    enum err err = check(shape);

    if (err != OK) {
        return err;
    }
    e = calloc(1, sizeof *e);
    if (e == NULL) {
        return ERR_NO_MEMORY;
    }
    err = fill(e, shape);
    if (err != OK) {
        par2_encoder_free(e);
        return err;
    }
    *out = e;
    return OK;
}

void par2_encoder_free(struct par2_encoder *encoder)
{
    if (encoder != NULL) {
        par2_frobenius_free(encoder->frobenius);
        par2_fourier_free(encoder->fourier);
        free(encoder->row_tables);
        free(encoder->inputs);
        free(encoder->exponents);
        free(encoder);
    }
}

enum par2_method par2_encoder_method(const struct par2_encoder *encoder)
{
    return encoder->method;
}

/* The factors of a block of inputs, all rows. */
static size_t factors_len(const struct par2_encoder *e)
{
    return par2_round_up(e->exponent_count * PAR2_MATRIX_BLOCK * sizeof(uint16_t), PAR2_ALIGN);
}

size_t par2_encoder_work(const struct par2_encoder *encoder)
{
    if (encoder->method == PAR2_FROBENIUS) {
        return par2_frobenius_work(encoder->frobenius);
    }
    if (encoder->method == PAR2_FOURIER) {
        return par2_fourier_work(encoder->fourier);
    }
    return PAR2_ALIGN + factors_len(encoder) +
           par2_matrix_work(encoder->kernel->rows, PAR2_MATRIX_BLOCK);
}

/* Block by block, so that the factors of a large set are never all there at once. */
static void add_rows(const struct par2_encoder *e, const struct par2_columns *columns)
{
    uint16_t *factors = (uint16_t *)(void *)par2_aligned(columns->work);
    struct par2_columns part = *columns;
    struct par2_matrix m = {e->kernel->rows, par2_aligned(e->row_tables), factors,
        e->exponent_count, 0, PAR2_MATRIX_BLOCK};

    part.work = (uint8_t *)factors + factors_len(e);
    for (size_t first = 0; first < e->input_count; first += PAR2_MATRIX_BLOCK) {
        m.cols = e->input_count - first;
        m.cols = m.cols < PAR2_MATRIX_BLOCK ? m.cols : PAR2_MATRIX_BLOCK;
        for (size_t j = 0; j < m.rows; j++) {
            for (size_t c = 0; c < m.cols; c++) {
                factors[j * m.stride + c] =
                    par2_input_power(&e->field, e->inputs[first + c], e->exponents[j]);
            }
        }
        part.in = columns->in + first;
        par2_matrix_add(&m, &part);
    }
}

void par2_encoder_set(const struct par2_encoder *encoder, const struct par2_columns *columns)
{
    if (encoder->method == PAR2_FROBENIUS && encoder->input_count > 0) {
        par2_frobenius_run(encoder->frobenius, columns, PAR2_SET);
        return;
    }
    for (size_t j = 0; j < encoder->exponent_count; j++) {
        memset(columns->out[j] + columns->from, 0, columns->to - columns->from);
    }
    par2_encoder_add(encoder, columns);
}

void par2_encoder_add(const struct par2_encoder *encoder, const struct par2_columns *columns)
{
    if (encoder->method == PAR2_FROBENIUS) {
        par2_frobenius_run(encoder->frobenius, columns, PAR2_ADD);
    } else if (encoder->method == PAR2_FOURIER) {
        par2_fourier_add(encoder->fourier, columns);
    } else {
        add_rows(encoder, columns);
    }
}
