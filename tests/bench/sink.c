/* A discarding news server for measurements: one thread, epoll, as little work as can be. It
 * accepts every article, answers every STAT with 223, counts, and keeps the last articles so that a
 * publisher can read its heads back. It believes its clients: not for anything but loopback.
 *
 *     sink [--port N] [--tls-cert FILE --tls-key FILE] [--delay MS] [--keep N] [--hash]
 *
 * With --hash it remembers the Message-ID and a hash of the body of every article: an id that is
 * known is refused as a duplicate, STAT tells the truth, and the report begins with `ids=N
 * different=N` (bodies) `again_same=N again_other=N`: ids that came once more, with the body that
 * they had and with another.
 *
 * The first line it prints is `listening 127.0.0.1:PORT`. At SIGTERM, SIGINT (and SIGUSR1, going
 * on) it prints `articles=N bytes=N stats=N bodies=N misses=N cpu=S`. */
#include "sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct sink sink;

static void watch(struct client *c, int op)
{
    struct epoll_event event = {
        .events = EPOLLIN | (c->watches_out ? (uint32_t)EPOLLOUT : 0), .data.ptr = c};

    if (epoll_ctl(sink.epoll, op, c->fd, &event) != 0) {
        sink_die("epoll_ctl");
    }
}

static void flush(struct client *c)
{
    while (c->out_at < c->out.len && !c->gone) {
        size_t left = c->out.len - c->out_at;
        ssize_t n = c->ssl != NULL ? SSL_write(c->ssl, c->out.ptr + c->out_at, (int)left)
                                   : send(c->fd, c->out.ptr + c->out_at, left, MSG_NOSIGNAL);

        if (n > 0) {
            c->out_at += (size_t)n;
        } else if (c->ssl != NULL ? SSL_get_error(c->ssl, (int)n) == SSL_ERROR_WANT_WRITE
                                  : errno == EAGAIN) {
            break;
        } else {
            c->gone = 1;
        }
    }
    if (c->out_at == c->out.len) {
        c->out.len = c->out_at = 0;
        c->gone |= c->leaving;
    }
    if (!c->gone && c->watches_out != (c->out.len > 0)) {
        c->watches_out = c->out.len > 0;
        watch(c, EPOLL_CTL_MOD);
    }
}

/* 0: nothing more is there now. */
static int read_some(struct client *c)
{
    ssize_t n;

    sink_reserve(&c->in, c->posting && c->in.cap < FIRST_CAP ? FIRST_CAP : 64 << 10);
    if (c->ssl != NULL) {
        n = SSL_read(c->ssl, c->in.ptr + c->in.len, (int)(c->in.cap - c->in.len));
        if (n <= 0) {
            c->gone |= SSL_get_error(c->ssl, (int)n) != SSL_ERROR_WANT_READ;
            return 0;
        }
    } else {
        n = recv(c->fd, c->in.ptr + c->in.len, c->in.cap - c->in.len, 0);
        if (n <= 0) {
            c->gone |= n == 0 || errno != EAGAIN;
            return 0;
        }
    }
    c->in.len += (size_t)n;
    sink_take(c);
    return 1;
}

static void forget(struct client *c)
{
    struct client **at = &sink.due_first, *before = NULL;

    while (*at != NULL && *at != c) {
        before = *at;
        at = &(*at)->next_due;
    }
    if (*at == c) {
        *at = c->next_due;
        if (sink.due_last == c) {
            sink.due_last = before;
        }
    }
    close(c->fd);
    SSL_free(c->ssl);
    free(c->in.ptr);
    free(c->out.ptr);
    free(c);
}

static void shake_hands(struct client *c)
{
    int result = SSL_accept(c->ssl);
    int why = result == 1 ? 0 : SSL_get_error(c->ssl, result);

    if (result == 1) {
        c->shaking = 0;
        sink_say(c, "200 Ready");
    } else if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        c->gone = 1;
    }
}

static void serve(struct client *c)
{
    ERR_clear_error();
    if (c->shaking) {
        shake_hands(c);
    }
    /* TLS keeps bytes that epoll does not show: read it empty */
    for (int i = 0; !c->shaking && !c->gone && (c->ssl != NULL || i < READS_A_TURN); i++) {
        if (!read_some(c)) {
            break;
        }
    }
    if (!c->shaking) {
        flush(c);
    }
    if (c->gone) {
        forget(c);
    }
}

