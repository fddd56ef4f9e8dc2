/* The near side: calls, and the end. */
#include "io/helper/helper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/helper/helper_local.h"

enum {
    END_TRIES = 2000,           /* to see that it ended, ... */
    END_PAUSE_NS = 1000 * 1000, /* ... so long apart */
};

#define NS_PER_MS UINT64_C(1000000)

enum err helper_start(const struct helper_options *options, struct helper **out)
{
    struct helper *h;
    enum err err;

    if (options->channels == 0 || options->channels > HELPER_CHANNELS_MAX ||
        options->answer_len > HELPER_ANSWER_MAX) {
        return ERR_BUG;
    }
    h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->returned, NULL);
    atomic_init(&h->end_ns, 0);
    atomic_init(&h->lost, false);
    h->control = h->far.control = h->far.memory = -1;
    for (unsigned i = 0; i < HELPER_CHANNELS_MAX; i++) {
        h->channel[i] = h->far.channel[i] = -1;
    }
    err = helper_spawn(h, options);
    if (err != OK) {
        atomic_store(&h->lost, true);
        helper_free(h);
        return err;
    }
    h->idle = (uint32_t)((UINT64_C(1) << h->channels) - 1);
    *out = h;
    return OK;
}

int helper_landlock(const struct helper *h)
{
    return h->landlock;
}

/* --- calls --- */

/* The lowest that is idle: its memory is the warmest. */
static unsigned borrow(struct helper *h)
{
    unsigned at;

    pthread_mutex_lock(&h->lock);
    while (h->idle == 0) {
        pthread_cond_wait(&h->returned, &h->lock);
    }
    at = (unsigned)__builtin_ctz(h->idle);
    h->idle &= ~(1U << at);
    pthread_mutex_unlock(&h->lock);
    return at;
}

static void give_back(struct helper *h, unsigned at)
{
    pthread_mutex_lock(&h->lock);
    h->idle |= 1U << at;
    pthread_cond_signal(&h->returned);
    pthread_mutex_unlock(&h->lock);
}

static enum err ask(struct helper *h, unsigned at, const struct helper_call *call)
{
    uint8_t *room = h->memory + at * h->room;
    struct helper_front front = {0};
    struct iovec parts[] = {
        {&front, sizeof(front)}, {(void *)(uintptr_t)call->request.ptr, call->request.len}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    for (size_t i = 0; i < call->data_count; i++) {
        const struct bytes *data = &call->data[i];

        if (data->len > h->room - front.data_len) {
            return ERR_BUG;
        }
        if (data->len > 0) {
            memcpy(room + front.data_len, data->ptr, data->len);
            front.data_len += data->len;
        }
    }
    while (sendmsg(h->channel[at], &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) {
            return ERR_HELPER;
        }
    }
    return OK;
}

/* Is it time to end it by force? */
static bool is_overdue(struct helper *h)
{
    uint64_t end = atomic_load(&h->end_ns);

    return end != 0 && clock_mono_ns() >= end;
}

static enum err hear(struct helper *h, unsigned at, const struct helper_call *call)
{
    ssize_t n;

    do { /* the socket looks up once a second */
        n = recv(h->channel[at], call->answer, h->answer_len, 0);
        if (n < 0 && errno == EAGAIN && is_overdue(h)) {
            (void)kill(h->pid, SIGKILL);
        }
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    return n >= 0 && (size_t)n == h->answer_len ? OK : ERR_HELPER;
}

enum err helper_call(struct helper *h, const struct helper_call *call)
{
    unsigned at;
    enum err err;

    if (call->request.len > HELPER_REQUEST_MAX) {
        return ERR_LIMIT;
    }
    if (atomic_load(&h->lost)) {
        return ERR_HELPER;
    }
    at = borrow(h);
    err = ask(h, at, call);
    if (err == OK) {
        err = hear(h, at, call);
    }
    if (err == ERR_HELPER) {
        atomic_store(&h->lost, true);
    }
    give_back(h, at);
    return err;
}

/* --- the end --- */

void helper_hurry(struct helper *h)
{
    atomic_store(&h->end_ns, clock_mono_ns() + h->patience_ms * NS_PER_MS);
}

/* Did it end within a moment? */
static bool has_ended(struct helper *h, int *status)
{
    const struct timespec pause = {.tv_nsec = END_PAUSE_NS};

    for (int i = 0; i < END_TRIES; i++) {
        pid_t pid = waitpid(h->pid, status, WNOHANG);

        if (pid == h->pid || (pid < 0 && errno != EINTR)) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

/* Its sockets are closed: an honest one ends now. */
static void end_process(struct helper *h)
{
    int status = 0;
    bool ended = !atomic_load(&h->lost) && has_ended(h, &status);

    if (!ended) { /* it is not honest, or hangs */
        atomic_store(&h->lost, true);
        (void)kill(h->pid, SIGKILL);
        ended = has_ended(h, &status);
    }
    if (!ended) {
        log_error("helper", "cannot be ended pid=%ld", (long)h->pid);
    } else if (WIFSIGNALED(status)) {
        log_warn("helper", "was killed pid=%ld signal=%d%s", (long)h->pid, WTERMSIG(status),
            WTERMSIG(status) == SIGSYS ? " why=a_system_call_it_may_not_make" : "");
    } else if (atomic_load(&h->lost) || WEXITSTATUS(status) != 0) {
        log_warn("helper", "ended by itself pid=%ld code=%d", (long)h->pid, WEXITSTATUS(status));
    }
}

void helper_free(struct helper *h)
{
    if (h == NULL) {
        return;
    }
    helper_close_far(h);
    for (unsigned i = 0; i < HELPER_CHANNELS_MAX; i++) {
        if (h->channel[i] >= 0) {
            (void)close(h->channel[i]);
        }
    }
    if (h->control >= 0) {
        (void)close(h->control);
    }
    if (h->pid > 0) {
        end_process(h);
    }
    if (h->memory != NULL) {
        (void)munmap(h->memory, h->channels * h->room);
    }
    pthread_cond_destroy(&h->returned);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
