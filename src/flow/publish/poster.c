/* Segments under way. Each sits in a slot of its own that keeps its buffers and its sealer for the
 * next one; a slot is in one pair of hands at a time: idle, with a worker, or with the news pool.
 */
#include "flow/publish/poster.h"

#include <malloc.h>
#include <stdlib.h>

#include "base/crash_point.h"
#include "codec/yenc/yenc.h"
#include "flow/publish/out_volume_loss.h"

enum {
    POSTER_SLOT_BYTES = SEGMENT_LEN + SEGMENT_LEN / 16, /* a payload, or the article made of it */
    POSTER_SLOTS_MIN = 4,
    POSTER_SLOTS_MAX = 512,
    POSTER_REFUSALS = 3,        /* a refused article is tried under so many other ids */
    POSTER_SPARE_BUFFERS = 384, /* a volume's batch and its parity */
    POSTER_SPARES_FEW = 64,
};

enum slot_state { SLOT_IDLE, SLOT_SEALING, SLOT_POSTING };

struct slot {
    struct list node; /* in idle or busy */
    struct poster *poster;
    enum slot_state state;
    struct out_volume *volume;
    enum seal_kind kind;
    struct volume_keys keys; /* the worker's copy */
    struct seal_place place;
    void *tag;
    struct buf payload; /* sealed in place; given back when the article is made */
    struct buf article;
    struct seal_names names;
    struct sealer *sealer;
    struct work_job job;
    struct news_op *op;
    enum err err;
    unsigned refused;
    uint32_t mask; /* the attempt whose mask the article wears */
    int known;     /* place.cid holds already */
};

struct poster {
    struct publish_ctx *ctx;
    struct poster_events events;
    void *arg;
    struct list idle, busy;
    size_t idle_count, busy_count;
    struct buf spare[POSTER_SPARE_BUFFERS];
    size_t spares;
    size_t ask_left; /* segments to ask for before they are sent */
    int cancelled;
    int failed;
};

static void slot_free(struct slot *s)
{
    list_remove(&s->node);
    buf_clear(&s->payload);
    buf_clear(&s->article);
    bytes_wipe(&s->keys, sizeof(s->keys));
    sealer_free(s->sealer);
    free(s);
}

static enum err slot_new(struct poster *p)
{
    struct slot *s = calloc(1, sizeof(*s));
    enum err err;

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->poster = p;
    list_push(&p->idle, &s->node);
    p->idle_count++;
    err = sealer_new(&s->sealer);
    if (err != OK) {
        p->idle_count--;
        slot_free(s);
    }
    return err;
}

/* How many there may be: the window may change at any time. */
static size_t slot_count(const struct publish_ctx *ctx)
{
    size_t window = ctx->o.window_bytes != 0 ? ctx->o.window_bytes : PUBLISH_WINDOW_DEFAULT;
    size_t slots = window / POSTER_SLOT_BYTES;

    if (slots < POSTER_SLOTS_MIN) {
        slots = POSTER_SLOTS_MIN;
    }
    return slots > POSTER_SLOTS_MAX ? POSTER_SLOTS_MAX : slots;
}

static void poster_free(struct poster *p)
{
    LIST_EACH(node, after, &p->idle)
    {
        slot_free(LIST_ITEM(node, struct slot, node));
    }
    for (size_t i = 0; i < p->spares; i++) {
        buf_clear(&p->spare[i]);
    }
    if (p->spares > POSTER_SPARES_FEW) {
        (void)malloc_trim(0); /* or a daemon at rest would keep all of it */
    }
    free(p);
}

enum err poster_new(
    struct publish_ctx *ctx, const struct poster_events *events, void *arg, struct poster **poster)
{
    struct poster *p = calloc(1, sizeof(*p));

    if (p == NULL) {
        return ERR_NO_MEMORY;
    }
    p->ctx = ctx;
    p->events = *events;
    p->arg = arg;
    list_init(&p->idle);
    list_init(&p->busy);
    *poster = p;
    return OK;
}

bool poster_has_room(const struct poster *p)
{
    return p->busy_count < slot_count(p->ctx) && !p->failed;
}

size_t poster_window(const struct poster *p)
{
    return slot_count(p->ctx);
}

void poster_ask_first(struct poster *p, size_t count)
{
    p->ask_left = count;
}

size_t poster_busy(const struct poster *p)
{
    return p->busy_count;
}

void poster_take_buffer(struct poster *p, struct buf *buffer)
{
    if (p->spares > 0) {
        *buffer = p->spare[--p->spares];
        buffer->len = 0;
    } else {
        *buffer = (struct buf){0};
    }
}

void poster_give_buffer(struct poster *p, struct buf *buffer)
{
    if (buffer->cap >= SEGMENT_LEN && p->spares < POSTER_SPARE_BUFFERS) {
        p->spare[p->spares++] = *buffer;
        *buffer = (struct buf){0};
    } else {
        buf_clear(buffer);
    }
}

