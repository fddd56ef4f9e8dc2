/* The surroundings of a flow. */
#include "flow/restore/restore_ctx.h"

#include <stdio.h>

#include "flow/restore/open_errand.h"
#include "flow/restore/repairs.h"

static const char scratch_default[] = "/tmp";

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
    openings_init(&ctx->openings);
    err = sealer_new(&ctx->sealer);
    if (err == OK) {
        err = openers_new(&ctx->openers);
    }
    if (err == OK) {
        err = env->scratch.len > 0 ? buf_append(&ctx->scratch[1], env->scratch)
                                   : buf_append_str(&ctx->scratch[1], scratch_default);
    }
    if (err != OK) {
        return err;
    }
    ctx->env.scratch = (struct bytes){0}; /* the caller's */
    ctx->fetcher = fetcher_new(ctx);
    ctx->repairs = repairs_new(ctx);
    return ctx->fetcher == NULL || ctx->repairs == NULL ? ERR_NO_MEMORY : OK;
}

enum err restore_ctx_prefer(struct restore_ctx *ctx, struct bytes folder)
{
    ctx->scratch[0].len = 0;
    return buf_append(&ctx->scratch[0], folder);
}

void restore_ctx_clear(struct restore_ctx *ctx)
{
    if (ctx->wake == NULL) {
        return;
    }
    errands_forget(&ctx->errands);
    openings_clear(&ctx->openings);
    loop_unpost(ctx->env.loop, &ctx->task);
    repairs_free(ctx->repairs);
    ctx->repairs = NULL;
    fetcher_free(ctx->fetcher);
    ctx->fetcher = NULL;
    for (size_t i = 0; i < RESTORE_SCRATCH_FOLDERS; i++) {
        buf_clear(&ctx->scratch[i]);
    }
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
    if (err == ERR_DISK_FULL && text == NULL && repairs_blame(ctx->repairs)) {
        return;
    }
    if (ctx->err == OK) {
        ctx->err = err;
        (void)snprintf(ctx->text, sizeof(ctx->text), "%s", text == NULL ? "" : text);
    }
    restore_ctx_wake(ctx);
}

void restore_ctx_missing(struct restore_ctx *ctx, const struct news_result *result)
{
    if (result->unsure != OK && ctx->unsure == OK) {
        ctx->unsure = result->unsure;
        (void)snprintf(ctx->unsure_text, sizeof(ctx->unsure_text), "%s", result->text);
        progress_event(&ctx->env.sink, LOG_WARN,
            "a news server cannot be asked, so that others stand in for it: %s%s%s",
            err_text(result->unsure), result->text[0] != '\0' ? ": " : "", result->text);
    }
}

bool restore_ctx_lost(struct restore_ctx *ctx)
{
    if (ctx->unsure != OK) {
        restore_ctx_fail(ctx, ctx->unsure, ctx->unsure_text);
    }
    return ctx->unsure == OK;
}
