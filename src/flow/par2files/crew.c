/* io/loop's workers, seen from a caller that has nothing else to do but wait. */
#include "flow/par2files/crew.h"

#include <stdlib.h>

enum err crew_init(struct crew *crew, unsigned threads, const struct progress_sink *sink)
{
    enum err err;

    *crew = (struct crew){.threads = threads, .sink = sink};
    err = loop_new(&crew->loop);
    if (err == OK) {
        err = workers_new(crew->loop, threads, &crew->workers);
    }
    if (err != OK) {
        crew_clear(crew);
    }
    return err;
}

void crew_clear(struct crew *crew)
{
    if (crew->workers != NULL) {
        workers_free(crew->workers);
    }
    if (crew->loop != NULL) {
        loop_free(crew->loop);
    }
    crew->workers = NULL;
    crew->loop = NULL;
}

void crew_phase(struct crew *crew, enum progress_phase phase, uint64_t bytes)
{
    crew->progress.bytes_done = 0;
    crew->progress.bytes_total = bytes;
    crew->progress.totals_known = true;
    progress_enter(&crew->progress, crew->sink, phase);
}

static void on_run(void *arg)
{
    struct crew_task *task = arg;

    task->run(task->arg);
}

static void on_done(void *arg)
{
    struct crew_task *task = arg;
    struct crew *crew = task->crew;

    crew->progress.bytes_done += task->bytes;
    progress_changed(&crew->progress, crew->sink);
    crew->running--;
    if (crew->running == 0) {
        loop_stop(crew->loop);
    }
}

void crew_run(struct crew *crew, struct crew_task *tasks, size_t count)
{
    if (count == 0) {
        return;
    }
    crew->running = count;
    for (size_t i = 0; i < count; i++) {
        tasks[i].crew = crew;
        tasks[i].job = (struct work_job){.run = on_run, .done = on_done, .arg = &tasks[i]};
    }
    for (size_t i = 0; i < count; i++) {
        workers_submit(crew->workers, &tasks[i].job);
    }
    loop_run(crew->loop);
}

enum err crew_add(struct crew_tasks *tasks, loop_fn run, void *arg, uint64_t bytes)
{
    if (tasks->count == tasks->room) {
        size_t room = tasks->room * 2 + 64;
        struct crew_task *list = realloc(tasks->list, room * sizeof *list);

        if (list == NULL) {
            return ERR_NO_MEMORY;
        }
        tasks->list = list;
        tasks->room = room;
    }
    tasks->list[tasks->count++] = (struct crew_task){.run = run, .arg = arg, .bytes = bytes};
    return OK;
}
