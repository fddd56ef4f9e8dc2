/* io/loop's workers, seen from a caller that has nothing else to do but wait. */
#include "flow/par2files/crew.h"

#include <limits.h>
#include <stdlib.h>

#include "flow/par2files/place.h"

enum err crew_init(struct crew *crew, const struct par2files_place *place)
{
    enum err err;

    *crew = (struct crew){.threads = place_threads(place), .sink = place->sink};
    crew->readers = place->readers > 0 ? place->readers : UINT_MAX;
    err = loop_new(&crew->loop);
    if (err == OK) {
        err = workers_new(crew->loop, crew->threads, &crew->workers);
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

static void submit(struct crew *crew, struct crew_task *task)
{
    crew->reading += task->kind == CREW_READ;
    workers_submit(crew->workers, &task->job);
}

/* Readers go as far as there may be more of them. */
static void submit_readers(struct crew *crew)
{
    for (; crew->held < crew->count && crew->reading < crew->readers; crew->held++) {
        if (crew->tasks[crew->held].kind == CREW_READ) {
            submit(crew, &crew->tasks[crew->held]);
        }
    }
}

static void on_done(void *arg)
{
    struct crew_task *task = arg;
    struct crew *crew = task->crew;

    crew->progress.bytes_done += task->bytes;
    progress_changed(&crew->progress, crew->sink);
    crew->running--;
    crew->reading -= task->kind == CREW_READ;
    submit_readers(crew);
    if (crew->running == 0) {
        loop_stop(crew->loop);
    }
}

/* With any number of readers all tasks go in their order; else readers that must wait go last. */
void crew_run(struct crew *crew, struct crew_task *tasks, size_t count)
{
    if (count == 0) {
        return;
    }
    crew->tasks = tasks;
    crew->count = count;
    crew->running = count;
    crew->held = 0;
    for (size_t i = 0; i < count; i++) {
        tasks[i].crew = crew;
        tasks[i].job = (struct work_job){.run = on_run, .done = on_done, .arg = &tasks[i]};
    }
    for (size_t i = 0; i < count; i++) {
        if (tasks[i].kind == CREW_WORK) {
            submit(crew, &tasks[i]);
        } else if (crew->reading < crew->readers) {
            submit(crew, &tasks[i]);
            crew->held = i + 1;
        }
    }
    loop_run(crew->loop);
}

enum err crew_add(struct crew_tasks *tasks, const struct crew_task *task)
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
    tasks->list[tasks->count++] = *task;
    return OK;
}
