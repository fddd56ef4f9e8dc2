/* Pieces of columns for threads. */
#include "flow/par2files/columns.h"

#include <stdlib.h>

enum { PIECE_UNIT = 4096, PIECE_MIN = 16384, PIECES_A_THREAD = 6 };

uint8_t **columns_pointers(uint8_t *first, size_t count, size_t width)
{
    uint8_t **out = calloc(count + 1, sizeof *out);

    for (size_t i = 0; out != NULL && i < count; i++) {
        out[i] = first + i * width;
    }
    return out;
}

void columns_run(void *arg)
{
    struct columns_job *job = arg;
    size_t len =
        job->encoder != NULL ? par2_encoder_work(job->encoder) : par2_repair_work(job->repair);
    void *work = malloc(len + 1);

    job->err = work == NULL ? ERR_NO_MEMORY : OK;
    job->columns.work = work;
    if (work != NULL && job->encoder != NULL) {
        par2_encoder_add(job->encoder, &job->columns);
    } else if (work != NULL) {
        par2_repair_solve(job->repair, &job->columns);
    }
    free(work);
}

static size_t piece_of(size_t width, unsigned threads)
{
    size_t pieces = (size_t)threads * PIECES_A_THREAD;
    size_t piece = (width / pieces + PIECE_UNIT - 1) / PIECE_UNIT * PIECE_UNIT;

    return piece < PIECE_MIN ? PIECE_MIN : piece;
}

size_t columns_pieces(size_t width, unsigned threads)
{
    size_t piece = piece_of(width, threads);

    return (width + piece - 1) / piece;
}

enum err columns_cut(const struct columns_job *whole, size_t width, unsigned threads,
    struct columns_job *jobs, struct crew_tasks *tasks)
{
    size_t piece = piece_of(width, threads);
    enum err err = OK;

    for (size_t i = 0; i * piece < width && err == OK; i++) {
        size_t rest = width - i * piece;

        jobs[i] = *whole;
        jobs[i].columns.from = i * piece;
        jobs[i].columns.to = i * piece + (rest < piece ? rest : piece);
        err = crew_add(
            tasks, &(struct crew_task){.run = columns_run,
                       .arg = &jobs[i],
                       .bytes = whole->weight * (jobs[i].columns.to - jobs[i].columns.from)});
    }
    return err;
}

enum err columns_do(struct crew *crew, const struct columns_job *whole, size_t width)
{
    size_t count = columns_pieces(width, crew->threads);
    struct columns_job *jobs = calloc(count + 1, sizeof *jobs);
    struct crew_tasks tasks = {.count = 0};
    enum err err = jobs == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        err = columns_cut(whole, width, crew->threads, jobs, &tasks);
    }
    if (err == OK) {
        crew_run(crew, tasks.list, tasks.count);
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        err = jobs[i].err;
    }
    free(jobs);
    free(tasks.list);
    return err;
}
