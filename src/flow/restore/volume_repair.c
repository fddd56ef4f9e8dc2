/* The segments of a volume in repair: each comes once, and goes to whoever waits for it. */
#include "flow/restore/volume_repair.h"

#include <stdlib.h>

#include "flow/restore/open_errand.h"

static uint32_t data_count(const struct volume_repair *v)
{
    return v->volume->k;
}

static void fail(struct volume_repair *v, enum err err)
{
    restore_ctx_fail(v->repairs->ctx, err, NULL);
}

/* --- its life --- */

enum err volume_repair_new(
    struct repairs *t, struct volume_info *volume, struct volume_repair **out)
{
    struct volume_repair *v = calloc(1, sizeof(*v));
    size_t all = (size_t)volume->k + volume->m;

    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    list_init(&v->wants);
    list_init(&v->lent);
    list_init(&v->jobs);
    list_init(&v->node);
    v->repairs = t;
    v->segs = calloc(all, sizeof(*v->segs));
    v->lost_list = calloc(volume->k, sizeof(*v->lost_list));
    v->places = calloc(volume->m, sizeof(*v->places));
    v->free_places = calloc(all, sizeof(*v->free_places));
    v->volume = volume_info_keep(volume);
    if (v->segs == NULL || v->lost_list == NULL || v->places == NULL || v->free_places == NULL) {
        volume_repair_free(v);
        return ERR_NO_MEMORY;
    }
    *out = v;
    return OK;
}

static void job_free(struct repair_job *job)
{
    list_remove(&job->node);
    if (job->fetch != NULL) {
        fetch_cancel(job->fetch);
        job->repair->fetches--;
    }
    free(job);
}

static void forget_wants(struct list *list)
{
    while (list_take(list) != NULL) {
    }
}

void volume_repair_free(struct volume_repair *v)
{
    LIST_EACH(node, after, &v->jobs)
    {
        job_free(LIST_ITEM(node, struct repair_job, node));
    }
    forget_wants(&v->wants);
    forget_wants(&v->lent);
    list_remove(&v->node);
    disk_scratch_drop(v->scratch);
    repair_math_drop(v->math);
    volume_info_drop(v->volume);
    free(v->segs);
    free(v->lost_list);
    free(v->places);
    free(v->free_places);
    free(v);
}

bool volume_repair_idle(const struct volume_repair *v)
{
    return list_empty(&v->wants) && list_empty(&v->jobs) && v->errands == 0;
}

/* --- what is known of a segment --- */

static void set_seg(struct volume_repair *v, uint32_t index, enum repair_seg seg)
{
    v->here += seg == SEG_HERE;
    v->here -= v->segs[index] == SEG_HERE;
    v->segs[index] = (uint8_t)seg;
}

static void lose_data(struct volume_repair *v)
{
    struct restore_ctx *ctx = v->repairs->ctx;

    if (v->repairs->met == NOTHING_LOST) {
        v->repairs->met = SOMETHING_LOST;
    }
    ctx->progress.segments_lost++;
    if (v->lost++ == 0 && v->made == 0) {
        progress_event(&ctx->env.sink, LOG_INFO,
            "volume %u: articles are lost; the others are fetched to make them again",
            v->volume->number);
    }
}

void volume_repair_lose(struct volume_repair *v, uint32_t index)
{
    set_seg(v, index, SEG_LOST);
    if (index < data_count(v)) {
        lose_data(v);
    } else {
        v->parity_lost++;
        v->free_places[v->free_count++] = v->places[index - data_count(v)];
    }
    repairs_wake(v->repairs);
}

static uint64_t offset_of(const struct volume_repair *v, uint32_t index)
{
    uint32_t place = index < data_count(v) ? index : v->places[index - data_count(v)];

    return (uint64_t)place * SEGMENT_LEN;
}

static struct repair_want *wanted(const struct volume_repair *v, uint32_t index)
{
    LIST_EACH(node, after, &v->wants)
    {
        struct repair_want *w = LIST_ITEM(node, struct repair_want, node);

        if (w->index == index) {
            return w;
        }
    }
    return NULL;
}