/* The slot is idle again, and may be gone; the last one to come home after a cancel frees
 * everything. */
static void slot_idle(struct slot *s)
{
    struct poster *p = s->poster;

    s->state = SLOT_IDLE;
    s->tag = NULL;
    poster_give_buffer(p, &s->payload);
    list_remove(&s->node);
    list_push_front(&p->idle, &s->node); /* its buffers may be in the processor's cache still */
    p->idle_count++;
    p->busy_count--;
    if (!p->cancelled && p->idle_count + p->busy_count > slot_count(p->ctx)) {
        p->idle_count--; /* the window has become smaller */
        slot_free(s);
    }
    if (p->cancelled && p->busy_count == 0) {
        poster_free(p);
    }
}

static void fail(struct poster *p, enum err err)
{
    if (!p->failed && !p->cancelled) {
        p->failed = 1;
        p->events.failed(p->arg, err);
    }
}

/* --- on a worker ---------------------------------------------------------------------------- */

/* The payload becomes the sealed segment, in its own memory. */
static enum err seal_payload(struct slot *s)
{
    enum err err = buf_resize(&s->payload, SEGMENT_LEN);

    if (err != OK) {
        return err;
    }
    if (s->known) {
        return seal_segment_known(s->sealer, &s->keys, &s->place, s->payload.ptr, s->payload.ptr);
    }
    return seal_segment(s->sealer, &s->keys, &s->place, s->payload.ptr, s->payload.ptr);
}

/* The sealed segment comes back out of the refused article. */
static enum err take_back(struct slot *s)
{
    struct seal_place before = s->place;
    size_t len = 0;
    enum err err = buf_resize(&s->payload, SEGMENT_LEN);

    before.attempt = s->mask;
    if (err == OK) {
        err = yenc_decode(buf_view(&s->article), s->payload.ptr, SEGMENT_LEN, &len);
    }
    if (err == OK && seal_needs_mask(s->kind, s->mask)) {
        err = seal_mask(s->sealer, &s->keys, &before, s->payload.ptr);
    }
    return err;
}

/* What the article carries, before the mask. */
static enum err make_raw(struct slot *s)
{
    if (s->refused > 0) {
        return take_back(s);
    }
    return s->kind == SEAL_KIND_DATA ? seal_payload(s) : OK;
}

/* Does somebody get the sealed bytes? Once a segment. */
static bool wants_sealed(const struct slot *s)
{
    return s->kind == SEAL_KIND_DATA && s->refused == 0 && s->poster->events.sealed != NULL;
}

/* Where somebody wants it, `payload` holds the sealed segment afterwards, without a mask. */
static enum err make_article(struct slot *s)
{
    struct yenc_options yenc = {0};
    bool masked = seal_needs_mask(s->kind, s->place.attempt);
    enum err err = make_raw(s);

    if (err == OK && masked) {
        err = seal_mask(s->sealer, &s->keys, &s->place, s->payload.ptr);
    }
    if (err == OK) {
        err = seal_segment_names(s->sealer, &s->keys, &s->place, &s->names);
    }
    if (err != OK) {
        return err;
    }
    s->mask = s->place.attempt;
    yenc.name = bytes_str(s->names.file_name);
    s->article.len = 0;
    err = yenc_encode(buf_view(&s->payload), &yenc, &s->article);
    if (err == OK && masked && wants_sealed(s)) {
        err = seal_mask(s->sealer, &s->keys, &s->place, s->payload.ptr);
    }
    return err;
}

