/* The pool: every job comes home once, on the right thread; recall; freeing with jobs queued. */
#include "io/loop/workers.h"

#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { JOBS = 5000 };

struct fixture {
    struct loop *loop;
    struct workers *pool;
    pthread_t owner;
    sem_t started; /* a blocking job posts it, then waits for `go` */
    sem_t go;
    int home;
    int wanted;
    atomic_int running;
};

struct job {
    struct work_job work;
    struct fixture *f;
    uint64_t in;
    uint64_t out;
    int homes;
    int together; /* how many ran when this one did */
};

static void square(void *arg)
{
    struct job *job = arg;

    job->out = job->in * job->in;
}

static void block(void *arg)
{
    struct job *job = arg;

    sem_post(&job->f->started);
    sem_wait(&job->f->go);
}

static void count(void *arg)
{
    struct job *job = arg;

    job->together = atomic_fetch_add(&job->f->running, 1) + 1;
    (void)sched_yield(); /* room for another one, were it let in */
    atomic_fetch_sub(&job->f->running, 1);
}

static void on_done(void *arg)
{
    struct job *job = arg;
    struct fixture *f = job->f;

    assert_true(pthread_equal(pthread_self(), f->owner));
    job->homes++;
    if (++f->home == f->wanted) {
        loop_stop(f->loop);
    }
}

static void setup(struct fixture *f, unsigned threads)
{
    *f = (struct fixture){0};
    f->owner = pthread_self();
    sem_init(&f->started, 0, 0);
    sem_init(&f->go, 0, 0);
    assert_int_equal(loop_new(&f->loop), OK);
    assert_int_equal(workers_new(f->loop, threads, &f->pool), OK);
}

static void teardown(struct fixture *f)
{
    workers_free(f->pool);
    loop_free(f->loop);
    sem_destroy(&f->started);
    sem_destroy(&f->go);
}

static void submit(struct fixture *f, struct job *job, loop_fn run)
{
    job->f = f;
    job->work.run = run;
    job->work.done = on_done;
    job->work.arg = job;
    workers_submit(f->pool, &job->work);
}

static void test_all_come_home_once(void **state)
{
    struct job *jobs = calloc(JOBS, sizeof(*jobs));
    struct fixture f;

    (void)state;
    assert_non_null(jobs);
    setup(&f, 4);
    f.wanted = JOBS;
    for (uint64_t i = 0; i < JOBS; i++) {
        jobs[i].in = i;
        submit(&f, &jobs[i], square);
    }
    loop_run(f.loop);
    for (uint64_t i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].homes, 1);
        assert_true(jobs[i].out == i * i);
        assert_true(workers_recall(&jobs[i].work)); /* idle again */
    }
    teardown(&f);
    free(jobs);
}

static void test_recall(void **state)
{
    struct job held = {0}, queued = {0}, never = {0};
    struct fixture f;

    (void)state;
    setup(&f, 1);
    submit(&f, &held, block);
    sem_wait(&f.started);
    submit(&f, &queued, square);
    assert_false(workers_recall(&held.work));
    assert_true(workers_recall(&queued.work));
    assert_true(workers_recall(&never.work));
    f.wanted = 1;
    sem_post(&f.go);
    loop_run(f.loop);
    assert_int_equal(held.homes, 1);
    assert_int_equal(queued.homes, 0);

    f.wanted = 2; /* a recalled job may be submitted again */
    queued.in = 3;
    submit(&f, &queued, square);
    loop_run(f.loop);
    assert_true(queued.out == 9);
    teardown(&f);
}

static void test_free_with_jobs_queued_and_coming_home(void **state)
{
    static struct job held, coming, queued[100];
    struct fixture f;

    (void)state;
    setup(&f, 1);
    submit(&f, &coming, block); /* will be on its way home */
    sem_wait(&f.started);
    sem_post(&f.go);
    submit(&f, &held, block); /* runs while the pool is freed */
    sem_wait(&f.started);
    for (int i = 0; i < 100; i++) {
        submit(&f, &queued[i], square);
    }
    sem_post(&f.go);
    workers_free(f.pool);
    f.pool = NULL;
    loop_stop(f.loop);
    loop_run(f.loop); /* nothing may come out of the mailbox */
    assert_int_equal(f.home, 0);
    teardown(&f);
}

static void free_pool(void *arg)
{
    struct job *job = arg;

    workers_free(job->f->pool);
    job->f->pool = NULL;
    loop_stop(job->f->loop);
}

static void test_free_inside_done(void **state)
{
    struct job job = {0};
    struct fixture f;

    (void)state;
    setup(&f, 2);
    job.f = &f;
    job.work = (struct work_job){.run = square, .done = free_pool, .arg = &job};
    workers_submit(f.pool, &job.work);
    loop_run(f.loop);
    assert_null(f.pool);
    teardown(&f);
}

