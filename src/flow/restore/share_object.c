/* Objects: cut out of meta segments, checked and unpacked on a worker, kept while there is room. */
#include <stdlib.h>
#include <string.h>

#include "codec/manifest/object.h"
#include "flow/restore/share_room.h"

/* An object that was opened, or could not be. */
struct share_kept {
    struct list node;
    struct cid hash;
    enum err err; /* of one that is damaged */
    struct buf plain;
};

/* An object that a worker has. */
struct share_opening {
    struct errand errand;
    struct share_reader *reader;
    struct list node;
    struct openers *openers;
    uint8_t ck[KEY_LEN];
    struct cid hash;
    struct buf stored;
    struct buf plain; /* out */
    enum err err;     /* out */
};

/* Free what was taken out of the list. */
static void kept_free(struct share_reader *r, struct share_kept *kept)
{
    r->object_count--;
    r->object_bytes -= kept->plain.cap;
    buf_clear(&kept->plain);
    free(kept);
}

void share_objects_clear(struct share_reader *r)
{
    struct list *node;

    while ((node = list_take(&r->objects)) != NULL) {
        kept_free(r, LIST_ITEM(node, struct share_kept, node));
    }
}

/* Keep what came out; takes over o->plain. */
static enum err keep(struct share_reader *r, struct share_opening *o)
{
    struct share_kept *kept = calloc(1, sizeof(*kept));

    if (kept == NULL) {
        return ERR_NO_MEMORY;
    }
    kept->hash = o->hash;
    kept->err = o->err;
    kept->plain = o->plain;
    o->plain = (struct buf){0};
    list_push(&r->objects, &kept->node);
    r->object_count++;
    r->object_bytes += kept->plain.cap;
    while (r->object_count > SHARE_OBJECTS_MAX ||
           (r->object_bytes > SHARE_OBJECT_BYTES_MAX && r->object_count > 1)) {
        kept_free(r, LIST_ITEM(list_take(&r->objects), struct share_kept, node));
    }
    return OK;
}

static void opening_run(struct errand *errand)
{
    struct share_opening *o = (struct share_opening *)(void *)errand;
    struct sealer *s = NULL;
    struct cid cid;

    o->err = openers_borrow(o->openers, &s);
    if (o->err != OK) {
        return;
    }
    o->err = seal_cid(s, o->ck, buf_view(&o->stored), &cid);
    openers_return(o->openers, s);
    if (o->err == OK && !cid_equal(&cid, &o->hash)) {
        o->err = ERR_BAD_SEAL;
    }
    if (o->err == OK) {
        o->err = object_unpack(buf_view(&o->stored), OBJECT_PLAIN_MAX, &o->plain);
    }
}

static void opening_clear(struct errand *errand)
{
    struct share_opening *o = (struct share_opening *)(void *)errand;

    openers_drop(o->openers);
    buf_clear(&o->stored);
    buf_clear(&o->plain);
    bytes_wipe(o->ck, sizeof(o->ck));
}

static void opening_done(struct errand *errand)
{
    struct share_opening *o = (struct share_opening *)(void *)errand;
    struct share_reader *r = o->reader;
    enum err err = OK;

    list_remove(&o->node);
    if (o->err != OK && err_kind(o->err) != KIND_CORRUPT && o->err != ERR_TOO_NEW) {
        err = o->err; /* says nothing about the object */
    } else {
        err = keep(r, o);
    }
    errand_free(errand);
    if (err != OK) {
        restore_ctx_fail(r->ctx, err, NULL);
    }
    restore_ctx_wake(r->ctx);
}

/* Let a worker check and unpack the bytes in *stored, which is taken over. */
static enum err open_start(struct share_reader *r, const struct pointer *p, struct buf *stored)
{
    struct share_opening *o = calloc(1, sizeof(*o));

    if (o == NULL) {
        buf_clear(stored);
        return ERR_NO_MEMORY;
    }
    o->errand = (struct errand){.run = opening_run, .done = opening_done, .clear = opening_clear};
    o->reader = r;
    o->openers = openers_keep(r->ctx->openers);
    memcpy(o->ck, r->head.ck, sizeof(o->ck));
    o->hash = p->hash;
    o->stored = *stored;
    *stored = (struct buf){0};
    list_push(&r->opening, &o->node);
    errand_submit(&r->ctx->errands, &o->errand);
    return OK;
}