/* Give `payload`, borrowed, to those who wait for it. While it is nowhere else, it is lent. */
static void deliver(struct volume_repair *v, uint32_t index, struct held *payload)
{
    struct repair_want *w;

    while ((w = wanted(v, index)) != NULL) {
        list_remove(&w->node);
        if (v->segs[index] == SEG_UNKNOWN) {
            w->payload = payload;
            list_push(&v->lent, &w->node);
        }
        w->fn(w->arg, OK, held_keep(payload));
    }
}

void volume_repair_tell_lost(struct volume_repair *v)
{
    struct list lost;

    list_init(&lost);
    LIST_EACH(node, after, &v->wants)
    {
        struct repair_want *w = LIST_ITEM(node, struct repair_want, node);
        uint8_t seg = v->segs[w->index];

        if (seg == SEG_GONE || (seg == SEG_LOST && v->state == REPAIR_HOPELESS)) {
            list_remove(&w->node);
            list_push(&lost, &w->node);
        }
    }
    while (!list_empty(&lost)) {
        struct repair_want *w = LIST_ITEM(list_take(&lost), struct repair_want, node);

        w->fn(w->arg, ERR_ARTICLES_LOST, NULL);
    }
}

/* --- under way --- */

static struct repair_job *job_new(struct volume_repair *v, uint32_t index)
{
    struct repair_job *job = calloc(1, sizeof(*job));

    if (job != NULL) {
        job->repair = v;
        job->index = index;
        list_push(&v->jobs, &job->node);
    } else {
        fail(v, ERR_NO_MEMORY);
    }
    return job;
}

static void on_read(void *arg, enum err err, struct held *payload)
{
    struct repair_job *job = arg;
    struct volume_repair *v = job->repair;
    uint32_t index = job->index;

    job_free(job);
    if (err == OK) {
        deliver(v, index, payload);
        held_drop(payload);
    } else if (err_kind(err) == KIND_CORRUPT) {
        v->made -= v->segs[index] == SEG_MADE;
        v->gone++;
        set_seg(v, index, SEG_GONE);
        volume_repair_tell_lost(v);
    } else {
        fail(v, err);
    }
    repairs_wake(v->repairs);
}

/* Somebody waits for what is in the scratch file. */
static void read_start(struct volume_repair *v, uint32_t index)
{
    struct open_article article = {.keys = &v->volume->keys,
        .kind = SEAL_KIND_DATA,
        .scratch = v->scratch,
        .offset = offset_of(v, index)};
    struct seal_place place = {
        .cid = volume_cid_at(buf_view(&v->volume->cids), index), .index = index};
    struct repair_job *job = job_new(v, index);
    enum err err;

    if (job == NULL) {
        return;
    }
    article.place = &place;
    err = open_errand_start(v->repairs->ctx, &article, on_read, job);
    if (err != OK) {
        fail(v, err);
    }
}

void volume_repair_serve(struct volume_repair *v)
{
    LIST_EACH(node, after, &v->wants)
    {
        const struct repair_want *w = LIST_ITEM(node, struct repair_want, node);

        if (v->segs[w->index] == SEG_MADE) {
            read_start(v, w->index);
        }
    }
}

static void on_stored(void *arg, enum err err)
{
    struct repair_job *job = arg;
    struct volume_repair *v = job->repair;
    uint32_t index = job->index;

    job_free(job);
    if (err != OK) {
        fail(v, err);
        return;
    }
    set_seg(v, index, SEG_HERE);
    if (wanted(v, index) != NULL) {
        read_start(v, index);
    }
    repairs_wake(v->repairs);
}

/* What came without being kept goes into the scratch file by another way. */
static void store_start(struct volume_repair *v, uint32_t index, struct held *payload)
{
    struct seal_place place = {
        .cid = volume_cid_at(buf_view(&v->volume->cids), index), .index = index};
    struct repair_store store = {&v->volume->keys, &place, payload, v->scratch};
    struct repair_job *job = job_new(v, index);
    enum err err;

    if (job == NULL) {
        return;
    }
    set_seg(v, index, SEG_STORING);
    err = repair_store_start(v->repairs->ctx, &store, on_stored, job);
    if (err != OK) {
        fail(v, err);
    }
}

static void came(struct volume_repair *v, uint32_t index, const struct fetched *got)
{
    if (got->kept == FETCH_KEPT) {
        set_seg(v, index, SEG_HERE);
    } else {
        set_seg(v, index, SEG_UNKNOWN);
        if (v->holds == SCRATCH_WHOLE) {
            store_start(v, index, got->payload);
        }
    }
    if (got->payload != NULL) {
        deliver(v, index, got->payload);
        held_drop(got->payload);
    }
}

