/* One thread, poll(2), a pair of sockets a client. */
#include "tap.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PAIRS_MAX = 32,
    BUFFER = 65536,
    ARTICLE_MAX = 2 << 20,
    POSTS_MAX = 4096,
    ID_LEN = 64,
    STORY_MAX = 16384
};

enum talk { LINES, ASKED, ARTICLE, SENT };

struct pair {
    int client, server;
    enum talk talk;
    char *article;
    size_t len;
    char held[BUFFER]; /* from the client, not passed on yet */
    size_t held_len;
};

struct post {
    char id[ID_LEN];
    uint64_t body;
    bool accepted;
};

struct tap {
    pthread_t thread;
    int listener;
    uint16_t port, target;
    atomic_int stop;
    atomic_uint posts_left, answers_left; /* before POST, or STAT, is held; UINT32_MAX: never */
    struct pair pairs[PAIRS_MAX];
    int count;
    pthread_mutex_t lock; /* guards what follows */
    struct post posts[POSTS_MAX];
    size_t post_count;
    unsigned stats, bodies, most;
    char story[STORY_MAX];
    size_t story_len;
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void take_client(struct tap *t)
{
    struct sockaddr_in address = loopback(t->target);
    int client = accept(t->listener, NULL, NULL);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char *article = malloc(ARTICLE_MAX);

    if (client < 0 || server < 0 || article == NULL || t->count == PAIRS_MAX ||
        connect(server, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(client);
        close(server);
        free(article);
        return;
    }
    t->pairs[t->count++] = (struct pair){.client = client, .server = server, .article = article};
    pthread_mutex_lock(&t->lock);
    t->most = (unsigned)t->count > t->most ? (unsigned)t->count : t->most;
    pthread_mutex_unlock(&t->lock);
}

static void drop_pair(struct tap *t, int i)
{
    close(t->pairs[i].client);
    close(t->pairs[i].server);
    free(t->pairs[i].article);
    t->count--;
    if (i < t->count) {
        t->pairs[i] = t->pairs[t->count];
    }
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

/* --- what goes by ----------------------------------------------------------------------------- */

static uint64_t hash_of(const char *data, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325ULL;

    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (uint8_t)data[i]) * 0x100000001b3ULL;
    }
    return hash;
}

/* With the lock. */
static void tell(struct tap *t, char letter)
{
    if (t->story_len == STORY_MAX) {
        abort();
    }
    t->story[t->story_len++] = letter;
}

static void note_post(struct tap *t, const struct pair *p, bool accepted)
{
    const char *id = memmem(p->article, p->len, "Message-ID: ", 12);
    const char *body = memmem(p->article, p->len, "\r\n\r\n", 4);
    struct post *post = &t->posts[t->post_count];

    if (id == NULL || body == NULL || t->post_count == POSTS_MAX) {
        abort();
    }
    pthread_mutex_lock(&t->lock);
    memset(post, 0, sizeof(*post));
    for (size_t i = 0; i + 1 < ID_LEN && id[12 + i] != '\r'; i++) {
        post->id[i] = id[12 + i];
    }
    post->body = hash_of(body, p->len - (size_t)(body - p->article));
    post->accepted = accepted;
    t->post_count++;
    if (accepted) {
        tell(t, 'P');
    }
    pthread_mutex_unlock(&t->lock);
}

static bool starts(const char *data, size_t len, const char *word)
{
    return len >= strlen(word) && memcmp(data, word, strlen(word)) == 0;
}

static void count_commands(struct tap *t, const char *data, size_t len)
{
    pthread_mutex_lock(&t->lock);
    for (const char *line = data; line != NULL && line < data + len;) {
        size_t left = (size_t)(data + len - line);

        bool stat = starts(line, left, "STAT "), body = starts(line, left, "BODY ");

        t->stats += stat;
        t->bodies += body;
        if (stat || body) {
            tell(t, stat ? 'S' : 'B');
        }
        line = memchr(line, '\n', left);
        line = line != NULL ? line + 1 : NULL;
    }
    pthread_mutex_unlock(&t->lock);
}

/* Must the client wait with this? */
static bool is_held(struct tap *t, const struct pair *p, const char *data, size_t len)
{
    if (p->talk != LINES) {
        return false;
    }
    if (starts(data, len, "STAT ") || starts(data, len, "BODY ")) {
        return atomic_load(&t->answers_left) == 0;
    }
    return starts(data, len, "POST") && atomic_load(&t->posts_left) == 0;
}

static void count_down(atomic_uint *left)
{
    unsigned now = atomic_load(left);

    if (now != UINT32_MAX && now > 0) {
        atomic_store(left, now - 1);
    }
}

static int from_client(struct tap *t, struct pair *p, const char *data, size_t len)
{
    if (is_held(t, p, data, len)) {
        memmove(p->held, data, len);
        p->held_len = len;
        return 0;
    }
    p->held_len = 0;
    if (p->talk == ARTICLE) {
        if (len > ARTICLE_MAX - p->len) {
            return -1;
        }
        memcpy(p->article + p->len, data, len);
        p->len += len;
        if (p->len >= 5 && memcmp(p->article + p->len - 5, "\r\n.\r\n", 5) == 0) {
            p->talk = SENT;
        }
    } else if (starts(data, len, "POST")) {
        p->talk = ASKED;
        count_down(&t->posts_left);
    } else {
        count_commands(t, data, len);
    }
    return send_all(p->server, data, len);
}

static int from_server(struct tap *t, struct pair *p, const char *data, size_t len)
{
    if (p->talk == ASKED && len > 3) {
        p->talk = starts(data, len, "340") ? ARTICLE : LINES;
        p->len = 0;
    } else if (p->talk == SENT && len > 3) {
        if (starts(data, len, "240")) {
            count_down(&t->answers_left);
        }
        note_post(t, p, starts(data, len, "240"));
        p->talk = LINES;
    }
    return send_all(p->client, data, len);
}

static int relay(struct tap *t, struct pair *p, bool server)
{
    char data[BUFFER];
    ssize_t n = recv(server ? p->server : p->client, data, sizeof(data), 0);

    if (n <= 0) {
        return -1;
    }
    return server ? from_server(t, p, data, (size_t)n) : from_client(t, p, data, (size_t)n);
}

static int serve_pair(struct tap *t, struct pair *p, const struct pollfd fds[2])
{
    int bad = 0;

    if (p->held_len > 0) {
        bad = from_client(t, p, p->held, p->held_len);
    } else if (fds[0].revents != 0) {
        bad = relay(t, p, false);
    }
    if (bad == 0 && fds[1].revents != 0) {
        bad = relay(t, p, true);
    }
    return bad;
}

static void *run(void *arg)
{
    struct tap *t = arg;

    while (!atomic_load(&t->stop)) {
        struct pollfd fds[1 + 2 * PAIRS_MAX] = {{.fd = t->listener, .events = POLLIN}};
        nfds_t count = (nfds_t)t->count;

        for (nfds_t i = 0; i < count; i++) {
            struct pair *p = &t->pairs[i];

            fds[1 + 2 * i] =
                (struct pollfd){.fd = p->client, .events = p->held_len > 0 ? POLLRDHUP : POLLIN};
            fds[2 + 2 * i] = (struct pollfd){.fd = p->server, .events = POLLIN};
        }
        (void)poll(fds, 1 + 2 * count, 5);
        for (int i = (int)count - 1; i >= 0; i--) {
            if ((fds[1 + 2 * i].revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0 ||
                serve_pair(t, &t->pairs[i], &fds[1 + 2 * i]) != 0) {
                drop_pair(t, i);
            }
        }
        if (fds[0].revents != 0) {
            take_client(t);
        }
    }
    return NULL;
}

/* --- for tests -------------------------------------------------------------------------------- */

struct tap *tap_start(uint16_t port)
{
    struct tap *t = calloc(1, sizeof(*t));
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof(address);

    if (t == NULL) {
        abort();
    }
    t->target = port;
    atomic_store(&t->posts_left, UINT32_MAX);
    atomic_store(&t->answers_left, UINT32_MAX);
    pthread_mutex_init(&t->lock, NULL);
    t->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(t->listener, (struct sockaddr *)&address, len) != 0 || listen(t->listener, 16) != 0 ||
        getsockname(t->listener, (struct sockaddr *)&address, &len) != 0 ||
        pthread_create(&t->thread, NULL, run, t) != 0) {
        abort();
    }
    t->port = ntohs(address.sin_port);
    return t;
}

uint16_t tap_port(const struct tap *t)
{
    return t->port;
}

void tap_hold_questions_after(struct tap *t, uint32_t count)
{
    atomic_store(&t->answers_left, count);
}

void tap_hold_posts_after(struct tap *t, uint32_t count)
{
    atomic_store(&t->posts_left, count);
}

struct tap_figures tap_figures(struct tap *t)
{
    struct tap_figures f = {0};

    pthread_mutex_lock(&t->lock);
    f.stats = t->stats;
    f.bodies = t->bodies;
    f.most = t->most;
    f.posts = (unsigned)t->post_count;
    for (size_t i = 0; i < t->post_count; i++) {
        bool accepted = false, other = false;

        for (size_t j = 0; j < i; j++) {
            if (strcmp(t->posts[i].id, t->posts[j].id) == 0) {
                accepted = accepted || t->posts[j].accepted;
                other = other || t->posts[j].body != t->posts[i].body;
            }
        }
        f.accepted += t->posts[i].accepted;
        f.again += accepted;
        f.two_bodies += other;
    }
    pthread_mutex_unlock(&t->lock);
    return f;
}

void tap_story(struct tap *t, char *out, size_t cap)
{
    size_t len;

    pthread_mutex_lock(&t->lock);
    len = t->story_len < cap ? t->story_len : cap - 1;
    memcpy(out, t->story, len);
    pthread_mutex_unlock(&t->lock);
    out[len] = '\0';
}

void tap_stop(struct tap *t)
{
    atomic_store(&t->stop, 1);
    pthread_join(t->thread, NULL);
    while (t->count > 0) {
        drop_pair(t, 0);
    }
    close(t->listener);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
