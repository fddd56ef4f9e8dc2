/* The loop: posting from many threads, order, taking back, timers, signals. */
#include "io/loop/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "io/loop/loop_local.h"

enum { THREADS = 8, POSTS = 2000 };

struct post {
    struct loop_task task;
    struct fixture *fixture;
    int thread;
    int number;
};

struct fixture {
    struct loop *loop;
    pthread_t owner;
    int next[THREADS]; /* the number each thread's next task must carry */
    int total;
    struct post posts[THREADS][POSTS];
};

static void on_post(void *arg)
{
    struct post *post = arg;
    struct fixture *f = post->fixture;

    assert_true(pthread_equal(pthread_self(), f->owner));
    assert_int_equal(post->number, f->next[post->thread]);
    f->next[post->thread]++;
    if (++f->total == THREADS * POSTS) {
        loop_stop(f->loop);
    }
}

static void *poster(void *arg)
{
    struct post *mine = arg;

    for (int i = 0; i < POSTS; i++) {
        loop_post(mine[0].fixture->loop, &mine[i].task, on_post, &mine[i]);
    }
    return NULL;
}

static void test_many_threads_post_in_order(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    pthread_t threads[THREADS];

    (void)state;
    assert_non_null(f);
    assert_int_equal(loop_new(&f->loop), OK);
    f->owner = pthread_self();
    for (int t = 0; t < THREADS; t++) {
        for (int i = 0; i < POSTS; i++) {
            f->posts[t][i] = (struct post){.fixture = f, .thread = t, .number = i};
        }
        assert_int_equal(pthread_create(&threads[t], NULL, poster, f->posts[t]), 0);
    }
    loop_run(f->loop);
    for (int t = 0; t < THREADS; t++) {
        pthread_join(threads[t], NULL);
        assert_int_equal(f->next[t], POSTS);
    }
    loop_free(f->loop);
    free(f);
}

struct trail {
    struct loop *loop;
    struct loop_task a, b, c;
    char seen[8];
    int len;
};

static void on_c(void *arg)
{
    struct trail *t = arg;

    t->seen[t->len++] = 'c';
    loop_stop(t->loop);
}

static void on_b(void *arg)
{
    struct trail *t = arg;

    t->seen[t->len++] = 'b';
}

static void on_a(void *arg)
{
    struct trail *t = arg;

    t->seen[t->len++] = 'a';
    loop_unpost(t->loop, &t->b);                 /* about to run in this same round */
    loop_unpost(t->loop, &t->b);                 /* twice is harmless */
    loop_post(t->loop, &t->b, on_b, t);          /* next round */
    t->seen[t->len++] = t->b.queued ? 'q' : '-'; /* never inside the call */
    loop_post(t->loop, &t->c, on_c, t);
}

static void test_unpost_and_rounds(void **state)
{
    struct trail t = {0};

    (void)state;
    assert_int_equal(loop_new(&t.loop), OK);
    loop_post(t.loop, &t.a, on_a, &t);
    loop_post(t.loop, &t.b, on_b, &t);
    loop_post(t.loop, &t.c, on_c, &t);
    loop_unpost(t.loop, &t.c);
    assert_int_equal(t.len, 0);
    loop_run(t.loop);
    assert_string_equal(t.seen, "aqbc");
    loop_free(t.loop);
}

static void count(void *arg)
{
    (*(int *)arg)++;
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void test_timers(void **state)
{
    struct loop *loop;
    struct loop_timer *never, *moved, *freed, *end;
    int nevers = 0, moves = 0, frees = 0;
    uint64_t start = clock_mono_ns();

    (void)state;
    assert_int_equal(loop_new(&loop), OK);
    assert_int_equal(loop_timer_new(loop, count, &nevers, &never), OK);
    assert_int_equal(loop_timer_new(loop, count, &moves, &moved), OK);
    assert_int_equal(loop_timer_new(loop, count, &frees, &freed), OK);
    assert_int_equal(loop_timer_new(loop, stop, loop, &end), OK);
    loop_timer_set(never, 1);
    loop_timer_stop(never);
    loop_timer_set(moved, 5000);
    loop_timer_set(moved, 1); /* moved forward, runs once */
    loop_timer_set(freed, 1);
    loop_timer_free(freed);
    loop_timer_free(NULL);
    loop_timer_set(end, 60);
    loop_run(loop);
    assert_true(clock_mono_ns() - start >= 59000000);
    assert_int_equal(nevers, 0);
    assert_int_equal(moves, 1);
    assert_int_equal(frees, 0);
    loop_timer_free(never);
    loop_timer_free(moved);
    loop_timer_free(end);
    loop_free(loop);
}

static void test_signal(void **state)
{
    struct loop *loop;
    struct loop_signal *usr;

    (void)state;
    assert_int_equal(loop_new(&loop), OK);
    assert_int_equal(loop_signal_new(loop, SIGUSR1, stop, loop, &usr), OK);
    raise(SIGUSR1);
    loop_run(loop); /* returns only when the signal arrived */
    loop_signal_free(usr);
    loop_signal_free(NULL);
    loop_free(loop);
}

static void own_thread(void *arg)
{
    atomic_store((atomic_int *)arg, 1);
}

static void test_thread(void **state)
{
    struct loop *loop;
    struct loop_task task = {0};
    atomic_int ran = 0;

    (void)state;
    assert_int_equal(loop_new(&loop), OK);
    loop_thread_join(loop); /* never started: nothing to wait for */
    assert_int_equal(loop_thread_start(loop, "a-name-that-is-longer-than-15"), OK);
    loop_post(loop, &task, own_thread, &ran);
    loop_thread_join(loop); /* what was posted before has run */
    assert_int_equal(atomic_load(&ran), 1);
    loop_free(loop);
    loop_free(NULL);
}

struct counted_local {
    struct loop_local local;
    int freed;
};

static void local_free(struct loop_local *local)
{
    LIST_ITEM(local, struct counted_local, local)->freed++;
}

static void test_locals_die_with_the_loop(void **state)
{
    struct loop *loop;
    struct counted_local a = {0}, b = {0};

    (void)state;
    a.local = (struct loop_local){.key = &a, .free = local_free};
    b.local = (struct loop_local){.key = &b, .free = local_free};
    assert_int_equal(loop_new(&loop), OK);
    loop_local_put(loop, &a.local);
    loop_local_put(loop, &b.local);
    assert_ptr_equal(loop_local_get(loop, &b), &b.local);
    assert_ptr_equal(loop_local_get(loop, &a), &a.local);
    assert_null(loop_local_get(loop, state));
    loop_free(loop);
    assert_int_equal(a.freed, 1);
    assert_int_equal(b.freed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_threads_post_in_order),
        cmocka_unit_test(test_unpost_and_rounds),
        cmocka_unit_test(test_timers),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_thread),
        cmocka_unit_test(test_locals_die_with_the_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
