/* The kept head is signed for today; head.c posts and reads it back. */
#include "flow/publish/alive.h"

#include <stdlib.h>

#include "flow/publish/head.h"

struct alive {
    struct publish_ctx *ctx;
    struct head_step *head;
    alive_done_fn done;
    void *arg;
};

static void alive_free(struct alive *a)
{
    head_step_cancel(a->head);
    publish_ctx_unpin(a->ctx);
    free(a);
}

void alive_cancel(struct alive *a)
{
    if (a != NULL) {
        alive_free(a);
    }
}

static void on_posted(void *arg, enum err err)
{
    struct alive *a = arg;
    struct publish_ctx *ctx = a->ctx;
    struct alive_result result = {ctx->version, (unsigned)ctx->articles, ctx->text};
    alive_done_fn done = a->done;
    void *owner = a->arg;

    a->head = NULL;
    publish_ctx_pin(ctx);
    alive_free(a);
    if (err == OK) {
        progress_enter(&ctx->progress, &ctx->o.sink, PROGRESS_DONE);
    }
    done(owner, err, &result);
    publish_ctx_unpin(ctx);
}

enum err alive_start(
    const struct publish_options *options, alive_done_fn done, void *arg, struct alive **alive)
{
    struct alive *a = calloc(1, sizeof(*a));
    enum err err;

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    a->done = done;
    a->arg = arg;
    err = publish_ctx_new(options, &a->ctx);
    if (err != OK) {
        free(a);
        return err;
    }
    a->ctx->version = a->ctx->share.version;
    progress_enter(&a->ctx->progress, &a->ctx->o.sink, PROGRESS_PUBLISH);
    err = head_keep(a->ctx, on_posted, a, &a->head);
    if (err != OK) {
        alive_free(a);
        return err;
    }
    *alive = a;
    return OK;
}