/* After settling one turn of the loop brings everything home. */
static void test_settle(void **state)
{
    struct job jobs[50] = {0};
    struct fixture f;

    (void)state;
    setup(&f, 3);
    workers_settle(f.pool); /* nothing to wait for */
    for (int i = 0; i < 50; i++) {
        submit(&f, &jobs[i], square);
    }
    workers_settle(f.pool);
    for (int i = 0; i < 50; i++) {
        assert_false(workers_recall(&jobs[i].work)); /* all have been run, none is home */
    }
    assert_int_equal(f.home, 0);
    loop_stop(f.loop);
    loop_run(f.loop);
    assert_int_equal(f.home, 50);
    teardown(&f);
}

static void test_fewer_and_more_threads(void **state)
{
    enum { COUNTED = 500, MORE = 6 };
    struct job *jobs = calloc(COUNTED + MORE, sizeof(*jobs));
    struct fixture f;

    (void)state;
    assert_non_null(jobs);
    setup(&f, 4);
    assert_int_equal(workers_use(f.pool, 1), OK);
    f.wanted = COUNTED;
    for (int i = 0; i < COUNTED; i++) {
        submit(&f, &jobs[i], count);
    }
    loop_run(f.loop);
    for (int i = 0; i < COUNTED; i++) {
        assert_int_equal(jobs[i].together, 1);
    }
    f.wanted += MORE;
    for (int i = COUNTED; i < COUNTED + MORE; i++) {
        submit(&f, &jobs[i], block);
    }
    assert_int_equal(workers_use(f.pool, MORE), OK); /* those in the queue, too */
    for (int i = 0; i < MORE; i++) {
        sem_wait(&f.started); /* none has ended: all of them run */
    }
    assert_int_equal(workers_use(f.pool, 2), OK);
    for (int i = 0; i < MORE; i++) {
        sem_post(&f.go);
    }
    loop_run(f.loop);
    assert_int_equal(f.home, COUNTED + MORE);
    assert_int_equal(workers_use(f.pool, 0), OK); /* one is left */
    assert_int_equal(workers_used(f.pool), 1);
    f.wanted++;
    submit(&f, &jobs[0], square);
    loop_run(f.loop);
    teardown(&f);
    free(jobs);
}

/* How nice its thread is. */
static void look_nice(void *arg)
{
    struct job *job = arg;

    job->out = (uint64_t)getpriority(PRIO_PROCESS, 0);
}

/* So that becoming less nice again is forbidden, as it is to anybody but root. */
static void drop_privilege(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];

    assert_int_equal(syscall(SYS_capget, &head, data), 0);
    data[0].effective &= ~(UINT32_C(1) << CAP_SYS_NICE);
    assert_int_equal(syscall(SYS_capset, &head, data), 0);
}

static uint64_t nice_of_a_worker(struct fixture *f)
{
    struct job job = {0};

    f->wanted = f->home + 1;
    submit(f, &job, look_nice);
    loop_run(f->loop);
    return job.out;
}

static void test_nice(void **state)
{
    struct job blocked = {0};
    struct fixture f;
    uint64_t born;

    (void)state;
    drop_privilege();
    setup(&f, 2);
    born = nice_of_a_worker(&f);
    assert_int_equal(workers_nice(f.pool, 4), OK);
    assert_int_equal(nice_of_a_worker(&f), born + 4);
    f.wanted = f.home + 1;
    submit(&f, &blocked, block);
    sem_wait(&f.started);
    assert_int_equal(workers_nice(f.pool, 7), OK); /* one of the old ones has something to do yet */
    assert_int_equal(workers_nice(f.pool, 0), OK);
    assert_int_equal(workers_used(f.pool), 2);
    sem_post(&f.go);
    loop_run(f.loop);
    assert_int_equal(blocked.homes, 1);
    assert_int_equal(nice_of_a_worker(&f), born);
    teardown(&f);
}

static void test_no_threads_is_a_mistake(void **state)
{
    struct workers *pool = NULL;
    struct loop *loop;

    (void)state;
    assert_int_equal(loop_new(&loop), OK);
    assert_int_equal(workers_new(loop, 0, &pool), ERR_BUG);
    assert_null(pool);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_come_home_once),
        cmocka_unit_test(test_recall),
        cmocka_unit_test(test_free_with_jobs_queued_and_coming_home),
        cmocka_unit_test(test_free_inside_done),
        cmocka_unit_test(test_settle),
        cmocka_unit_test(test_fewer_and_more_threads),
        cmocka_unit_test(test_nice),
        cmocka_unit_test(test_no_threads_is_a_mistake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
