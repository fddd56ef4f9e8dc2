/* The surroundings of a flow. */
#include "flow/restore/restore_ctx.h"

#include <stdio.h>

enum err restore_ctx_init(
    struct restore_ctx *ctx, const struct restore_env *env, loop_fn wake, void *arg)
{
    enum err err;

    ctx->env = *env;
    if (ctx->env.window_bytes == 0) {
        ctx->env.window_bytes = RESTORE_WINDOW_DEFAULT;
    }
    ctx->wake = wake;
    ctx->arg = arg;
    errands_init(&ctx->errands, env->loop, env->workers);
    err = sealer_new(&ctx->sealer);
    if (err != OK) {
        return err;
    }
    return openers_new(&ctx->openers);
}

void restore_ctx_clear(struct restore_ctx *ctx)
{
    if (ctx->wake == NULL) {
        return;
    }
    errands_forget(&ctx->errands);
    loop_unpost(ctx->env.loop, &ctx->task);
    openers_drop(ctx->openers);
    ctx->openers = NULL;
    sealer_free(ctx->sealer);
    ctx->sealer = NULL;
}

void restore_ctx_wake(struct restore_ctx *ctx)
{
    if (!ctx->task.queued) {
        loop_post(ctx->env.loop, &ctx->task, ctx->wake, ctx->arg);
    }
}

void restore_ctx_fail(struct restore_ctx *ctx, enum err err, const char *text)
{
    if (ctx->err == OK) {
        ctx->err = err;
        (void)snprintf(ctx->text, sizeof(ctx->text), "%s", text == NULL ? "" : text);
    }
    restore_ctx_wake(ctx);
}
