/* How fast PAR2's arithmetic is on one core, with the set in memory: GB/s of input by the thread's
 * CPU clock, best of some rounds, for every kernel.
 *
 *   bench_par2 [SHAPE-OR-PART]    e.g. bench_par2 1024, bench_par2 md5; without: all but the
 * slowest
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "codec/par2/par2_encoder.h"
#include "codec/par2/par2_kernel.h"
#include "codec/par2/par2_md5.h"

enum { ROUNDS = 9, SLOW_ROUNDS = 3, SLOW_PAIRS = 4 << 20 };

static const struct shape {
    const char *name;
    size_t inputs;
    size_t exponents;
    size_t slice; /* bytes of which `range` are worked on */
    size_t range;
    size_t batch; /* inputs an encoder; 0: all */
} shapes[] = {
    {"1024x103", 1024, 103, 786432, 262144, 0},
    {"1024x103 streamed", 1024, 103, 786432, 262144, PAR2_BATCH},
    {"1366x68", 1366, 68, 786432, 196608, 0},
    {"1366x137", 1366, 137, 786432, 196608, 0},
    {"4096x410", 4096, 410, 262144, 65536, 0},
    {"16384x1638", 16384, 1638, 65536, 16384, 0},
    {"32768x3277", 32768, 3277, 32784, 16384, 0},
};

/* Slices in one piece of memory, so that their columns collide in the caches as they do in use. */
struct set {
    const struct shape *shape;
    uint8_t *memory;
    size_t memory_len;
    const uint8_t **in;
    uint8_t **out;
    uint32_t *numbers;
};

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void need(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench_par2: %s failed\n", what);
        exit(1);
    }
}

static void set_make(struct set *s, const struct shape *shape)
{
    uint64_t state = 88172645463325252;

    s->shape = shape;
    s->memory_len = (shape->inputs + shape->exponents) * shape->slice;
    s->memory =
        mmap(NULL, s->memory_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(s->memory != MAP_FAILED, "mmap");
    (void)madvise(s->memory, s->memory_len, MADV_HUGEPAGE);
    s->in = calloc(shape->inputs, sizeof *s->in);
    s->out = calloc(shape->exponents, sizeof *s->out);
    s->numbers = calloc(shape->inputs, sizeof *s->numbers);
    need(s->in != NULL && s->out != NULL && s->numbers != NULL, "calloc");
    for (size_t i = 0; i < s->memory_len; i += sizeof state) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(s->memory + i, &state, sizeof state);
    }
    for (size_t i = 0; i < shape->inputs; i++) {
        s->in[i] = s->memory + i * shape->slice;
        s->numbers[i] = (uint32_t)i;
    }
    for (size_t j = 0; j < shape->exponents; j++) {
        s->out[j] = s->memory + (shape->inputs + j) * shape->slice;
    }
}

static void set_free(struct set *s)
{
    munmap(s->memory, s->memory_len);
    free(s->in);
    free(s->out);
    free(s->numbers);
}

/* One encoder over some inputs, made and used; returns what it took. Making counts only if it has
 * to be done again and again: for batches. */
static double run_part(const struct set *s, struct par2_shape shape, size_t first, size_t offset)
{
    double start = cpu_seconds();
    struct par2_encoder *e = NULL;
    struct par2_columns columns = {s->in + first, s->out, offset, offset + s->shape->range, NULL};
    double took;

    need(par2_encoder_new(&shape, &e) == OK, "par2_encoder_new");
    columns.work = malloc(par2_encoder_work(e));
    need(columns.work != NULL, "malloc");
    memset(columns.work, 0, par2_encoder_work(e));
    if (s->shape->batch == 0) {
        start = cpu_seconds();
    }
    par2_encoder_add(e, &columns);
    took = cpu_seconds() - start;
    free(columns.work);
    par2_encoder_free(e);
    return took;
}

