/* Sealing and opening a head takes a millisecond or two and there are six of them: it is done on
 * the loop's thread. */
#include "flow/publish/head_copy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/crash_point.h"
#include "base/random.h"
#include "codec/manifest/head.h"
#include "codec/yenc/yenc.h"
#include "io/store/store_head.h"

enum {
    COPY_SLOTS = 6,  /* so many slots are tried for one copy */
    COPY_STRIDE = 3, /* copies of a family: every third slot is one's own, or two were in one */
};

static const uint64_t default_waits_ms[PUBLISH_READ_BACKS_MAX] = {1000, 4000, 15000};

struct head_copy {
    struct publish_ctx *ctx;
    uint8_t *payload; /* what is posted, or where a look puts what it finds */
    struct seal_slot slot;
    publish_step_fn done;
    void *arg;
    uint32_t first; /* the slot it began with: 0, 1 or 2 */
    uint64_t tried; /* bit i: slot i need not be tried any more */
    unsigned slots_tried;
    unsigned reads; /* of this slot, that found nothing */
    bool posted;    /* false: what is read was there before */
    bool asked;     /* somebody looked what lies in this slot */
    struct loop_timer *timer;
    struct news_op *op;
    struct seal_names names;
    struct buf raw, article;
};

static void copy_free(struct head_copy *c)
{
    if (c->op != NULL) {
        news_cancel(c->op);
    }
    loop_timer_free(c->timer);
    buf_clear(&c->raw);
    buf_clear(&c->article);
    free(c);
}

void head_copy_cancel(struct head_copy *c)
{
    if (c != NULL) {
        copy_free(c);
    }
}

static void finish(struct head_copy *c, enum err err)
{
    publish_step_fn done = c->done;
    void *arg = c->arg;

    copy_free(c);
    done(arg, err);
}

/* The payload in a fetched body, into c->raw's front. */
static enum err open_body(struct head_copy *c, struct bytes body, uint8_t *payload)
{
    size_t len = 0;
    enum err err = buf_resize(&c->raw, SEGMENT_LEN);

    if (err == OK) {
        err = yenc_decode(body, c->raw.ptr, c->raw.len, &len);
    }
    if (err == OK && len != SEGMENT_LEN) {
        err = ERR_BAD_SEAL;
    }
    return err == OK ? seal_open_head(c->ctx->sealer, &c->ctx->read, &c->slot, c->raw.ptr, payload)
                     : err;
}

/* --- posting ---------------------------------------------------------------------------------- */

static void post_here(struct head_copy *c);

/* Move to another slot of this copy's that was not tried, at random; false: there is none. */
static bool move(struct head_copy *c, uint8_t random)
{
    enum { OWN_SLOTS = SEAL_SLOT_COUNT / COPY_STRIDE + 1 };

    for (uint32_t i = 0; i < OWN_SLOTS; i++) {
        uint32_t slot = c->first + COPY_STRIDE * ((random + i) % OWN_SLOTS);

        if (slot < SEAL_SLOT_COUNT && (c->tried & UINT64_C(1) << slot) == 0) {
            c->slot.slot = slot;
            return true;
        }
    }
    return false;
}

/* Somebody else's bytes everywhere: nobody without the link knows these places. */
static enum err explain(struct head_copy *c, enum err why)
{
    if (why != ERR_BAD_SEAL) {
        return why;
    }
    publish_ctx_text(c->ctx,
        "something else lies in the places of the next version's head, and only "
        "somebody who has the link could put it there");
    return ERR_SHARE_BLOCKED;
}

static void next_slot(struct head_copy *c, enum err why)
{
    uint8_t random;
    enum err err = random_bytes(&random, 1);

    c->slots_tried++;
    c->tried |= UINT64_C(1) << c->slot.slot;
    log_warn("publish", "a copy of the head goes to another slot family=%d slot=%u why=%s",
        (int)c->slot.family, c->slot.slot, err_name(why));
    if (err != OK || c->slots_tried == COPY_SLOTS || !move(c, random)) {
        finish(c, err != OK ? err : explain(c, why));
        return;
    }
    c->posted = false;
    c->asked = false;
    post_here(c);
}

/* Is it the owner's, and was it the newest on this place's day? Readers ask the same. */
static bool is_ours(struct head_copy *c, const uint8_t *payload)
{
    const struct publish_ctx *ctx = c->ctx;
    struct head_tail tail;
    uint8_t hash[KEY_LEN];

    head_take_tail(payload, &tail);
    return tail.alive_day == c->slot.number &&
           seal_head_hash(ctx->sealer, ctx->keys.ck, head_core(payload), hash) == OK &&
           seal_check_head(ctx->keys.spk, head_core(payload), tail.head_signature) == OK &&
           seal_check_alive(ctx->keys.spk, hash, tail.alive_day, tail.alive_signature) == OK;
}

