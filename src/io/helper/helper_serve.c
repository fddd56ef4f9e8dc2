/* The far side: get what is given, give up everything else, answer until nobody is there. */
#include "io/helper/helper_serve.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/helper/confine.h"
#include "io/helper/helper_local.h"

struct serving;

struct channel {
    const struct serving *serving;
    int fd;
    const uint8_t *room;
    pthread_t thread;
    uint8_t request[sizeof(struct helper_front) + HELPER_REQUEST_MAX];
};

struct serving {
    const struct helper_service *service;
    struct helper_hello hello;
    int folder, memory;
    unsigned started;      /* threads */
    pthread_mutex_t *gate; /* held until calls may be answered */
    struct channel channel[HELPER_CHANNELS_MAX];
};

/* --- the process --- */

/* The other side says when to end: a signal to all of a group is not for us. When it dies in
 * whatever way, so do we. Keys pass through here: no core, nobody looks in. */
static void prepare(void)
{
    const struct rlimit none = {0, 0};

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

static enum err take_fds(struct serving *s, struct msghdr *message)
{
    const struct cmsghdr *front = CMSG_FIRSTHDR(message);
    int fds[HELPER_FDS_MAX];
    size_t want = (HELPER_FIRST_FDS + s->hello.channels) * sizeof(int);

    if (s->hello.channels == 0 || s->hello.channels > HELPER_CHANNELS_MAX || front == NULL ||
        front->cmsg_type != SCM_RIGHTS || front->cmsg_len != CMSG_LEN(want)) {
        return ERR_HELPER;
    }
    memcpy(fds, CMSG_DATA(front), want);
    s->folder = fds[0];
    s->memory = fds[1];
    for (unsigned i = 0; i < s->hello.channels; i++) {
        s->channel[i].fd = fds[HELPER_FIRST_FDS + i];
    }
    return OK;
}

/* ERR_CANCELLED: it is not needed after all. */
static enum err hear_hello(struct serving *s)
{
    _Alignas(struct cmsghdr) char room[CMSG_SPACE(HELPER_FDS_MAX * sizeof(int))];
    struct iovec part = {&s->hello, sizeof(s->hello)};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
    ssize_t n = recvmsg(HELPER_CONTROL, &message, MSG_CMSG_CLOEXEC);

    if (n == 0) {
        return ERR_CANCELLED;
    }
    if (n != (ssize_t)sizeof(s->hello) || s->hello.answer_len != s->service->answer_len) {
        return ERR_HELPER;
    }
    return take_fds(s, &message);
}

static enum err map_memory(struct serving *s)
{
    size_t len = s->hello.channels * s->hello.room;
    const uint8_t *memory = mmap(NULL, len, PROT_READ, MAP_SHARED, s->memory, 0);

    (void)close(s->memory);
    if (memory == MAP_FAILED) {
        return err_from_errno(errno);
    }
    for (unsigned i = 0; i < s->hello.channels; i++) {
        s->channel[i].room = memory + i * s->hello.room;
    }
    return OK;
}

/* --- calls --- */

/* One call; false: nobody is there any more. */
static bool answer_one(struct channel *c)
{
    const struct helper_service *service = c->serving->service;
    _Alignas(max_align_t) uint8_t answer[HELPER_ANSWER_MAX] = {0};
    struct helper_front front;
    ssize_t n = recv(c->fd, c->request, sizeof(c->request), 0);

    if (n < 0 && errno == EINTR) {
        return true;
    }
    if (n < (ssize_t)sizeof(front)) {
        return false;
    }
    memcpy(&front, c->request, sizeof(front));
    if (front.data_len > c->serving->hello.room) {
        return false;
    }
    service->serve(service->arg, bytes_at(c->request + sizeof(front), (size_t)n - sizeof(front)),
        bytes_at(c->room, front.data_len), answer);
    return send(c->fd, answer, service->answer_len, MSG_NOSIGNAL) == (ssize_t)service->answer_len;
}

static void *channel_main(void *arg)
{
    struct channel *c = arg;

    pthread_mutex_lock(c->serving->gate);
    pthread_mutex_unlock(c->serving->gate);
    while (answer_one(c)) {
    }
    return NULL;
}

/* All threads there will ever be: after this none can be made. */
static enum err start_threads(struct serving *s)
{
    for (unsigned i = 0; i < s->hello.channels; i++) {
        s->channel[i].serving = s;
        if (pthread_create(&s->channel[i].thread, NULL, channel_main, &s->channel[i]) != 0) {
            return ERR_NO_MEMORY;
        }
        s->started++;
    }
    return OK;
}

/* --- one life --- */

static enum err become_ready(struct serving *s, int *landlock)
{
    enum err err = map_memory(s);

    if (err == OK) {
        err = s->service->begin(s->service->arg, s->folder);
    }
    if (err == OK) {
        err = confine_files(s->folder, landlock); /* before threads: it holds for those after it */
    }
    if (err == OK) {
        err = start_threads(s);
    }
    return err == OK ? confine_calls() : err;
}

static bool say_ready(enum err err, int landlock)
{
    const struct helper_ready ready = {.err = (int32_t)err, .landlock = landlock};

    return send(HELPER_CONTROL, &ready, sizeof(ready), MSG_NOSIGNAL) == (ssize_t)sizeof(ready);
}

/* Nothing ever comes here but the end. */
static void wait_for_end(void)
{
    char byte;
    ssize_t n;

    do {
        n = recv(HELPER_CONTROL, &byte, sizeof(byte), 0);
    } while (n < 0 && errno == EINTR);
}

static int live(struct serving *s)
{
    int landlock = 0;
    enum err err = become_ready(s, &landlock);

    if (!say_ready(err, landlock) || err != OK) {
        return EXIT_FAILURE;
    }
    pthread_mutex_unlock(s->gate);
    wait_for_end();
    for (unsigned i = 0; i < s->started; i++) {
        pthread_join(s->channel[i].thread, NULL);
    }
    s->service->end(s->service->arg);
    return EXIT_SUCCESS;
}

int helper_serve(const struct helper_service *service)
{
    static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct serving *s = calloc(1, sizeof(*s));
    enum err err;

    prepare();
    if (s == NULL) {
        return EXIT_FAILURE;
    }
    s->service = service;
    s->gate = &gate;
    pthread_mutex_lock(&gate);
    err = hear_hello(s);
    if (err != OK) {
        return err == ERR_CANCELLED ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return live(s); /* with its threads: the process ends now */
}
