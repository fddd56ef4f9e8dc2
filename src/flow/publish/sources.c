/* Files in the order of the catalogue, planned a batch at a time. One that changes while it is read
 * goes to the end of the queue; one that cannot be read leaves the version, and an event says so.
 */
#include "flow/publish/sources.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "io/store/store_entry.h"

enum {
    SOURCES_MAX = 65536,  /* files that are read but not safe yet */
    PLAN_BATCH = 512,     /* files asked for at a time ... */
    PLAN_LOW = 256,       /* ... when so few are left */
    LEFT_OUT_SHOWN = 500, /* bytes of the path of one */
};

enum err sources_init(
    struct sources *s, struct publish_ctx *ctx, void (*on_planned)(void *arg), void *arg)
{
    s->ctx = ctx;
    s->at.limit = PLAN_BATCH;
    s->on_planned = on_planned;
    s->arg = arg;
    list_init(&s->planned);
    list_init(&s->retry);
    list_init(&s->alive);
    return publish_paths_init(&s->paths, ctx);
}

static void free_all(struct list *head)
{
    struct list *node;

    while ((node = list_take(head)) != NULL) {
        source_free(LIST_ITEM(node, struct source, node));
    }
}

/* --- planning --------------------------------------------------------------------------------- */

/* One batch, in a worker's hands. */
struct sources_plan {
    struct work_job job;
    struct sources *sources; /* NULL: nobody waits for it any more */
    struct store *store;
    int64_t share;
    atomic_bool gone;       /* the same, for the worker */
    struct store_unsent at; /* in, out */
    struct list found;      /* out */
    size_t count;           /* out */
    enum err err;           /* out */
};

static enum err plan_one(void *arg, const struct store_entry *entry)
{
    struct sources_plan *plan = arg;
    struct source *source;
    enum err err = source_new(entry, &source);

    if (err == OK) {
        list_push(&plan->found, &source->node);
        plan->count++;
    }
    return err;
}

/* Where all was sent before there may be millions of files between two to send. */
static void plan_run(void *arg)
{
    struct sources_plan *plan = arg;

    while (plan->err == OK && plan->count == 0 && !plan->at.done && !atomic_load(&plan->gone)) {
        plan->err = store_entry_unsent(plan->store, plan->share, &plan->at, plan_one, plan);
    }
}

static void take_found(struct sources *s, struct sources_plan *plan)
{
    struct list *node;

    s->plan_err = plan->err;
    s->at = plan->at;
    s->count += plan->count;
    s->planned_count += plan->count;
    while ((node = list_take(&plan->found)) != NULL) {
        list_push(&s->planned, node);
    }
}

static void on_plan(void *arg)
{
    struct sources_plan *plan = arg;
    struct sources *s = plan->sources;

    if (s != NULL) {
        s->plan = NULL;
        if (!s->plan_void || plan->err != OK) {
            take_found(s, plan);
        }
        s->plan_void = false;
    }
    free_all(&plan->found);
    free(plan);
    if (s != NULL) {
        s->on_planned(s->arg);
    }
}

/* Ask for more in time. */
static enum err plan_more(struct sources *s)
{
    struct sources_plan *plan;

    if (s->plan != NULL || s->at.done || s->planned_count >= PLAN_LOW || s->count >= SOURCES_MAX) {
        return OK;
    }
    plan = calloc(1, sizeof(*plan));
    if (plan == NULL) {
        return ERR_NO_MEMORY;
    }
    plan->sources = s;
    plan->store = s->ctx->o.store;
    plan->share = s->ctx->share.id;
    plan->at = s->at;
    list_init(&plan->found);
    plan->job = (struct work_job){.run = plan_run, .done = on_plan, .arg = plan};
    s->plan = plan;
    workers_submit(s->ctx->o.workers, &plan->job);
    return OK;
}