/* An earlier version that went out on the same day: whoever finds it goes on to the next numbers
 * from there, so that the place serves as it is. */
static bool leads_here(struct head_copy *c, const uint8_t *payload)
{
    struct head ours, theirs;

    return c->slot.family == SEAL_BY_DAY && head_decode(payload, &theirs) == OK &&
           head_decode(c->payload, &ours) == OK && theirs.n < ours.n && is_ours(c, payload);
}

/* Does the fetched body serve as this copy? */
static bool serves(struct head_copy *c, struct bytes body)
{
    struct buf payload = {0};
    bool yes =
        buf_resize(&payload, HEAD_PAYLOAD_LEN) == OK && open_body(c, body, payload.ptr) == OK &&
        (memcmp(payload.ptr, c->payload, HEAD_PAYLOAD_LEN) == 0 || leads_here(c, payload.ptr));

    buf_clear(&payload);
    return yes;
}

/* How long until this slot is read again; 0: it was read often enough. */
static uint64_t read_again_ms(const struct head_copy *c)
{
    const uint64_t *own = c->ctx->o.read_back_ms;
    const uint64_t *waits = own[0] != 0 ? own : default_waits_ms;

    return c->reads < PUBLISH_READ_BACKS_MAX ? waits[c->reads] : 0;
}

static void on_read_back(void *arg, const struct news_result *r, struct buf *body)
{
    struct head_copy *c = arg;
    uint64_t wait;

    c->op = NULL;
    if (r->err == OK) {
        if (serves(c, buf_view(body))) {
            crash_point("head copy read back");
            finish(c, OK);
        } else {
            next_slot(c, ERR_BAD_SEAL);
        }
        return;
    }
    if (err_kind(r->err) == KIND_CORRUPT) {
        next_slot(c, ERR_BAD_SEAL);
        return;
    }
    if (r->err != ERR_NO_ARTICLE) {
        publish_ctx_text(c->ctx, r->text);
        finish(c, r->err);
        return;
    }
    if (!c->posted) {
        post_here(c);
        return;
    }
    wait = read_again_ms(c);
    if (wait == 0) {
        next_slot(c, ERR_ARTICLES_LOST);
        return;
    }
    c->reads++;
    loop_timer_set(c->timer, wait);
}

static void on_timer(void *arg)
{
    struct head_copy *c = arg;
    enum err err = news_fetch_start(c->ctx->o.news, &c->names.id, on_read_back, c, &c->op);

    c->asked = true;
    if (err != OK) {
        c->op = NULL;
        finish(c, err);
    }
}

/* Under another id a head would never be found. Where only capitals changed, reading it back by our
 * id tells whether it is. */
static bool is_renamed(const struct head_copy *c, const struct news_result *r)
{
    return r->err == OK && r->id_changed && strcasecmp(r->id.text, c->names.id.text) != 0;
}

static void on_posted(void *arg, const struct news_result *r)
{
    struct head_copy *c = arg;

    c->op = NULL;
    if (r->err == ERR_REJECTED || is_renamed(c, r)) {
        publish_ctx_text(c->ctx, r->err == OK ? "the server changes Message-IDs" : r->text);
        next_slot(c, ERR_REJECTED);
        return;
    }
    if (r->err != OK) {
        publish_ctx_text(c->ctx, r->text);
        finish(c, r->err);
        return;
    }
    crash_point("head copy posted");
    c->ctx->articles++;
    c->ctx->bytes_posted += c->article.len;
    c->ctx->progress.articles_posted++;
    c->ctx->progress.bytes_posted += c->article.len;
    c->reads = 0;
    c->posted = true;
    loop_timer_set(c->timer, 0);
}

static enum err make_article(struct head_copy *c)
{
    struct yenc_options yenc = {0};
    enum err err = buf_resize(&c->raw, SEGMENT_LEN);

    if (err == OK) {
        err = seal_head(c->ctx->sealer, &c->ctx->read, &c->slot, c->payload, c->raw.ptr);
    }
    if (err == OK) {
        err = seal_head_names(c->ctx->sealer, &c->ctx->read, &c->slot, &c->names);
    }
    yenc.name = bytes_str(c->names.file_name);
    c->article.len = 0;
    return err == OK ? yenc_encode(buf_view(&c->raw), &yenc, &c->article) : err;
}

