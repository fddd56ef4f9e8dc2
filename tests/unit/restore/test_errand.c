/* Errands: done, or forgotten at every moment; what they hold goes exactly once. */
#include "flow/restore/errand.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct loop *loop;
    struct workers *workers;
    struct errands errands;
    sem_t started, go;
    atomic_int runs, dones, clears;
};

struct job {
    struct errand errand;
    struct fixture *f;
};

static void run(struct errand *errand)
{
    struct fixture *f = ((struct job *)(void *)errand)->f;

    atomic_fetch_add(&f->runs, 1);
    sem_post(&f->started);
    sem_wait(&f->go);
}

static void clear(struct errand *errand)
{
    atomic_fetch_add(&((struct job *)(void *)errand)->f->clears, 1);
}

static void done(struct errand *errand)
{
    struct fixture *f = ((struct job *)(void *)errand)->f;

    atomic_fetch_add(&f->dones, 1);
    errand_free(errand);
    loop_stop(f->loop);
}

static void submit(struct fixture *f)
{
    struct job *job = calloc(1, sizeof(*job));

    assert_non_null(job);
    job->f = f;
    job->errand = (struct errand){.run = run, .done = done, .clear = clear};
    errand_submit(&f->errands, &job->errand);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    assert_int_equal(loop_new(&f->loop), OK);
    assert_int_equal(workers_new(f->loop, 1, &f->workers), OK);
    errands_init(&f->errands, f->loop, f->workers);
    sem_init(&f->started, 0, 0);
    sem_init(&f->go, 0, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    workers_free(f->workers);
    loop_free(f->loop);
    free(f);
    return 0;
}

static void comes_home(void **state)
{
    struct fixture *f = *state;

    submit(f);
    sem_post(&f->go);
    loop_run(f->loop);
    assert_int_equal(f->dones, 1);
    assert_int_equal(f->clears, 1);
}

/* One is with the worker, one waits: the second is cleared at once and never runs; the first is
 * cleared by the worker when it is through. */
static void forgotten_while_out(void **state)
{
    struct fixture *f = *state;

    submit(f);
    submit(f);
    sem_wait(&f->started);
    errands_forget(&f->errands);
    assert_int_equal(f->clears, 1);
    sem_post(&f->go);
    workers_free(f->workers);
    f->workers = NULL;
    assert_int_equal(f->clears, 2);
    assert_int_equal(f->runs, 1);
    assert_int_equal(f->dones, 0);
}

static void on_time(void *arg)
{
    loop_stop(arg);
}

/* Finished, on its way home, and then forgotten: cleared at once, its shell goes when it comes. */
static void forgotten_on_the_way_home(void **state)
{
    struct fixture *f = *state;
    struct loop_timer *timer;

    submit(f);
    submit(f);
    sem_post(&f->go);
    sem_post(&f->go);
    sem_wait(&f->started);
    sem_wait(&f->started); /* the second began, so the first has finished */
    errands_forget(&f->errands);
    assert_true(f->clears >= 1);
    assert_int_equal(loop_timer_new(f->loop, on_time, f->loop, &timer), OK);
    loop_timer_set(timer, 50);
    loop_run(f->loop);
    loop_timer_free(timer);
    assert_int_equal(f->clears, 2);
    assert_int_equal(f->dones, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_home, setup, teardown),
        cmocka_unit_test_setup_teardown(forgotten_while_out, setup, teardown),
        cmocka_unit_test_setup_teardown(forgotten_on_the_way_home, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
