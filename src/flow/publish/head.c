/* Building, looking for, and posting heads. */
#include "flow/publish/head.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "flow/publish/head_copy.h"
#include "flow/publish/heal.h"
#include "io/store/store_health.h"
#include "io/store/store_volume.h"

enum {
    HEAD_COPIES = 3,     /* a family */
    HEAD_COPIES_MIN = 2, /* a family: fewer that were read back are not "published" */
    HEAD_LOOKS = 8,      /* looked for at a time */
};

static const int64_t NS_PER_SECOND = 1000000000;

/* Up to six copies, or a number of looks, under way. */
struct head_step {
    struct publish_ctx *ctx;
    publish_step_fn done;
    void *arg;
    struct buf payload; /* what is posted */
    struct buf today;   /* the same, alive today; empty: the payload says the day */
    bool resumed;       /* an earlier run may have posted copies */
    struct part {
        struct head_step *step;
        struct head_copy *copy;
        struct buf found; /* of a look */
        enum seal_family family;
        uint32_t slot; /* of a look */
    } parts[HEAD_LOOKS];
    uint32_t next_slot; /* of the looks */
    unsigned out;       /* parts under way */
    unsigned good[2];   /* copies read back, by family */
    enum err err;       /* the first failure */
};

/* --- making it -------------------------------------------------------------------------------- */

static enum err fill_numbers(const struct publish_ctx *ctx, struct head *head)
{
    enum err err;

    err = store_next_numbers(ctx->o.store, ctx->share.id, &head->next_volume, &head->next_folder);
    if (err == OK) {
        uint32_t mode;

        err = store_root_get(ctx->o.store, ctx->share.id, &mode, &head->root_mtime_ns);
        head->root_mode = (uint16_t)(mode & MODE_MASK);
    }
    return err;
}

/* Sign the payload as alive today. */
static enum err sign_today(struct publish_ctx *ctx, uint8_t *payload, struct head_tail *tail)
{
    uint8_t hash[KEY_LEN];
    enum err err = seal_head_hash(ctx->sealer, ctx->keys.ck, head_core(payload), hash);

    tail->alive_day = clock_utc_day();
    if (err == OK) {
        err = seal_sign_alive(&ctx->keys, hash, tail->alive_day, tail->alive_signature);
    }
    head_put_tail(payload, tail);
    return err;
}

static enum err sign(struct publish_ctx *ctx, uint8_t *payload, uint8_t hash[KEY_LEN])
{
    struct head_tail tail = {.alive_day = 0};
    struct bytes core = head_core(payload);
    enum err err = seal_head_hash(ctx->sealer, ctx->keys.ck, core, hash);

    if (err == OK) {
        err = seal_sign_head(&ctx->keys, core, tail.head_signature);
    }
    return err == OK ? sign_today(ctx, payload, &tail) : err;
}

enum err head_make(struct publish_ctx *ctx, const struct tree_result *tree)
{
    struct head head = {
        .n = ctx->version,
        .created = (uint64_t)(clock_wall_ns() / NS_PER_SECOND),
        .title = bytes_str(ctx->share.title),
        .files = tree->files,
        .directories = tree->directories,
        .symlinks = tree->symlinks,
        .others = tree->links,
        .bytes = tree->bytes,
        .articles = tree->articles,
        .root = STORE_ROOT_FOLDER,
        .tree = tree->tree,
        .volumes = tree->volumes,
        .older = tree->older,
        .metas = buf_view(&tree->metas),
        .inlined = buf_view(&tree->inlined),
    };
    struct store_version version = {.n = ctx->version};
    struct buf payload = {0};
    enum err err = buf_resize(&payload, HEAD_PAYLOAD_LEN);

    memcpy(head.spk, ctx->keys.spk, sizeof(head.spk));
    memcpy(head.ck, ctx->keys.ck, sizeof(head.ck));
    memcpy(head.prev, ctx->share.head_hash, sizeof(head.prev));
    if (err == OK) {
        err = fill_numbers(ctx, &head);
    }
    if (err == OK) {
        err = head_encode(&head, payload.ptr);
    }
    if (err == OK) {
        err = sign(ctx, payload.ptr, version.head_hash);
    }
    version.created = (int64_t)head.created;
    version.payload = buf_view(&payload);
    version.entries = tree->files + tree->directories + tree->symlinks + tree->links;
    version.bytes = tree->bytes;
    if (err == OK) {
        err = store_version_add(ctx->o.store, ctx->share.id, &version);
    }
    crash_point("head durable");
    buf_wipe(&payload);
    return err;
}

struct compare {
    const struct tree_result *tree;
    struct head now; /* title and top, as they would be */
    bool same;
};

static bool same_pointer(const struct pointer *a, const struct pointer *b)
{
    return a->length == b->length && (a->length == 0 || cid_equal(&a->hash, &b->hash));
}

