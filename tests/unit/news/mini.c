/* The scripted server: plays steps, or serves. */
#include "mini.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 1024 };

struct mini_conn {
    struct mini *mini;
    pthread_t thread;
    int fd;
    size_t number;
    char in[65536];
    size_t have, at;
    char *article;
    size_t article_len;
};

static void wrong(struct mini *mini, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void wrong(struct mini *mini, const char *format, ...)
{
    char text[sizeof mini->wrong];
    va_list args;

    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang 14 overlooks the va_start */
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pthread_mutex_lock(&mini->lock);
    if (mini->wrong[0] == '\0') {
        memcpy(mini->wrong, text, sizeof text);
    }
    pthread_mutex_unlock(&mini->lock);
}

static bool send_all(struct mini_conn *conn, const char *data, size_t len)
{
    size_t piece = conn->mini->piece;

    while (len > 0) {
        size_t part = piece > 0 && piece < len ? piece : len;
        ssize_t n = send(conn->fd, data, part, MSG_NOSIGNAL);

        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* A line of that many octets, until the client has enough of it. */
static bool send_long(struct mini_conn *conn, size_t len)
{
    char piece[1000];

    memset(piece, 'x', sizeof piece);
    for (; len > 0; len -= len < sizeof piece ? len : sizeof piece) {
        if (!send_all(conn, piece, len < sizeof piece ? len : sizeof piece)) {
            return false;
        }
    }
    return send_all(conn, "\r\n", 2);
}

static bool say(struct mini_conn *conn, const char *text)
{
    char line[LINE_MAX_LEN];
    int len = snprintf(line, sizeof line, "%s\r\n", text);

    return send_all(conn, line, (size_t)len);
}

static int byte(struct mini_conn *conn)
{
    if (conn->at == conn->have) {
        ssize_t n = recv(conn->fd, conn->in, sizeof conn->in, 0);

        if (n <= 0) {
            return -1;
        }
        conn->have = (size_t)n;
        conn->at = 0;
    }
    return (unsigned char)conn->in[conn->at++];
}

/* A line without CR LF; false: the client is gone. */
static bool take_line(struct mini_conn *conn, char line[LINE_MAX_LEN])
{
    size_t len = 0;
    int c;

    while ((c = byte(conn)) >= 0) {
        if (c == '\n') {
            line[len > 0 && line[len - 1] == '\r' ? len - 1 : len] = '\0';
            return true;
        }
        if (len < LINE_MAX_LEN - 1) {
            line[len++] = (char)c;
        }
    }
    line[len] = '\0';
    return false;
}

/* Read up to the lone dot (or `max` bytes) into conn->article. */
static bool take_article(struct mini_conn *conn, size_t max)
{
    enum { CAP = 4 << 20 };
    size_t len = 0;
    int c;

    if (conn->article == NULL) {
        conn->article = malloc(CAP);
    }
    while (len < CAP && len < max && (c = byte(conn)) >= 0) {
        conn->article[len++] = (char)c;
        if (len >= 5 && memcmp(conn->article + len - 5, "\r\n.\r\n", 5) == 0) {
            conn->article_len = len - 3;
            pthread_mutex_lock(&conn->mini->lock);
            conn->mini->posts_seen++;
            pthread_mutex_unlock(&conn->mini->lock);
            return true;
        }
    }
    return len == max;
}

static struct mini_article *find(struct mini *mini, const char *id)
{
    for (size_t i = 0; i < mini->article_count; i++) {
        if (strcmp(mini->articles[i].id, id) == 0) {
            return &mini->articles[i];
        }
    }
    return NULL;
}

bool mini_put(struct mini *mini, const char *id, const char *body, size_t len)
{
    bool fresh;

    pthread_mutex_lock(&mini->lock);
    fresh = find(mini, id) == NULL;
    if (fresh) {
        struct mini_article *article = &mini->articles[mini->article_count++];

        snprintf(article->id, sizeof article->id, "%s", id);
        article->body = malloc(len + 1);
        article->len = len;
        memcpy(article->body, body, len);
    }
    pthread_mutex_unlock(&mini->lock);
    return fresh;
}

/* Keep the article that was read; false: it is there already. Checks its head. */
static bool store(struct mini_conn *conn, char id[256])
{
    char *end = memmem(conn->article, conn->article_len, "\r\n\r\n", 4);
    char *at;

    id[0] = '\0';
    if (end == NULL) {
        wrong(conn->mini, "an article without a head");
        return false;
    }
    *end = '\0';
    at = strstr(conn->article, "Message-ID: ");
    if (at == NULL || strstr(conn->article, "From: ") == NULL ||
        strstr(conn->article, "Newsgroups: ") == NULL ||
        strstr(conn->article, "Subject: ") == NULL || strstr(conn->article, " +0000") == NULL) {
        wrong(conn->mini, "a head lacks a field: %s", conn->article);
        return false;
    }
    sscanf(at, "Message-ID: %255s", id);
    return mini_put(conn->mini, id, end + 4, conn->article_len - (size_t)(end + 4 - conn->article));
}

static void post(struct mini_conn *conn)
{
    char id[256];
    char line[LINE_MAX_LEN];

    say(conn, "340 send it");
    if (!take_article(conn, SIZE_MAX)) {
        return;
    }
    if (store(conn, id)) {
        snprintf(line, sizeof line, "240 %s received", id);
    } else {
        snprintf(line, sizeof line, "441 435 %s duplicate", id);
    }
    say(conn, line);
}

static void get(struct mini_conn *conn, const char *id, bool body)
{
    struct mini_article *article;
    char line[LINE_MAX_LEN];

    pthread_mutex_lock(&conn->mini->lock);
    article = find(conn->mini, id);
    pthread_mutex_unlock(&conn->mini->lock); /* articles are never taken away */
    if (article == NULL) {
        say(conn, "430 no such article");
        return;
    }
    snprintf(line, sizeof line, "%d 0 %.260s", body ? 222 : 223, id);
    say(conn, line);
    if (body) {
        send_all(conn, article->body, article->len);
        say(conn, ".");
    }
}

static void head(struct mini_conn *conn, const char *id)
{
    static const char text[] = "Path: x!y\r\nFrom: a\r\nMessage-ID: b\r\nX-Number: 7\r\n.";
    struct mini_article *article;

    pthread_mutex_lock(&conn->mini->lock);
    article = find(conn->mini, id);
    pthread_mutex_unlock(&conn->mini->lock);
    say(conn, article == NULL ? "430 no such article" : "221 0 head");
    if (article != NULL) {
        say(conn, text);
    }
}

static void serve(struct mini_conn *conn)
{
    char line[LINE_MAX_LEN];

    while (take_line(conn, line)) {
        if (strcmp(line, "POST") == 0) {
            post(conn);
        } else if (strncmp(line, "STAT ", 5) == 0) {
            get(conn, line + 5, false);
        } else if (strncmp(line, "BODY ", 5) == 0) {
            get(conn, line + 5, true);
        } else if (strncmp(line, "HEAD ", 5) == 0) {
            head(conn, line + 5);
        } else if (strncmp(line, "GROUP ", 6) == 0) {
            say(conn, "211 0 0 0 group");
        } else if (strcmp(line, "MODE READER") == 0) {
            say(conn, "200 ok");
        } else if (strncmp(line, "AUTHINFO USER ", 14) == 0) {
            say(conn, "381 more");
        } else if (strncmp(line, "AUTHINFO PASS ", 14) == 0) {
            say(conn, "281 welcome");
        } else if (strcmp(line, "DATE") == 0) {
            say(conn, "111 20260101000000");
        } else if (strcmp(line, "QUIT") == 0) {
            say(conn, "205 bye");
            return;
        } else {
            wrong(conn->mini, "an unknown command: %s", line);
            say(conn, "500 what?");
        }
    }
}

static bool expect(struct mini_conn *conn, const char *want)
{
    char line[LINE_MAX_LEN];

    if (!take_line(conn, line)) {
        return false; /* gone: the test's own checks say whether that was right */
    }
    if (strncmp(line, want, strlen(want)) != 0) {
        wrong(conn->mini, "connection %zu: wanted \"%s\", got \"%s\"", conn->number, want, line);
        return false;
    }
    return true;
}

static void reset(struct mini_conn *conn)
{
    struct linger linger = {1, 0};

    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* Play one step; false: the connection ends. */
static bool play_step(struct mini_conn *conn, const char *step)
{
    char id[256];

    if (strncmp(step, "> ", 2) == 0) {
        return say(conn, step + 2);
    }
    if (strncmp(step, "! ", 2) == 0) {
        return send_all(conn, step + 2, strlen(step + 2));
    }
    if (strncmp(step, "< ", 2) == 0) {
        return expect(conn, step + 2);
    }
    if (strcmp(step, "hello") == 0) {
        return say(conn, "200 mini") && expect(conn, "MODE READER") && say(conn, "200 mini");
    }
    if (strcmp(step, "article") == 0) {
        return take_article(conn, SIZE_MAX);
    }
    if (strncmp(step, "some ", 5) == 0) {
        return take_article(conn, strtoul(step + 5, NULL, 10));
    }
    if (strcmp(step, "store") == 0) {
        (void)store(conn, id);
        return true;
    }
    if (strncmp(step, "long ", 5) == 0) {
        return send_long(conn, strtoul(step + 5, NULL, 10));
    }
    if (strncmp(step, "pause ", 6) == 0) {
        usleep((useconds_t)strtoul(step + 6, NULL, 10) * 1000);
        return true;
    }
    if (strcmp(step, "stall") == 0) {
        while (byte(conn) >= 0) {
        }
        return false;
    }
    if (strcmp(step, "serve") == 0) {
        serve(conn);
        return false;
    }
    if (strcmp(step, "reset") == 0) {
        reset(conn);
        return false;
    }
    if (strcmp(step, "close") != 0) {
        wrong(conn->mini, "an unknown step: %s", step);
    }
    return false;
}

static void play(struct mini_conn *conn, const char *script)
{
    char step[LINE_MAX_LEN];

    while (*script != '\0') {
        size_t len = strcspn(script, "\n");

        snprintf(step, sizeof step, "%.*s", (int)len, script);
        script += len + (script[len] == '\n');
        if (!play_step(conn, step)) {
            return;
        }
    }
}

static void *conn_run(void *arg)
{
    struct mini_conn *conn = arg;
    struct mini *mini = conn->mini;
    size_t n = conn->number < mini->script_count ? conn->number : mini->script_count - 1;
    bool refused;

    pthread_mutex_lock(&mini->lock);
    refused = mini->refuse != NULL && mini->open >= mini->limit;
    mini->open += !refused;
    mini->most_open = mini->open > mini->most_open ? mini->open : mini->most_open;
    pthread_mutex_unlock(&mini->lock);
    if (refused) {
        say(conn, mini->refuse);
    } else {
        play(conn, mini->scripts[n]);
    }
    pthread_mutex_lock(&mini->lock);
    mini->open -= !refused;
    shutdown(conn->fd, SHUT_WR);
    close(conn->fd);
    conn->fd = -1;
    pthread_mutex_unlock(&mini->lock);
    return NULL;
}

static void *listen_run(void *arg)
{
    struct mini *mini = arg;
    int fd;

    while ((fd = accept(mini->listener, NULL, NULL)) >= 0) {
        struct mini_conn *conn = calloc(1, sizeof *conn);

        pthread_mutex_lock(&mini->lock);
        if (conn == NULL || mini->stopping || mini->conn_count == MINI_CONNS_MAX) {
            close(fd);
            free(conn);
        } else {
            conn->mini = mini;
            conn->fd = fd;
            conn->number = mini->conn_count;
            mini->conns[mini->conn_count++] = conn;
            pthread_create(&conn->thread, NULL, conn_run, conn);
        }
        pthread_mutex_unlock(&mini->lock);
    }
    return NULL;
}

void mini_start(struct mini *mini, const char *const *scripts, size_t count)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    mini->scripts = scripts;
    mini->script_count = count;
    pthread_mutex_init(&mini->lock, NULL);
    mini->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(mini->listener, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(mini->listener, 128) != 0 ||
        getsockname(mini->listener, (struct sockaddr *)&at, &len) != 0) {
        abort();
    }
    mini->port = ntohs(at.sin_port);
    pthread_create(&mini->thread, NULL, listen_run, mini);
}

void mini_stop(struct mini *mini)
{
    pthread_mutex_lock(&mini->lock);
    mini->stopping = true;
    pthread_mutex_unlock(&mini->lock);
    shutdown(mini->listener, SHUT_RDWR);
    pthread_join(mini->thread, NULL);
    close(mini->listener);
    pthread_mutex_lock(&mini->lock);
    for (size_t i = 0; i < mini->conn_count; i++) {
        if (mini->conns[i]->fd >= 0) {
            shutdown(mini->conns[i]->fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&mini->lock);
    for (size_t i = 0; i < mini->conn_count; i++) {
        pthread_join(mini->conns[i]->thread, NULL);
        free(mini->conns[i]->article);
        free(mini->conns[i]);
    }
    for (size_t i = 0; i < mini->article_count; i++) {
        free(mini->articles[i].body);
    }
    pthread_mutex_destroy(&mini->lock);
}

size_t mini_connected(struct mini *mini)
{
    size_t count;

    pthread_mutex_lock(&mini->lock);
    count = mini->conn_count;
    pthread_mutex_unlock(&mini->lock);
    return count;
}