static double run(
    const struct set *s, const struct par2_kernel *kernel, enum par2_method method, size_t offset)
{
    size_t batch = s->shape->batch > 0 ? s->shape->batch : s->shape->inputs;
    double took = 0;

    for (size_t first = 0; first < s->shape->inputs; first += batch) {
        size_t left = s->shape->inputs - first;
        struct par2_shape shape = {.inputs = s->numbers + first,
            .input_count = left < batch ? left : batch,
            .exponent_count = s->shape->exponents,
            .method = method,
            .kernel = kernel};

        took += run_part(s, shape, first, offset);
    }
    return took;
}

static void measure(const struct set *s, const struct par2_kernel *kernel, enum par2_method method,
    const char *method_name)
{
    bool slow = kernel->planes == NULL ||
                (method == PAR2_FROBENIUS && s->shape->inputs * s->shape->exponents > 1 << 20);
    size_t ranges = s->shape->slice / s->shape->range;
    double bytes = (double)s->shape->inputs * (double)s->shape->range;
    double best = 0;

    for (size_t round = 0; round < (size_t)(slow ? SLOW_ROUNDS : ROUNDS); round++) {
        double rate = bytes / run(s, kernel, method, round % ranges * s->shape->range) * 1e-9;

        best = rate > best ? rate : best;
    }
    printf("%-18s %-6s %-10s %7.3f GB/s\n", s->shape->name, kernel->name, method_name, best);
    fflush(stdout);
}

static void bench_shape(const struct shape *shape, const char *kernels, bool asked)
{
    const struct par2_kernel *kernel;
    struct set s;

    set_make(&s, shape);
    for (size_t k = 0; (kernel = par2_kernel_get(k)) != NULL; k++) {
        if (strstr(kernel->name, kernels) == NULL) {
            continue;
        }
        if (!kernel->usable()) {
            printf("%s: not on this processor\n", kernel->name);
            continue;
        }
        if (kernel->planes != NULL && shape->inputs * shape->exponents < SLOW_PAIRS) {
            measure(&s, kernel, PAR2_FROBENIUS, "frobenius");
        } else if (asked && kernel->planes == NULL) {
            measure(&s, kernel, PAR2_ROWS, "rows");
        }
        if (kernel->butterflies != NULL && shape->batch == 0) {
            measure(&s, kernel, PAR2_FOURIER, "fourier");
        }
    }
    set_free(&s);
}

/* Slices of 768 KiB, as many side by side as the kernel has lanes. */
static void bench_md5(void)
{
    enum { SLICE = 786432, BLOCKS = SLICE / PAR2_MD5_BLOCK };
    static const struct shape shape = {"md5", PAR2_MD5_LANES_MAX, 0, SLICE, SLICE, 0};
    const struct par2_md5_kernel *kernel;
    struct set s;

    set_make(&s, &shape);
    for (size_t k = 0; (kernel = par2_md5_kernel_get(k)) != NULL; k++) {
        static uint32_t states[PAR2_MD5_LANES_MAX][4];
        uint32_t *state[PAR2_MD5_LANES_MAX];
        double best = 0;

        for (size_t i = 0; i < PAR2_MD5_LANES_MAX; i++) {
            state[i] = states[i];
        }
        for (size_t round = 0; round < ROUNDS && kernel->usable(); round++) {
            double start = cpu_seconds();
            double rate;

            for (size_t i = 0; i < PAR2_MD5_LANES_MAX; i += kernel->lanes) {
                kernel->run(state + i, s.in + i, BLOCKS);
            }
            rate = (double)PAR2_MD5_LANES_MAX * SLICE / (cpu_seconds() - start) * 1e-9;
            best = rate > best ? rate : best;
        }
        printf("%-18s %-6s %-10s %7.3f GB/s\n", "md5", kernel->name, "", best);
    }
    set_free(&s);
}

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "";

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (strstr(shapes[i].name, wanted) != NULL) {
            bench_shape(&shapes[i], argc > 2 ? argv[2] : "", argc > 1);
        }
    }
    if (strstr("md5", wanted) != NULL) {
        bench_md5();
    }
    return 0;
}
