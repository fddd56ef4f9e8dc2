/* The share's keys and everything else that the steps of a publication have in common. */
#include "flow/publish/ctx.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "io/store/store_care.h"

void publish_ctx_text(struct publish_ctx *ctx, const char *text)
{
    if (text != NULL && text[0] != '\0' && ctx->text[0] == '\0') {
        strncpy(ctx->text, text, sizeof(ctx->text) - 1);
    }
}

static enum err derive(struct publish_ctx *ctx)
{
    uint8_t r[KEY_LEN];
    enum err err = seal_share_keys(ctx->sealer, ctx->share.write_seed, &ctx->keys);

    if (err == OK) {
        err = seal_read_public(ctx->sealer, ctx->share.link_secret, ctx->keys.fp, r);
    }
    if (err == OK) {
        err = seal_read_keys(ctx->sealer, r, &ctx->read);
    }
    bytes_wipe(r, sizeof(r));
    return err;
}

enum err publish_ctx_new(const struct publish_options *options, struct publish_ctx **ctx)
{
    struct publish_ctx *c = secret_new(sizeof(*c));
    struct store_care care = {0};
    enum err err;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->o = *options;
    c->pins = 1;
    err = store_share_get(options->store, options->share, &c->share);
    if (err == OK) {
        err = store_care_get(options->store, options->share, &care);
        c->renew = care.renew;
    }
    if (err == OK) {
        err = sealer_new(&c->sealer);
    }
    if (err == OK) {
        err = random_bytes(&c->sample, sizeof(c->sample));
    }
    if (err == OK) {
        err = derive(c);
    }
    if (err != OK) {
        publish_ctx_unpin(c);
        return err;
    }
    c->version = c->share.version + 1;
    *ctx = c;
    return OK;
}

void publish_ctx_pin(struct publish_ctx *ctx)
{
    ctx->pins++;
}

void publish_ctx_unpin(struct publish_ctx *ctx)
{
    if (--ctx->pins > 0) {
        return;
    }
    sealer_free(ctx->sealer);
    bytes_wipe(ctx, sizeof(*ctx));
    secret_free(ctx);
}