static enum err compare_heads(void *arg, const struct store_version *version)
{
    struct compare *c = arg;
    struct head head;

    if (version->payload.len != HEAD_PAYLOAD_LEN ||
        head_decode(version->payload.ptr, &head) != OK) {
        return OK; /* its bytes were dropped, or are of another time: publish */
    }
    c->same = same_pointer(&head.tree, &c->tree->tree) &&
              same_pointer(&head.volumes, &c->tree->volumes) &&
              head.root_mode == c->now.root_mode && head.root_mtime_ns == c->now.root_mtime_ns &&
              bytes_equal(head.title, c->now.title);
    return OK;
}

bool head_would_repeat(const struct publish_ctx *ctx, const struct tree_result *tree)
{
    struct compare compare = {.tree = tree, .now = {.title = bytes_str(ctx->share.title)}};
    enum err err = ctx->share.version == 0 ? ERR_NO_ROW : fill_numbers(ctx, &compare.now);

    if (err == OK) {
        err = store_version_get(
            ctx->o.store, ctx->share.id, ctx->share.version, compare_heads, &compare);
    }
    return err == OK && compare.same;
}

/* --- steps in common -------------------------------------------------------------------------- */

static enum err step_new(
    struct publish_ctx *ctx, publish_step_fn done, void *arg, struct head_step **step)
{
    struct head_step *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->ctx = ctx;
    s->done = done;
    s->arg = arg;
    for (size_t i = 0; i < HEAD_LOOKS; i++) {
        s->parts[i].step = s;
    }
    *step = s;
    return OK;
}

void head_step_cancel(struct head_step *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < HEAD_LOOKS; i++) {
        head_copy_cancel(s->parts[i].copy);
        buf_wipe(&s->parts[i].found);
    }
    buf_wipe(&s->payload);
    buf_wipe(&s->today);
    free(s);
}

static void finish(struct head_step *s, enum err err)
{
    publish_step_fn done = s->done;
    void *arg = s->arg;

    head_step_cancel(s);
    done(arg, err);
}

/* --- is the number free? ---------------------------------------------------------------------- */

static void look_more(struct head_step *s);

/* Something at an address of this version opens with the share's keys: is it the owner's? */
static enum err judge(struct head_step *s, const uint8_t *payload)
{
    struct head head;
    struct head_tail tail;

    if (head_decode(payload, &head) != OK || head.n != s->ctx->version) {
        return OK; /* anybody with the link can put that there: it counts for nothing */
    }
    head_take_tail(payload, &tail);
    if (seal_check_head(s->ctx->keys.spk, head_core(payload), tail.head_signature) != OK) {
        return OK;
    }
    publish_ctx_text(s->ctx, "another computer that holds this share's write key has published the "
                             "next version; nothing was overwritten");
    return ERR_FORK;
}

static void on_looked(void *arg, enum err err)
{
    struct part *part = arg;
    struct head_step *s = part->step;

    part->copy = NULL;
    s->out--;
    if (err == OK || err_kind(err) == KIND_CORRUPT) {
        s->ctx->foreign |= UINT64_C(1) << part->slot;
    }
    if (err == OK) {
        err = judge(s, part->found.ptr);
    } else if (err == ERR_NO_ARTICLE || err_kind(err) == KIND_CORRUPT) {
        err = OK;
    }
    if (err != OK) {
        finish(s, err);
        return;
    }
    look_more(s);
}

static enum err look_at(struct head_step *s, struct part *part)
{
    struct head_place place = {{SEAL_BY_VERSION, s->ctx->version, s->next_slot}, NULL, false};
    enum err err = buf_resize(&part->found, HEAD_PAYLOAD_LEN);

    if (err == OK) {
        part->slot = s->next_slot;
        place.payload = part->found.ptr;
        err = head_look_start(s->ctx, &place, on_looked, part, &part->copy);
    }
    if (err == OK) {
        s->next_slot++;
        s->out++;
    }
    return err;
}

static void look_more(struct head_step *s)
{
    enum err err = OK;

    for (size_t i = 0; i < HEAD_LOOKS && err == OK && s->next_slot < SEAL_SLOT_COUNT; i++) {
        if (s->parts[i].copy == NULL) {
            err = look_at(s, &s->parts[i]);
        }
    }
    if (err != OK) {
        finish(s, err);
    } else if (s->out == 0) {
        finish(s, OK);
    }
}

enum err head_look_all(
    struct publish_ctx *ctx, publish_step_fn done, void *arg, struct head_step **step)
{
    struct head_step *s;
    enum err err = step_new(ctx, done, arg, &s);