static void welcome(void)
{
    int fd = accept4(sink.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct client *c = fd < 0 ? NULL : calloc(1, sizeof(*c));
    int one = 1;

    if (c == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    c->fd = fd;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    watch(c, EPOLL_CTL_ADD);
    if (sink.tls != NULL) {
        c->ssl = SSL_new(sink.tls);
        SSL_set_fd(c->ssl, fd);
        c->shaking = 1;
        return; /* NOLINT(clang-analyzer-unix.Malloc): epoll holds it */
    }
    sink_say(c, "200 Ready");
    flush(c);
    if (c->gone) {
        forget(c);
    }
}

/* Answer what is due; the time until the next, -1: nothing waits. */
static int answer_due(void)
{
    while (sink.due_first != NULL) {
        struct client *c = sink.due_first;
        int64_t left = c->answer_at - sink_now_ms();

        if (left > 0) {
            return (int)left;
        }
        sink.due_first = c->next_due;
        if (sink.due_first == NULL) {
            sink.due_last = NULL;
        }
        c->next_due = NULL;
        sink_say(c, "240 Article received");
        flush(c);
        if (c->gone) {
            forget(c);
        }
    }
    return -1;
}

static double cpu_used(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void report(void)
{
    if (sink.hash) {
        sink_hash_report();
    }
    (void)printf("articles=%llu bytes=%llu stats=%llu bodies=%llu misses=%llu cpu=%.2f\n",
        (unsigned long long)sink.articles, (unsigned long long)sink.bytes,
        (unsigned long long)sink.stats, (unsigned long long)sink.bodies,
        (unsigned long long)sink.misses, cpu_used() - sink.cpu_before);
    (void)fflush(stdout);
}

static uint16_t listen_on(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &sink.listener};
    int one = 1;

    at.sin_port = htons(port);
    sink.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)setsockopt(sink.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(sink.listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        listen(sink.listener, 511) != 0 ||
        getsockname(sink.listener, (struct sockaddr *)&at, &len) != 0 ||
        epoll_ctl(sink.epoll, EPOLL_CTL_ADD, sink.listener, &event) != 0) {
        sink_die("listen");
    }
    return ntohs(at.sin_port);
}

static void catch_signals(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &sink.signals};
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sink.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (sink.signals < 0 || epoll_ctl(sink.epoll, EPOLL_CTL_ADD, sink.signals, &event) != 0) {
        sink_die("signalfd");
    }
}

static void load_tls(const char *cert, const char *key)
{
    sink.tls = SSL_CTX_new(TLS_server_method());
    if (sink.tls == NULL || SSL_CTX_use_certificate_chain_file(sink.tls, cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(sink.tls, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    SSL_CTX_set_mode(sink.tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(sink.tls, 1);
    SSL_CTX_set_default_read_buffer_len(sink.tls, 256 << 10);
}

static long number_of(const char *text, long most)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*text == '\0' || *end != '\0' || value < 0 || value > most) {
        (void)fprintf(stderr, "sink: not a number up to %ld: %s\n", most, text);
        exit(2);
    }
    return value;
}

static uint16_t read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"tls-cert", required_argument, NULL, 'c'},
        {"tls-key", required_argument, NULL, 'k'},
        {"delay", required_argument, NULL, 'd'},
        {"keep", required_argument, NULL, 'n'},
        {"hash", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *cert = NULL, *key = NULL;
    uint16_t port = 0;
    int o;

    sink.keep = 64;
    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (o == 'p') {
            port = (uint16_t)number_of(optarg, UINT16_MAX);
        } else if (o == 'c') {
            cert = optarg;
        } else if (o == 'k') {
            key = optarg;
        } else if (o == 'd') {
            sink.delay_ms = number_of(optarg, 60000);
        } else if (o == 'n') {
            sink.keep = (size_t)number_of(optarg, 100000);
        } else if (o == 'h') {
            sink.hash = 1;
            sink_hash_start();
        } else {
            exit(2);
        }
    }
    if (cert != NULL) {
        load_tls(cert, key == NULL ? cert : key);
    }
    return port;
}

/* Non-zero: the end. */
static int on_signal(void)
{
    struct signalfd_siginfo info;

    if (read(sink.signals, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return 0;
    }
    report();
    return info.ssi_signo != SIGUSR1;
}

/* A client that answer_due() forgot cannot be in `events`: it runs before the wait. */
int main(int argc, char **argv)
{
    uint16_t port = read_options(argc, argv);

    sink.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (sink.epoll < 0) {
        sink_die("start");
    }
    sink_prepare();
    sink.cpu_before = cpu_used();
    catch_signals();
    (void)printf("listening 127.0.0.1:%u\n", listen_on(port));
    (void)fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(sink.epoll, events, EVENTS, answer_due());

        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == &sink.listener) {
                welcome();
            } else if (events[i].data.ptr != &sink.signals) {
                serve(events[i].data.ptr);
            } else if (on_signal()) {
                return 0;
            }
        }
    }
}