static void run_seal(void *arg)
{
    struct slot *s = arg;

    s->err = make_article(s);
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void start_seal(struct slot *s);

static void accept_slot(struct slot *s, const struct news_result *r)
{
    struct poster *p = s->poster;
    struct out_volume *volume = s->volume;
    uint32_t index = s->place.index;
    void *tag = s->tag;
    enum err err;

    crash_point("article accepted, not recorded");
    err = out_volume_accept(volume, index, &s->place.cid, r->id_changed ? &r->id : NULL);

    if (err != OK) {
        fail(p, err);
        return;
    }
    p->ctx->progress.articles_posted++;
    slot_idle(s);
    p->events.accepted(p->arg, volume, index, tag); /* may cancel the poster: nothing after it */
}

static void on_posted(void *arg, const struct news_result *r)
{
    struct slot *s = arg;
    struct poster *p = s->poster;

    s->op = NULL;
    if (r->err == OK) {
        p->ctx->articles++;
        p->ctx->bytes_posted += s->article.len;
        p->ctx->progress.bytes_posted += s->article.len;
        p->ctx->progress.retries += r->tries > 0 ? r->tries - 1 : 0;
        accept_slot(s, r);
        return;
    }
    publish_ctx_text(p->ctx, r->text);
    if (r->err == ERR_REJECTED && s->refused < POSTER_REFUSALS &&
        out_volume_next_attempt(s->volume, s->place.index) == OK) {
        p->ctx->text[0] = '\0';
        s->refused++;
        p->ctx->progress.retries++;
        s->place.attempt = s->volume->attempts[s->place.index];
        start_seal(s);
        return;
    }
    fail(p, r->err);
}

static void start_post(struct slot *s)
{
    struct poster *p = s->poster;
    struct news_article article = {
        .id = s->names.id,
        .from = s->names.from,
        .subject = s->names.subject,
        .body = buf_view(&s->article),
        .lane = (uintptr_t)p->ctx,
    };
    enum err err;

    s->state = SLOT_POSTING;
    err = news_post_start(p->ctx->o.news, &article, on_posted, s, &s->op);
    if (err != OK) {
        s->op = NULL;
        fail(p, err);
    }
}

/* It is there: an earlier run sent it, and hardly anybody else can know the id (under another
 * attempt than the first one it is opened before it counts as confirmed). Anything else: send it.
 */
static void on_asked(void *arg, const struct news_result *r)
{
    struct slot *s = arg;

    s->op = NULL;
    if (r->err == OK) {
        accept_slot(s, r);
    } else {
        start_post(s);
    }
}

static void start_ask(struct slot *s)
{
    s->state = SLOT_POSTING;
    if (news_stat_start(s->poster->ctx->o.news, &s->names.id, on_asked, s, &s->op) != OK) {
        s->op = NULL;
        start_post(s);
    }
}

/* Sealed: somebody may want the bytes. */
static void hand_on(struct slot *s)
{
    struct poster *p = s->poster;

    p->ctx->progress.bytes_sealed += s->kind == SEAL_KIND_DATA && s->refused == 0 ? SEGMENT_LEN : 0;
    if (wants_sealed(s)) {
        s->err = p->events.sealed(p->arg, s->volume, s->place.index, &s->payload);
    }
}

static void on_sealed(void *arg)
{
    struct slot *s = arg;
    struct poster *p = s->poster;

    if (p->cancelled) {
        slot_idle(s);
        return;
    }
    s->state = SLOT_POSTING; /* no worker has it any more */
    if (s->err == OK) {
        hand_on(s);
    }
    if (s->err != OK) {
        fail(p, s->err);
        return;
    }
    poster_give_buffer(p, &s->payload);
    if (s->kind == SEAL_KIND_PARITY && s->refused == 0 && p->events.masked != NULL) {
        p->events.masked(p->arg, s->volume);
    }
    if (p->ask_left > 0) {
        p->ask_left--;
        start_ask(s);
    } else {
        start_post(s);
    }
}

static void start_seal(struct slot *s)
{
    s->state = SLOT_SEALING;
    s->job.run = run_seal;
    s->job.done = on_sealed;
    s->job.arg = s;
    workers_submit(s->poster->ctx->o.workers, &s->job);
}

static bool can_send(const struct poster_segment *segment)
{
    if (segment->kind == SEAL_KIND_PARITY) {
        return segment->payload->len == SEGMENT_LEN && segment->cid != NULL;
    }
    return segment->payload->len == PAYLOAD_LEN;
}

enum err poster_send(struct poster *p, const struct poster_segment *segment)
{
    struct slot *s;
    enum err err = can_send(segment) && poster_has_room(p) ? OK : ERR_BUG;

    if (err == OK && list_empty(&p->idle)) {
        err = slot_new(p);
    }
    if (err != OK) {
        return err;
    }
    s = LIST_ITEM(list_take(&p->idle), struct slot, node);
    p->idle_count--;
    list_push(&p->busy, &s->node);
    p->busy_count++;
    s->volume = segment->volume;
    s->kind = segment->kind;
    s->keys = segment->volume->keys;
    s->place = (struct seal_place){
        .index = segment->index, .attempt = segment->volume->attempts[segment->index]};
    s->known = segment->cid != NULL;
    if (s->known) {
        s->place.cid = *segment->cid;
    }
    s->refused = 0;
    s->tag = segment->tag;
    s->payload = *segment->payload;
    *segment->payload = (struct buf){0};
    start_seal(s);
    return OK;
}

void poster_cancel(struct poster *p)
{
    if (p == NULL) {
        return;
    }
    p->cancelled = 1;
    p->busy_count++; /* ours, so that the poster lives through the loop */
    LIST_EACH(node, after, &p->busy)
    {
        struct slot *s = LIST_ITEM(node, struct slot, node);

        if (s->tag != NULL) {
            p->events.dropped(p->arg, s->tag);
            s->tag = NULL;
        }
        if (s->state == SLOT_POSTING) {
            if (s->op != NULL) {
                news_cancel(s->op);
                s->op = NULL;
            }
            slot_idle(s);
        } else if (s->state == SLOT_SEALING && workers_recall(&s->job)) {
            slot_idle(s);
        }
    }
    p->busy_count--;
    if (p->busy_count == 0) {
        poster_free(p);
    }
}
