/* Blocking sockets and threads: nothing here is shared with what is tested. */
#include "article_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
    struct article_server *server;
    int fd;
};

static void check(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

static struct server_article *find(struct article_server *s, const char *id)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->articles[i].id, id) == 0) {
            return &s->articles[i];
        }
    }
    return NULL;
}

static bool send_all(int fd, const void *data, size_t len)
{
    const uint8_t *at = data;

    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

        if (sent <= 0) {
            return false;
        }
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

static bool send_text(int fd, const char *text)
{
    return send_all(fd, text, strlen(text));
}

/* A copy of the article's body, damaged if it is its turn; NULL: there is none. */
static uint8_t *body_copy(struct article_server *s, const char *id, size_t *len)
{
    struct server_article *a;
    uint8_t *copy = NULL;

    pthread_mutex_lock(&s->lock);
    s->asked++;
    while (s->silent_at != 0 && s->asked >= s->silent_at && !s->closing) {
        pthread_cond_wait(&s->go, &s->lock);
    }
    a = find(s, id);
    if (a == NULL && s->conjure != NULL) {
        s->conjure(s->conjure_arg, id, &copy, len);
    }
    if (a != NULL && a->gone_from != 0 && a->asked + 1 >= a->gone_from) {
        a = NULL;
    }
    if (a != NULL) {
        copy = malloc(a->len);
        check(copy != NULL, "malloc");
        memcpy(copy, a->body, a->len);
        *len = a->len;
        if (a->asked++ < a->bad_first) {
            copy[a->len / 2] = copy[a->len / 2] == 'a' ? 'b' : 'a';
        }
    }
    pthread_mutex_unlock(&s->lock);
    return copy;
}

static bool answer_body(struct article_server *s, int fd, const char *id)
{
    size_t len = 0;
    uint8_t *body = body_copy(s, id, &len);
    bool ok;

    if (body == NULL) {
        return send_text(fd, "430 no such article\r\n");
    }
    ok = send_text(fd, "222 0 <x> body\r\n") && send_all(fd, body, len) && send_text(fd, ".\r\n");
    free(body);
    return ok;
}

static bool answer(struct article_server *s, int fd, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (strncmp(line, "BODY ", 5) == 0) {
        return answer_body(s, fd, line + 5);
    }
    if (strcmp(line, "CAPABILITIES") == 0) {
        return send_text(fd, "101 here\r\nVERSION 2\r\nREADER\r\n.\r\n");
    }
    if (strcmp(line, "MODE READER") == 0) {
        return send_text(fd, "200 ok\r\n");
    }
    if (strncmp(line, "GROUP ", 6) == 0) {
        return send_text(fd, "211 0 0 0 group\r\n");
    }
    if (strcmp(line, "QUIT") == 0) {
        (void)send_text(fd, "205 bye\r\n");
        return false;
    }
    return send_text(fd, "500 what?\r\n");
}

static void *serve(void *arg)
{
    struct connection *c = arg;
    FILE *in = fdopen(dup(c->fd), "r");
    char line[1024];

    check(in != NULL, "fdopen");
    if (send_text(c->fd, "200 hello\r\n")) {
        while (fgets(line, sizeof(line), in) != NULL && answer(c->server, c->fd, line)) {
        }
    }
    (void)shutdown(c->fd, SHUT_RDWR);
    fclose(in);
    free(c);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct article_server *s = arg;

    for (;;) {
        int fd = accept(s->listener, NULL, NULL);
        int on = 1;
        struct connection *c;

        if (fd < 0) {
            return NULL;
        }
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        pthread_mutex_lock(&s->lock);
        if (s->closing || s->connections == SERVER_CONNECTIONS_MAX) {
            pthread_mutex_unlock(&s->lock);
            close(fd);
            continue;
        }
        c = malloc(sizeof(*c));
        check(c != NULL, "malloc");
        *c = (struct connection){s, fd};
        s->sockets[s->connections] = fd;
        check(pthread_create(&s->threads[s->connections], NULL, serve, c) == 0, "thread");
        s->connections++;
        pthread_mutex_unlock(&s->lock);
    }
}

void server_start(struct article_server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    memset(s, 0, sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->go, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    check(s->listener >= 0, "socket");
    check(bind(s->listener, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
    check(listen(s->listener, 64) == 0, "listen");
    check(getsockname(s->listener, (struct sockaddr *)&address, &len) == 0, "getsockname");
    s->port = ntohs(address.sin_port);
    check(pthread_create(&s->thread, NULL, accept_all, s) == 0, "thread");
}

void server_stop(struct article_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_broadcast(&s->go);
    pthread_mutex_unlock(&s->lock);
    (void)shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
    for (size_t i = 0; i < s->connections; i++) {
        (void)shutdown(s->sockets[i], SHUT_RDWR);
        pthread_join(s->threads[i], NULL);
        close(s->sockets[i]);
    }
    for (size_t i = 0; i < s->count; i++) {
        free(s->articles[i].body);
    }
    free(s->articles);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->go);
}

void server_add(struct article_server *s, const char *id, const uint8_t *body, size_t len)
{
    struct server_article *a;

    pthread_mutex_lock(&s->lock);
    a = find(s, id);
    if (a == NULL) {
        s->articles = realloc(s->articles, (s->count + 1) * sizeof(*s->articles));
        check(s->articles != NULL, "realloc");
        a = &s->articles[s->count++];
        *a = (struct server_article){0};
        (void)snprintf(a->id, sizeof(a->id), "%s", id);
    }
    free(a->body);
    a->body = malloc(len);
    check(a->body != NULL, "malloc");
    memcpy(a->body, body, len);
    a->len = len;
    pthread_mutex_unlock(&s->lock);
}

bool server_remove(struct article_server *s, const char *id)
{
    struct server_article *a;

    pthread_mutex_lock(&s->lock);
    a = find(s, id);
    if (a != NULL) {
        free(a->body);
        *a = s->articles[--s->count];
    }
    pthread_mutex_unlock(&s->lock);
    return a != NULL;
}

void server_damage(struct article_server *s, const char *id, unsigned times)
{
    pthread_mutex_lock(&s->lock);
    check(find(s, id) != NULL, "no such article");
    find(s, id)->bad_first = times;
    pthread_mutex_unlock(&s->lock);
}

void server_vanish(struct article_server *s, const char *id, unsigned times)
{
    pthread_mutex_lock(&s->lock);
    check(find(s, id) != NULL, "no such article");
    find(s, id)->gone_from = times + 1;
    pthread_mutex_unlock(&s->lock);
}

void server_silence(struct article_server *s, size_t after)
{
    pthread_mutex_lock(&s->lock);
    s->silent_at = after == SERVER_NEVER ? 0 : s->asked + after + 1;
    pthread_cond_broadcast(&s->go);
    pthread_mutex_unlock(&s->lock);
}

void server_heal(struct article_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->asked = 0;
    for (size_t i = 0; i < s->count; i++) {
        s->articles[i].asked = 0;
        s->articles[i].bad_first = 0;
        s->articles[i].gone_from = 0;
    }
    pthread_mutex_unlock(&s->lock);
}

unsigned server_asked(struct article_server *s, const char *id)
{
    struct server_article *a;
    unsigned asked;

    pthread_mutex_lock(&s->lock);
    a = find(s, id);
    asked = a == NULL ? 0 : a->asked;
    pthread_mutex_unlock(&s->lock);
    return asked;
}
