/* What io/net keeps once for each loop. */
#include "io/net/net_local.h"

#include <stdlib.h>
#include <string.h>

#include "io/net/net_stream.h"

static const char local_key;

struct client_context {
    struct list node;
    struct tls_context *context;
    struct stat file; /* the CA file as it was; zeroed for the system's */
    char ca_file[];   /* "" for the system's */
};

static void no_work(uv_idle_t *idle)
{
    (void)idle; /* it is there so that the loop does not sleep */
}

/* One round: what takes another turn meanwhile waits until the sockets were looked at. */
static void on_before_poll(uv_prepare_t *prepare)
{
    struct net_local *local = prepare->data;
    struct list round, *node;

    list_init(&round);
    while ((node = list_take(&local->turns)) != NULL) {
        list_push(&round, node);
    }
    while ((node = list_take(&round)) != NULL) {
        struct net_stream *stream = LIST_ITEM(node, struct net_stream, turn);

        stream->has_turn = 0;
        stream->ready(stream, 0);
    }
    if (list_empty(&local->turns)) {
        (void)uv_idle_stop(&local->no_sleep);
    } else {
        (void)uv_idle_start(&local->no_sleep, no_work);
    }
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct net_local *local = handle->data;

    if (--local->open_handles == 0) {
        free(local);
    }
}

static void context_free(struct client_context *c)
{
    list_remove(&c->node);
    tls_context_free(c->context);
    free(c);
}

static void local_free(struct loop_local *base)
{
    struct net_local *local = LIST_ITEM(base, struct net_local, local);
    struct list *node;

    while ((node = list_take(&local->finishing)) != NULL) {
        net_stream_free(LIST_ITEM(node, struct net_stream, finishing));
    }
    LIST_EACH(each, after, &local->contexts)
    {
        context_free(LIST_ITEM(each, struct client_context, node));
    }
    uv_close((uv_handle_t *)&local->before_poll, on_handle_closed);
    uv_close((uv_handle_t *)&local->no_sleep, on_handle_closed);
}

enum err net_local_get(struct loop *loop, struct net_local **out)
{
    struct loop_local *found = loop_local_get(loop, &local_key);
    struct net_local *local;

    if (found != NULL) {
        *out = LIST_ITEM(found, struct net_local, local);
        return OK;
    }
    local = malloc(sizeof(*local));
    if (local == NULL) {
        return ERR_NO_MEMORY;
    }
    memset(local, 0, offsetof(struct net_local, buffer));
    local->loop = loop;
    list_init(&local->turns);
    list_init(&local->finishing);
    list_init(&local->contexts);
    (void)uv_prepare_init(loop_uv(loop), &local->before_poll);
    (void)uv_idle_init(loop_uv(loop), &local->no_sleep);
    local->before_poll.data = local;
    local->no_sleep.data = local;
    local->open_handles = 2;
    (void)uv_prepare_start(&local->before_poll, on_before_poll);
    local->local.key = &local_key;
    local->local.free = local_free;
    loop_local_put(loop, &local->local);
    *out = local;
    return OK;
}

static int same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct client_context *find_context(
    struct net_local *local, const char *name, const struct stat *file)
{
    LIST_EACH(node, after, &local->contexts)
    {
        struct client_context *c = LIST_ITEM(node, struct client_context, node);

        if (strcmp(c->ca_file, name) == 0) {
            if (same_file(&c->file, file)) {
                return c;
            }
            context_free(c);
        }
    }
    return NULL;
}

enum err net_local_client_context(struct net_local *local, const char *ca_file,
    struct tls_context **context, struct net_fault *fault)
{
    const char *name = ca_file == NULL ? "" : ca_file;
    struct client_context *c;
    struct stat file = {0};
    enum err err;

    if (ca_file != NULL) {
        (void)stat(ca_file, &file); /* a missing one fails below, with its reason */
    }
    c = find_context(local, name, &file);
    if (c != NULL) {
        *context = c->context;
        return OK;
    }
    c = calloc(1, sizeof(*c) + strlen(name) + 1);
    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    err = tls_context_client(ca_file, &c->context, fault);
    if (err != OK) {
        free(c);
        return err;
    }
    c->file = file;
    memcpy(c->ca_file, name, strlen(name) + 1);
    list_push(&local->contexts, &c->node);
    *context = c->context;
    return OK;
}
