/* One thread, poll(2), a pair of sockets a client. */
#include "refuser.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS_MAX = 16, BUFFER = 65536 };

/* What the server says of an article whose acceptance was kept from the client, and what the client
 * gets to hear. */
static const char duplicate[] = "441 435 Duplicate";
static const char unwanted[] = "441 437 Unwanted!";
_Static_assert(sizeof(duplicate) == sizeof(unwanted), "one takes the place of the other");

struct refuser {
    pthread_t thread;
    int listener;
    uint16_t port, target;
    atomic_uint passed, left, turned;
    atomic_int stop;
    int pairs[PAIRS_MAX][2]; /* client, server */
    int count;
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void take_client(struct refuser *r)
{
    struct sockaddr_in address = loopback(r->target);
    int client = accept(r->listener, NULL, NULL);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (client < 0 || server < 0 || r->count == PAIRS_MAX ||
        connect(server, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(client);
        close(server);
        return;
    }
    r->pairs[r->count][0] = client;
    r->pairs[r->count][1] = server;
    r->count++;
}

static int send_all(int to, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(to, data, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return -1;
        }
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* An article was accepted: shall the client know? */
static void judge(struct refuser *r, char *data)
{
    if (atomic_load(&r->passed) > 0) {
        atomic_fetch_sub(&r->passed, 1);
    } else if (atomic_load(&r->left) > 0) {
        memcpy(data, "441", 3);
        atomic_fetch_sub(&r->left, 1);
        atomic_fetch_add(&r->turned, 1);
    }
}

/* Pass on what `from` has; side 1 is the server, whose answers to articles come alone. */
static int relay(struct refuser *r, const int *pair, int side)
{
    char data[BUFFER];
    ssize_t n = recv(pair[side], data, sizeof(data), 0);

    if (n <= 0) {
        return -1;
    }
    if (side == 1 && n > 4 && memcmp(data, "240 ", 4) == 0) {
        judge(r, data);
    } else if (side == 1 && (size_t)n >= sizeof(duplicate) - 1 &&
               memcmp(data, duplicate, sizeof(duplicate) - 1) == 0) {
        memcpy(data, unwanted, sizeof(unwanted) - 1);
    }
    return send_all(pair[1 - side], data, (size_t)n);
}

static void drop_pair(struct refuser *r, int i)
{
    close(r->pairs[i][0]);
    close(r->pairs[i][1]);
    r->count--;
    memcpy(r->pairs[i], r->pairs[r->count], sizeof(r->pairs[i]));
}

static void *run(void *arg)
{
    struct refuser *r = arg;

    while (!atomic_load(&r->stop)) {
        struct pollfd fds[1 + 2 * PAIRS_MAX] = {{.fd = r->listener, .events = POLLIN}};
        int count = r->count;

        for (int i = 0; i < 2 * count; i++) {
            fds[1 + i] = (struct pollfd){.fd = r->pairs[i / 2][i % 2], .events = POLLIN};
        }
        if (poll(fds, (nfds_t)(1 + 2 * count), 50) <= 0) {
            continue;
        }
        for (int i = count - 1; i >= 0; i--) {
            if ((fds[1 + 2 * i].revents != 0 && relay(r, r->pairs[i], 0) != 0) ||
                (fds[2 + 2 * i].revents != 0 && relay(r, r->pairs[i], 1) != 0)) {
                drop_pair(r, i);
            }
        }
        if (fds[0].revents != 0) {
            take_client(r);
        }
    }
    return NULL;
}

struct refuser *refuser_start(uint16_t port, unsigned passed, unsigned refusals)
{
    struct refuser *r = calloc(1, sizeof(*r));
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof(address);

    if (r == NULL) {
        abort();
    }
    r->target = port;
    atomic_store(&r->passed, passed);
    atomic_store(&r->left, refusals);
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(r->listener, (struct sockaddr *)&address, len) != 0 || listen(r->listener, 16) != 0 ||
        getsockname(r->listener, (struct sockaddr *)&address, &len) != 0 ||
        pthread_create(&r->thread, NULL, run, r) != 0) {
        abort();
    }
    r->port = ntohs(address.sin_port);
    return r;
}

uint16_t refuser_port(const struct refuser *r)
{
    return r->port;
}

unsigned refuser_count(const struct refuser *r)
{
    return atomic_load(&r->turned);
}

void refuser_stop(struct refuser *r)
{
    atomic_store(&r->stop, 1);
    pthread_join(r->thread, NULL);
    while (r->count > 0) {
        drop_pair(r, 0);
    }
    close(r->listener);
    free(r);
}