static void on_fetched(void *arg, const struct fetched *got)
{
    struct repair_job *job = arg;
    struct volume_repair *v = job->repair;
    uint32_t index = job->index;

    job->fetch = NULL;
    v->fetches--;
    job_free(job);
    if (got->err == OK) {
        came(v, index, got);
    } else {
        volume_repair_lose(v, index);
    }
    repairs_wake(v->repairs);
}

/* Where it goes, if there is a place for it. */
static void keep(struct volume_repair *v, struct repair_job *job)
{
    if (v->holds == SCRATCH_WHOLE) {
        fetch_keep(job->fetch, v->scratch, offset_of(v, job->index));
    }
}

bool volume_repair_fetch(struct volume_repair *v, uint32_t index)
{
    struct repair_job *job = job_new(v, index);
    struct fetch_want want = {v->volume, index, on_fetched, job};
    enum err err = OK;

    if (job == NULL) {
        return false;
    }
    err = fetch_start(v->repairs->ctx->fetcher, &want, &job->fetch);
    if (err != OK) {
        fail(v, err);
        return false;
    }
    v->fetches++;
    set_seg(v, index, SEG_COMING);
    keep(v, job);
    return true;
}

static void take_over(struct volume_repair *v, uint32_t index, struct fetch *fetch)
{
    struct repair_job *job = job_new(v, index);

    if (job == NULL) {
        fetch_cancel(fetch);
        return;
    }
    job->fetch = fetch;
    v->fetches++;
    set_seg(v, index, SEG_COMING);
    fetch_hand_over(fetch, on_fetched, job);
    keep(v, job);
}

void volume_repair_collect(struct volume_repair *v)
{
    struct list *node;

    LIST_EACH(at, after, &v->jobs)
    {
        struct repair_job *job = LIST_ITEM(at, struct repair_job, node);

        if (job->fetch != NULL) {
            keep(v, job);
        }
    }
    while ((node = list_take(&v->lent)) != NULL) {
        struct repair_want *w = LIST_ITEM(node, struct repair_want, node);

        if (v->segs[w->index] == SEG_UNKNOWN) {
            store_start(v, w->index, w->payload);
        }
    }
}

void volume_repair_go(struct volume_repair *v)
{
    LIST_EACH(node, after, &v->wants)
    {
        const struct repair_want *w = LIST_ITEM(node, struct repair_want, node);

        if (v->segs[w->index] == SEG_UNKNOWN && !volume_repair_fetch(v, w->index)) {
            return;
        }
    }
}

void volume_repair_stop(struct volume_repair *v)
{
    LIST_EACH(node, after, &v->jobs)
    {
        struct repair_job *job = LIST_ITEM(node, struct repair_job, node);

        if (job->fetch != NULL && wanted(v, job->index) == NULL) {
            set_seg(v, job->index, SEG_UNKNOWN);
            job_free(job);
        }
    }
}

/* --- the door --- */

void volume_repair_lend(struct volume_repair *v, struct repair_want *want)
{
    if (v->segs[want->index] != SEG_UNKNOWN) {
        return;
    }
    if (v->holds == SCRATCH_WHOLE) {
        store_start(v, want->index, want->payload);
    } else {
        list_push(&v->lent, &want->node);
    }
}

enum repair_answer volume_repair_want(
    struct volume_repair *v, struct repair_want *want, struct fetch *under_way)
{
    uint8_t seg = v->segs[want->index];

    if (seg == SEG_GONE || (seg == SEG_LOST && v->state == REPAIR_HOPELESS)) {
        fetch_cancel(under_way);
        return REPAIR_NEVER;
    }
    if (v->state == REPAIR_RESTING && v->repairs->met == SOMETHING_LOST) {
        v->state = REPAIR_WAITING;
    }
    list_push(&v->wants, &want->node);
    list_remove(&v->node);
    list_push(&v->repairs->volumes, &v->node);
    if (seg == SEG_UNKNOWN && under_way != NULL) {
        take_over(v, want->index, under_way);
    } else {
        fetch_cancel(under_way);
    }
    if (seg == SEG_HERE || seg == SEG_MADE) {
        read_start(v, want->index);
    }
    repairs_wake(v->repairs);
    return REPAIR_COMES;
}
