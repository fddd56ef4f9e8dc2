/* What does not lie in its place may lie elsewhere: shifted in a damaged file, or in another one.
 */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/check.h"
#include "flow/par2files/finder.h"

struct search {
    struct finder finder;
    struct finder_job *jobs;
    uint8_t **known; /* for each job, what finder_job.known needs */
    size_t count;
};

/* The places in a damaged file where its slices lie: they need not be looked at. */
static enum err add_target(struct check *c, struct search *s, const struct target *target)
{
    const struct parset_file *is = target->is;
    uint8_t *known = calloc((size_t)is->slices + 1, 1);

    if (known == NULL) {
        return ERR_NO_MEMORY;
    }
    for (uint64_t k = 0; k < is->slices; k++) {
        known[k] = c->at[is->first + k].file != NULL;
    }
    s->known[s->count] = known;
    s->jobs[s->count++] = (struct finder_job){.finder = &s->finder,
        .leeway = c->options->leeway,
        .file = target->file,
        .size = target->size,
        .known = known,
        .known_count = is->slices};
    return OK;
}

static enum err collect_jobs(struct check *c, struct search *s)
{
    enum err err = OK;

    s->jobs = calloc(c->set.recovered + c->extra_count + 1, sizeof *s->jobs);
    s->known = calloc(c->set.recovered + c->extra_count + 1, sizeof(uint8_t *));
    if (s->jobs == NULL || s->known == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < c->set.recovered && err == OK; i++) {
        if (c->targets[i].state == TARGET_DAMAGED) {
            err = add_target(c, s, &c->targets[i]);
        }
    }
    for (size_t i = 0; i < c->extra_count; i++) {
        s->jobs[s->count++] = (struct finder_job){.finder = &s->finder,
            .leeway = c->options->leeway,
            .file = c->extras[i],
            .size = c->extra_sizes[i]};
    }
    return err;
}

static enum err run_jobs(struct check *c, struct search *s)
{
    struct crew_task *tasks = calloc(s->count + 1, sizeof *tasks);
    uint64_t bytes = 0;
    enum err err = OK;

    if (tasks == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < s->count; i++) {
        tasks[i] = (struct crew_task){
            .run = finder_run, .arg = &s->jobs[i], .bytes = s->jobs[i].size, .kind = CREW_READ};
        bytes += s->jobs[i].size;
    }
    crew_phase(&c->crew, PROGRESS_SCAN, bytes);
    crew_run(&c->crew, tasks, s->count);
    free(tasks);
    for (size_t i = 0; i < s->count && err == OK; i++) {
        err = s->jobs[i].err == ERR_NO_MEMORY ? ERR_NO_MEMORY : OK; /* the rest is damage */
    }
    return err;
}

static void take_hits(struct check *c, const struct search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct finder_hit *hits = (const void *)s->jobs[i].hits.ptr;

        for (size_t k = 0; k < s->jobs[i].hits.len / sizeof *hits; k++) {
            struct slice_at *slot = &c->at[hits[k].slice];

            if (slot->file == NULL) {
                *slot = hits[k].at;
            }
        }
    }
}

enum err check_search(struct check *c)
{
    struct search s = {.count = 0};
    enum err err = OK;

    if (check_lost(c) == 0) {
        return OK;
    }
    err = finder_init(&s.finder, &c->set);
    if (err == OK) {
        err = collect_jobs(c, &s);
    }
    if (err == OK) {
        err = run_jobs(c, &s);
    }
    if (err == OK) {
        take_hits(c, &s);
    }
    for (size_t i = 0; i < s.count; i++) {
        buf_clear(&s.jobs[i].hits);
        free(s.known[i]);
    }
    free(s.jobs);
    free(s.known);
    finder_clear(&s.finder);
    return err;
}

uint64_t check_lost(const struct check *c)
{
    uint64_t lost = 0;

    for (uint64_t i = 0; i < c->set.slices; i++) {
        lost += c->at[i].file == NULL;
    }
    return lost;
}