static void plan_leave(struct sources *s)
{
    struct sources_plan *plan = s->plan;

    s->plan = NULL;
    if (plan == NULL) {
        return;
    }
    plan->sources = NULL;
    atomic_store(&plan->gone, true);
    if (workers_recall(&plan->job)) {
        on_plan(plan);
    }
}

void sources_clear(struct sources *s)
{
    plan_leave(s);
    free_all(&s->planned);
    free_all(&s->retry);
    free_all(&s->alive);
    publish_paths_clear(&s->paths);
}

/* Is the key behind what was planned so far? Then planning comes to it. */
static bool not_planned(const struct sources *s, const struct store_entry *entry)
{
    return entry->folder > s->at.folder ||
           (entry->folder == s->at.folder &&
               bytes_compare(entry->name, bytes_at(s->at.name, s->at.name_len)) > 0);
}

static enum err take_heir(void *arg, const struct store_entry *entry)
{
    struct sources *s = arg;
    struct source *source;
    enum err err;

    if (entry->sent) {
        return OK;
    }
    if (not_planned(s, entry)) {
        s->at.done = false;
        return OK;
    }
    err = source_new(entry, &source);
    if (err == OK) {
        list_push(&s->planned, &source->node);
        s->planned_count++;
        s->count++;
    }
    return err;
}

/* A file that was left out may have other names, which counted on this one: the first of them is to
 * be sent now. */
static enum err plan_heir(struct sources *s, const struct source *source)
{
    struct store_entry gone = {.device = source->stat.device, .inode = source->stat.inode};
    enum err err;

    if (source->stat.links <= 1) {
        return OK;
    }
    s->plan_void = s->plan != NULL; /* it may have looked before the name went */
    err = store_entry_first(s->ctx->o.store, s->ctx->share.id, &gone, take_heir, s);
    return err == ERR_NO_ROW ? OK : err;
}

/* What is safe of it is done, as long as that is more than was done of an earlier reading. */
static void count_safe(struct sources *s, struct source *source)
{
    uint64_t safe = source_safe_bytes(source);

    if (safe > source->counted) {
        s->ctx->progress.bytes_done += safe - source->counted;
        source->counted = safe;
    }
}

static enum err take_from(struct sources *s, struct list *head, struct source **next)
{
    struct list *node = list_take(head);
    enum err err;

    if (node == NULL) {
        *next = NULL;
        return OK;
    }
    *next = LIST_ITEM(node, struct source, node);
    list_push(&s->alive, node);
    err = source_begin(*next, s->ctx, &s->paths);
    count_safe(s, *next);
    return err;
}

enum err sources_next(struct sources *s, struct source **next)
{
    enum err err = s->plan_err;

    *next = NULL;
    if (err == OK) {
        err = plan_more(s);
    }
    if (err == OK) {
        err = take_from(s, &s->planned, next);
        s->planned_count -= *next != NULL;
    }
    return err;
}

enum err sources_next_changed(struct sources *s, struct source **next)
{
    return take_from(s, &s->retry, next);
}

static struct progress_file file_of(const struct source *source)
{
    const struct buf *path = source->open != NULL ? &source->open->path : &source->path;

    return (struct progress_file){buf_view(path->len > 0 ? path : &source->name),
        source_safe_bytes(source), source->stat.size};
}

/* Is it being read, or is it a large one whose blocks are still under way? */
static bool in_work(const struct source *source)
{
    return !source->dead && (source->open != NULL || source->blocks > 1);
}

void sources_open(const struct sources *sources, size_t limit, progress_file_fn each, void *arg)
{
    LIST_EACH(node, after, &sources->alive)
    {
        const struct source *source = LIST_ITEM(node, struct source, node);
        struct progress_file file = file_of(source);

        if (!in_work(source)) {
            continue;
        }
        if (limit-- == 0) {
            break;
        }
        each(arg, &file);
    }
}

bool sources_all_taken(const struct sources *s)
{
    return s->at.done && list_empty(&s->planned) && list_empty(&s->retry);
}