/* An object being put together from its segments. */
struct cut {
    const struct pointer *at;
    struct volume_info *volume;
    struct buf stored;
};

/* Append the part that lies in segment at->segment + part. */
static enum answer append_part(
    struct share_reader *r, struct cut *cut, uint32_t part, enum err *err)
{
    struct arrival *a;
    enum answer answer = ANSWER_WAIT;
    size_t from = part == 0 ? cut->at->offset : 0;
    size_t left = cut->at->length - cut->stored.len;

    *err = arrivals_pin(r->metas, cut->volume, cut->at->segment + part, &a);
    if (*err != OK) {
        return ANSWER_FAILED;
    }
    if (a == NULL) {
        return ANSWER_WAIT;
    }
    if (arrival_state(a) == ARRIVAL_LOST) {
        *err = ERR_ARTICLES_LOST;
        answer = ANSWER_FAILED;
    } else if (arrival_state(a) == ARRIVAL_HERE) {
        if (left > PAYLOAD_LEN - from) {
            left = PAYLOAD_LEN - from;
        }
        *err = buf_append(&cut->stored, bytes_at(arrival_payload(a)->bytes + from, left));
        answer = *err == OK ? ANSWER_READY : ANSWER_FAILED;
    }
    arrival_unpin(a);
    return answer;
}

static enum answer append_segments(
    struct share_reader *r, struct cut *cut, enum share_scope scope, enum err *err)
{
    enum answer answer = share_meta_volume(r, cut->at->volume, scope, &cut->volume, err);

    for (uint32_t part = 0; answer == ANSWER_READY && cut->stored.len < cut->at->length; part++) {
        answer = append_part(r, cut, part, err);
    }
    volume_info_drop(cut->volume);
    return answer;
}

static enum answer append_inlined(struct share_reader *r, struct cut *cut, enum err *err)
{
    struct bytes inlined;

    *err = head_inlined_at(&r->head, cut->at->offset, cut->at->length, &inlined);
    if (*err == OK) {
        *err = buf_append(&cut->stored, inlined);
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* Is it kept, or with a worker? False: neither. */
static bool known(struct share_reader *r, const struct pointer *p, struct share_kept **kept)
{
    *kept = NULL;
    LIST_EACH(node, after, &r->objects)
    {
        struct share_kept *k = LIST_ITEM(node, struct share_kept, node);

        if (memcmp(k->hash.b, p->hash.b, sizeof(p->hash.b)) == 0) {
            list_remove(&k->node);
            list_push(&r->objects, &k->node);
            *kept = k;
            return true;
        }
    }
    LIST_EACH(node, after, &r->opening)
    {
        struct share_opening *o = LIST_ITEM(node, struct share_opening, node);

        if (memcmp(o->hash.b, p->hash.b, sizeof(p->hash.b)) == 0) {
            return true;
        }
    }
    return false;
}

enum answer share_object_in(
    struct share_reader *r, const struct share_want *want, struct bytes *plain, enum err *err)
{
    struct share_kept *kept;
    struct cut cut = {.at = want->at};
    enum answer answer;

    if (known(r, want->at, &kept)) {
        if (kept == NULL) {
            return ANSWER_WAIT;
        }
        *plain = buf_view(&kept->plain);
        *err = kept->err == OK && plain->len > want->max ? ERR_LIMIT : kept->err;
        return *err == OK ? ANSWER_READY : ANSWER_FAILED;
    }
    if (!pointer_valid(want->at)) {
        *err = ERR_BAD_FORMAT;
        return ANSWER_FAILED;
    }
    answer = want->at->volume == 0 ? append_inlined(r, &cut, err)
                                   : append_segments(r, &cut, want->scope, err);
    if (answer != ANSWER_READY) {
        buf_clear(&cut.stored);
        return answer;
    }
    *err = open_start(r, want->at, &cut.stored);
    return *err == OK ? ANSWER_WAIT : ANSWER_FAILED;
}

enum answer share_object(
    struct share_reader *r, const struct pointer *p, size_t max, struct bytes *plain, enum err *err)
{
    struct share_want want = {p, max, SHARE_ANYWHERE};

    return share_object_in(r, &want, plain, err);
}
