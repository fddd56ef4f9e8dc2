/* The pool: one queue, some threads, and the home loop's mailbox as the way back. */
#include "io/loop/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

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
    unsigned count;
    pthread_t threads[];
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

/* Wait for a job; NULL when the pool ends. */
static struct work_job *next_job(struct workers *pool)
{
    struct work_job *job = NULL;

    pthread_mutex_lock(&pool->lock);
    while (!pool->ending && (list_empty(&pool->queue) || pool->running >= pool->limit)) {
        pthread_cond_wait(&pool->work, &pool->lock);
    }
    if (!pool->ending) {
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
    struct workers *pool = arg;
    struct work_job *job;

    (void)pthread_setname_np(pthread_self(), "worker");
    while ((job = next_job(pool)) != NULL) {
        job->run(job->arg);
        loop_post(pool->home, &job->task, come_home, job);
        job_over(pool);
    }
    return NULL;
}

static void end_threads(struct workers *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = 1;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++) {
        pthread_join(pool->threads[i], NULL);
    }
}

/* Workers leave signals to the threads that run loops. */
static int start_threads(struct workers *pool, unsigned threads)
{
    sigset_t all, before;
    int code = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (code == 0 && pool->count < threads) {
        code = pthread_create(&pool->threads[pool->count], NULL, worker_main, pool);
        if (code == 0) {
            pool->count++;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

enum err workers_new(struct loop *home, unsigned threads, struct workers **out)
{
    unsigned room = threads < WORKERS_MAX ? WORKERS_MAX : threads;
    struct workers *pool = calloc(1, sizeof(*pool) + room * sizeof(pthread_t));

    if (pool == NULL) {
        return ERR_NO_MEMORY;
    }
    pool->home = home;
    pool->limit = threads;
    list_init(&pool->queue);
    list_init(&pool->out);
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