bool sources_full(const struct sources *s)
{
    return !s->at.done && list_empty(&s->planned) && s->count >= SOURCES_MAX;
}

/* --- the end of one --------------------------------------------------------------------------- */

/* Nothing of it is under way any more. */
static void gone(struct sources *s, struct source *source)
{
    source_free(source);
    s->count--;
}

/* By its path; of a very long one, the end. */
static void tell_left_out(const struct publish_ctx *ctx, const struct source *source, enum err why)
{
    struct bytes path = buf_view(&source->open->path);
    size_t cut = path.len > LEFT_OUT_SHOWN ? path.len - LEFT_OUT_SHOWN : 0;

    bytes_skip(&path, cut);
    progress_event(&ctx->o.sink, LOG_WARN, "left out: %s%.*s: %s", cut > 0 ? "..." : "",
        (int)path.len, (const char *)path.ptr, err_text(why));
}

static enum err leave_out(struct sources *s, struct source *source, enum err why)
{
    struct publish_ctx *ctx = s->ctx;
    enum err err;

    ctx->skipped++;
    ctx->progress.skipped++;
    tell_left_out(ctx, source, why);
    if (source->blocks > 1) {
        flush_wait(s->flush); /* pieces written behind the drop would outlive the entry */
    }
    err = store_entry_drop(ctx->o.store, ctx->share.id, source->folder, buf_view(&source->name));
    if (err == OK || err == ERR_NO_ROW) {
        err = plan_heir(s, source);
    }
    source_end(source);
    source->dead = 1;
    if (source->pins == 0) {
        gone(s, source);
    }
    return err;
}

/* What the file looks like now, by its path. */
static enum err look_again(const struct source_file *open, struct disk_stat *now)
{
    struct buf path = {0};
    enum err err = buf_append(&path, buf_view(&open->root));

    if (err == OK) {
        err = buf_append_byte(&path, '/');
    }
    if (err == OK) {
        err = buf_append(&path, buf_view(&open->path));
    }
    if (err == OK) {
        err = disk_stat_path(buf_view(&path), now);
    }
    buf_clear(&path);
    return err;
}

/* It changed while it was read: later once more, as it is then. */
static enum err try_again(struct sources *s, struct source *source)
{
    struct disk_stat now;
    enum err why = source->tries + 1 < SOURCE_TRIES ? look_again(source->open, &now) : ERR_CHANGED;
    enum err err = OK;

    if (why == OK && now.type != DISK_FILE) {
        why = ERR_CHANGED;
    }
    if (why != OK) {
        return leave_out(s, source, why);
    }
    if (source->blocks > 1) {
        flush_wait(s->flush); /* what it holds of the file goes, too */
        err = store_entry_unsend(
            s->ctx->o.store, s->ctx->share.id, source->folder, buf_view(&source->name));
    }
    source_restart(source, &now);
    s->ctx->progress.retries++;
    list_remove(&source->node);
    list_push(&s->retry, &source->node);
    return err;
}

/* It is all in accepted segments: the flush takes it over. */
static void sent(struct sources *s, struct source *source)
{
    s->count--;
    list_remove(&source->node);
    flush_add(s->flush, source);
}

enum err sources_read_out(struct sources *s, struct source *source)
{
    enum err why = source_error(source->open);

    if (why == ERR_CHANGED) {
        return try_again(s, source);
    }
    if (why != OK) {
        return leave_out(s, source, why);
    }
    source_end(source);
    source->read_done = 1;
    if (source_complete(source)) {
        sent(s, source);
    }
    return OK;
}

void sources_safe(struct sources *s, struct source *source)
{
    if (source->dead) {
        if (source->pins == 0) {
            gone(s, source);
        }
        return;
    }
    count_safe(s, source);
    if (source_complete(source)) {
        sent(s, source);
    } else if (source->blocks > 1) {
        flush_add(s->flush, source);
    }
}