    for (size_t i = 0; i < HEAD_LOOKS && err == OK; i++) {
        err = look_at(s, &s->parts[i]);
        if (err != OK) {
            head_step_cancel(s);
        }
    }
    *step = err == OK ? s : NULL;
    return err;
}

/* --- posting it ------------------------------------------------------------------------------- */

static enum err keep_payload(void *arg, const struct store_version *version)
{
    struct head_step *s = arg;

    if (version->payload.len != HEAD_PAYLOAD_LEN) {
        return ERR_STORE_CORRUPT;
    }
    return buf_append(&s->payload, version->payload);
}

static enum err published(struct head_step *s)
{
    struct publish_ctx *ctx = s->ctx;
    enum err err;

    if (s->good[SEAL_BY_VERSION] < HEAD_COPIES_MIN || s->good[SEAL_BY_DAY] < HEAD_COPIES_MIN) {
        return s->err != OK ? s->err : ERR_ARTICLES_LOST;
    }
    crash_point("head out, not recorded");
    err = store_health_mend(ctx->o.store, ctx->share.id, STORE_HEALTH_HEAD, 0,
        2 * HEAD_COPIES - s->good[SEAL_BY_VERSION] - s->good[SEAL_BY_DAY]);
    if (err != OK || s->today.len > 0) { /* today: it was published before */
        return err;
    }
    err = heal_done(ctx->o.store, ctx->share.id, ctx->version);
    crash_point("healing recorded, volumes not live");
    if (err == OK) {
        err = store_volume_publish(ctx->o.store, ctx->share.id, ctx->version);
    }
    crash_point("volumes live, version not");
    if (err == OK) {
        err = store_version_published(ctx->o.store, ctx->share.id, ctx->version);
    }
    crash_point("version published");
    return err;
}

static void on_copy(void *arg, enum err err)
{
    struct part *part = arg;
    struct head_step *s = part->step;

    part->copy = NULL;
    s->out--;
    if (err == OK) {
        s->good[part->family]++;
    } else if (s->err == OK) {
        s->err = err;
    }
    progress_changed(&s->ctx->progress, &s->ctx->o.sink);
    if (s->out == 0) {
        finish(s, published(s));
    }
}

/* Did an earlier version go out on this day? Then its copies lie in the day's places. */
static bool published_on(const struct publish_ctx *ctx, uint32_t day)
{
    return ctx->share.version > 0 && ctx->share.published / ((int64_t)24 * 60 * 60) == (int64_t)day;
}

static enum err post_copies(struct head_step *s)
{
    uint8_t *day = s->today.len > 0 ? s->today.ptr : s->payload.ptr;
    struct head_tail tail;
    enum err err = OK;

    head_take_tail(day, &tail);
    for (uint32_t i = 0; i < 2 * HEAD_COPIES && err == OK; i++) {
        struct part *part = &s->parts[i];
        struct head_place place = {
            {SEAL_BY_VERSION, s->ctx->version, i}, s->payload.ptr, s->resumed};

        if (i >= HEAD_COPIES) {
            place.slot = (struct seal_slot){SEAL_BY_DAY, tail.alive_day, i - HEAD_COPIES};
            place.payload = day;
            place.asked = s->resumed || published_on(s->ctx, tail.alive_day);
        }
        part->family = place.slot.family;
        err = head_copy_start(s->ctx, &place, on_copy, part, &part->copy);
        s->out += err == OK;
    }
    return err;
}

enum err head_publish(struct publish_ctx *ctx, enum head_origin origin, publish_step_fn done,
    void *arg, struct head_step **step)
{
    struct head_step *s;
    enum err err = step_new(ctx, done, arg, &s);

    if (err != OK) {
        return err;
    }
    s->resumed = origin == HEAD_OF_EARLIER_RUN;
    err = store_version_get(ctx->o.store, ctx->share.id, ctx->version, keep_payload, s);
    if (err == OK) {
        err = post_copies(s);
    }
    if (err != OK) {
        head_step_cancel(s);
        return err;
    }
    *step = s;
    return OK;
}

enum err head_keep(
    struct publish_ctx *ctx, publish_step_fn done, void *arg, struct head_step **step)
{
    struct head_step *s;
    struct head_tail tail;
    enum err err = step_new(ctx, done, arg, &s);

    if (err != OK) {
        return err;
    }
    s->resumed = true;
    err = store_version_get(ctx->o.store, ctx->share.id, ctx->version, keep_payload, s);
    if (err == OK) {
        err = buf_append(&s->today, buf_view(&s->payload));
    }
    if (err == OK) {
        head_take_tail(s->payload.ptr, &tail);
        err = sign_today(ctx, s->today.ptr, &tail);
    }
    if (err == OK) {
        err = post_copies(s);
    }
    if (err != OK) {
        head_step_cancel(s);
        return err;
    }
    *step = s;
    return OK;
}
