/* The pool: one queue, some threads, and the home loop's mailbox as the way back. */
#include "io/loop/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

enum job_state {
    JOB_IDLE,   /* zeroed, or come home */
    JOB_QUEUED, /* in `queue` */
    JOB_OUT,    /* in `out`: a worker has it, or it is on its way home */
};

struct workers {
    struct loop *home;
    pthread_mutex_t lock; /* guards what follows, and each job's state and node */
    pthread_cond_t work;
    pthread_cond_t rest; /* nothing runs, nothing is queued */
    unsigned running;    /* at most `limit` */
    unsigned limit;
    struct list queue;
    struct list out;
    int ending;
    int nice;
    unsigned count;    /* of staff; the home loop's, as both lists are */
    struct list staff; /* struct worker */
    struct list leavers;
};

struct worker {
    struct list node;
    struct workers *pool;
    pthread_t thread;
    int nice;
    int leaves; /* guarded: no job any more */
};

/* On the home loop's thread. `done` may free the pool or submit the job again. */
static void come_home(void *arg)
{
    struct work_job *job = arg;
    struct workers *pool = job->pool;

    pthread_mutex_lock(&pool->lock);
    list_remove(&job->node);
    job->state = JOB_IDLE;
    pthread_mutex_unlock(&pool->lock);
    job->done(job->arg);
}

/* Wait for a job; NULL when the pool ends, or this worker's time in it. */
static struct work_job *next_job(struct worker *w)
{
    struct workers *pool = w->pool;
    struct work_job *job = NULL;

    pthread_mutex_lock(&pool->lock);
    while (
        !pool->ending && !w->leaves && (list_empty(&pool->queue) || pool->running >= pool->limit)) {
        pthread_cond_wait(&pool->work, &pool->lock);
    }
    if (!pool->ending && !w->leaves) {
        job = LIST_ITEM(list_take(&pool->queue), struct work_job, node);
        job->state = JOB_OUT;
        list_push(&pool->out, &job->node);
        pool->running++;
    }
    pthread_mutex_unlock(&pool->lock);
    return job;
}

/* The job is on its way home. */
static void job_over(struct workers *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->running--;
    if (!list_empty(&pool->queue)) {
        pthread_cond_signal(&pool->work); /* it may have waited for the limit alone */
    }
    if (pool->running == 0 && list_empty(&pool->queue)) {
        pthread_cond_broadcast(&pool->rest);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct workers *pool = w->pool;
    struct work_job *job;

    (void)pthread_setname_np(pthread_self(), "worker");
    if (w->nice != 0) { /* 0 as an id: this thread alone, by Linux */
        (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + w->nice);
    }
    while ((job = next_job(w)) != NULL) {
        job->run(job->arg);
        loop_post(pool->home, &job->task, come_home, job);
        job_over(pool);
    }
    return NULL;
}

static void join_all(struct list *list)
{
    LIST_EACH(node, after, list)
    {
        struct worker *w = LIST_ITEM(node, struct worker, node);

        pthread_join(w->thread, NULL);
        free(w);
    }
}

static void end_threads(struct workers *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = 1;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    join_all(&pool->staff);
    join_all(&pool->leavers);
}

static int start_thread(struct workers *pool)
{
    struct worker *w = calloc(1, sizeof(*w));
    int code = w != NULL ? 0 : ENOMEM;

    if (code == 0) {
        w->pool = pool;
        w->nice = pool->nice;
        code = pthread_create(&w->thread, NULL, worker_main, w);
    }
    if (code != 0) {
        free(w);
        return code;
    }
    list_push(&pool->staff, &w->node);
    pool->count++;
    return 0;
}

/* Workers leave signals to the threads that run loops. */
static int start_threads(struct workers *pool, unsigned threads)
{
    sigset_t all, before;
    int code = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (code == 0 && pool->count < threads) {
        code = start_thread(pool);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

enum err workers_new(struct loop *home, unsigned threads, struct workers **out)
{
    struct workers *pool = calloc(1, sizeof(*pool));

    if (pool == NULL) {
        return ERR_NO_MEMORY;
    }
    pool->home = home;
    pool->limit = threads;
    list_init(&pool->queue);
    list_init(&pool->out);
    list_init(&pool->staff);
    list_init(&pool->leavers);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->rest, NULL);
    if (threads == 0 || start_threads(pool, threads) != 0) {
        workers_free(pool);
        return threads == 0 ? ERR_BUG : ERR_SYSTEM;
    }
    *out = pool;
    return OK;
}

enum err workers_use(struct workers *pool, unsigned threads)
{
    unsigned wanted = threads < WORKERS_MAX ? threads : WORKERS_MAX;
    int code = start_threads(pool, wanted);

    wanted = wanted < pool->count ? wanted : pool->count;
    pthread_mutex_lock(&pool->lock);
    pool->limit = wanted > 0 ? wanted : 1;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return code == 0 ? OK : ERR_SYSTEM;
}

/* Free those that are gone. */
static void see_off(struct workers *pool)
{
    LIST_EACH(node, after, &pool->leavers)
    {
        struct worker *w = LIST_ITEM(node, struct worker, node);

        if (pthread_tryjoin_np(w->thread, NULL) == 0) {
            list_remove(&w->node);
            free(w);
        }
    }
}

/* A thread may become nicer at any time, but less nice again with a privilege only: so others take
 * over. */
enum err workers_nice(struct workers *pool, int nice)
{
    unsigned before = pool->count;
    int nice_before = pool->nice;

    see_off(pool);
    if (nice == pool->nice) {
        return OK;
    }
    pool->nice = nice;
    if (start_threads(pool, 2 * before) != 0 && pool->count == before) {
        pool->nice = nice_before;
        return ERR_SYSTEM;
    }
    pthread_mutex_lock(&pool->lock);
    for (unsigned i = 0; i < before; i++) {
        struct list *node = list_take(&pool->staff);

        LIST_ITEM(node, struct worker, node)->leaves = 1;
        list_push(&pool->leavers, node);
    }
    pool->count -= before;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return OK;
}

unsigned workers_used(struct workers *pool)
{
    unsigned limit;

    pthread_mutex_lock(&pool->lock);
    limit = pool->limit;
    pthread_mutex_unlock(&pool->lock);
    return limit;
}

void workers_free(struct workers *pool)
{
    struct list *node;

    if (pool == NULL) {
        return;
    }
    end_threads(pool);
    while ((node = list_take(&pool->out)) != NULL) {
        struct work_job *job = LIST_ITEM(node, struct work_job, node);

        loop_unpost(pool->home, &job->task);
        job->state = JOB_IDLE;
    }
    while ((node = list_take(&pool->queue)) != NULL) {
        LIST_ITEM(node, struct work_job, node)->state = JOB_IDLE;
    }
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->rest);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void workers_submit(struct workers *pool, struct work_job *job)
{
    pthread_mutex_lock(&pool->lock);
    job->pool = pool;
    job->state = JOB_QUEUED;
    list_push(&pool->queue, &job->node);
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

bool workers_recall(struct work_job *job)
{
    struct workers *pool = job->pool;
    bool idle;

    if (pool == NULL) {
        return true; /* was never submitted */
    }
    pthread_mutex_lock(&pool->lock);
    if (job->state == JOB_QUEUED) {
        list_remove(&job->node);
        job->state = JOB_IDLE;
    }
    idle = job->state == JOB_IDLE;
    pthread_mutex_unlock(&pool->lock);
    return idle;
}

void workers_settle(struct workers *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->running > 0 || !list_empty(&pool->queue)) {
        pthread_cond_wait(&pool->rest, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}