/* The address of a day is the same for every version that goes out on it: where an earlier one was
 * sent, whatever became of it, no other bytes may follow. */
static enum err take_place(struct head_copy *c)
{
    const struct publish_ctx *ctx = c->ctx;

    if (c->slot.family != SEAL_BY_DAY) {
        return OK;
    }
    return store_head_take(ctx->o.store, &(struct store_head_place){ctx->share.id,
                                             (uint32_t)c->slot.number, c->slot.slot, ctx->version});
}

static enum err start_post(struct head_copy *c)
{
    struct news_article article;
    enum err err = take_place(c);

    if (err == OK) {
        err = make_article(c);
    }
    if (err == OK) {
        article = (struct news_article){
            .id = c->names.id,
            .from = c->names.from,
            .subject = c->names.subject,
            .body = buf_view(&c->article),
            .keep_id = true,
        };
        err = news_post_start(c->ctx->o.news, &article, on_posted, c, &c->op);
    }
    if (err != OK) {
        c->op = NULL;
    }
    return err;
}

/* See whether what lies in this slot serves. */
static enum err start_look(struct head_copy *c)
{
    enum err err = seal_head_names(c->ctx->sealer, &c->ctx->read, &c->slot, &c->names);

    loop_timer_set(c->timer, 0);
    return err;
}

static void post_here(struct head_copy *c)
{
    enum err err = start_post(c);

    if (err == ERR_EXISTS && c->asked) {
        next_slot(c, ERR_ARTICLES_LOST);
        return;
    }
    if (err == ERR_EXISTS) {
        err = start_look(c);
    }
    if (err != OK) {
        finish(c, err);
    }
}

/* --- starting --------------------------------------------------------------------------------- */

static enum err copy_new(struct publish_ctx *ctx, const struct head_place *place,
    publish_step_fn done, void *arg, struct head_copy **copy)
{
    struct head_copy *c = calloc(1, sizeof(*c));
    enum err err;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->ctx = ctx;
    c->slot = place->slot;
    c->payload = place->payload;
    c->first = c->slot.slot % COPY_STRIDE;
    c->done = done;
    c->arg = arg;
    err = loop_timer_new(ctx->o.loop, on_timer, c, &c->timer);
    if (err != OK) {
        free(c);
        return err;
    }
    *copy = c;
    return OK;
}

/* A look found something else in its slot: begin with another one, where there is one. */
static enum err avoid_foreign(struct head_copy *c)
{
    uint8_t random;
    enum err err = random_bytes(&random, 1);

    if (c->slot.family == SEAL_BY_VERSION) {
        c->tried = c->ctx->foreign;
    }
    if (err == OK && (c->tried & UINT64_C(1) << c->slot.slot) != 0) {
        (void)move(c, random);
    }
    return err;
}

enum err head_copy_start(struct publish_ctx *ctx, const struct head_place *place,
    publish_step_fn done, void *arg, struct head_copy **copy)
{
    struct head_copy *c;
    enum err err = copy_new(ctx, place, done, arg, &c);

    if (err != OK) {
        return err;
    }
    err = avoid_foreign(c);
    if (err == OK) {
        err = place->asked ? start_look(c) : start_post(c);
    }
    if (err == ERR_EXISTS) {
        err = start_look(c);
    }
    if (err != OK) {
        copy_free(c);
        return err;
    }
    *copy = c;
    return OK;
}

static void on_looked(void *arg, const struct news_result *r, struct buf *body)
{
    struct head_copy *c = arg;

    c->op = NULL;
    if (r->err != OK) {
        if (r->err != ERR_NO_ARTICLE) {
            publish_ctx_text(c->ctx, r->text);
        }
        finish(c, r->err);
        return;
    }
    finish(c, open_body(c, buf_view(body), c->payload));
}

enum err head_look_start(struct publish_ctx *ctx, const struct head_place *place,
    publish_step_fn done, void *arg, struct head_copy **copy)
{
    struct head_copy *c;
    enum err err = copy_new(ctx, place, done, arg, &c);

    if (err != OK) {
        return err;
    }
    err = seal_head_names(ctx->sealer, &ctx->read, &c->slot, &c->names);
    if (err == OK) {
        err = news_fetch_start(ctx->o.news, &c->names.id, on_looked, c, &c->op);
    }
    if (err != OK) {
        c->op = NULL;
        copy_free(c);
        return err;
    }
    *copy = c;
    return OK;
}
