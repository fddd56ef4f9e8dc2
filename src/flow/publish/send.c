/* The pump. Blocks are read by workers in any order and packed in theirs; how far reading runs
 * ahead is bounded in bytes, in blocks and in files; how many segments are under way is the
 * poster's window. */
#include "flow/publish/send.h"

#include <stdlib.h>
#include <string.h>

#include "flow/publish/flush.h"

enum {
    SEND_BLOCKS = 64,            /* blocks being read or waiting for their turn */
    SEND_BLOCK_BYTES = 24 << 20, /* and their bytes */
    SEND_SOURCES_MAX = 65536,    /* files that are read but not safe yet */
    SEND_PLAN_BATCH = 256,       /* rows asked for at a time */
    SEND_FLUSH_MS = 250,
};

struct send {
    struct publish_ctx *ctx;
    publish_step_fn done;
    void *arg;
    struct publish_paths paths;
    struct poster *poster;
    struct packer *packer;
    struct flush *flush;
    struct loop_timer *timer;
    struct list planned;   /* sources to read */
    struct list retry;     /* sources that changed: once more, at the end */
    struct list alive;     /* being read, or read and not safe yet */
    struct source *active; /* of these: the one whose blocks are handed out now */
    uint64_t plan_folder;  /* the key behind which planning goes on */
    struct buf plan_name;
    int plan_done;
    size_t sources;                  /* in all three lists */
    struct list idle;                /* blocks */
    struct block *ring[SEND_BLOCKS]; /* by order % SEND_BLOCKS */
    uint64_t order_read, order_packed;
    size_t block_bytes;
    size_t blocks_out; /* with workers */
    int cancelled;
    int last_flush; /* everything is accepted: the flush under way is the last */
};

static void pump(struct send *s);

/* --- ending ----------------------------------------------------------------------------------- */

static void free_sources(struct list *head)
{
    struct list *node;

    while ((node = list_take(head)) != NULL) {
        source_free(LIST_ITEM(node, struct source, node));
    }
}

static void send_free(struct send *s)
{
    struct list *node;

    free_sources(&s->planned);
    free_sources(&s->retry);
    free_sources(&s->alive);
    while ((node = list_take(&s->idle)) != NULL) {
        block_free(LIST_ITEM(node, struct block, node));
    }
    publish_paths_clear(&s->paths);
    buf_clear(&s->plan_name);
    free(s);
}

/* Let go of everything but blocks that workers hold; the last of them frees the rest. */
static void stop(struct send *s)
{
    s->cancelled = 1;
    loop_timer_free(s->timer);
    s->timer = NULL;
    poster_cancel(s->poster);
    s->poster = NULL;
    flush_end(s->flush, s->packer);
    s->flush = NULL;
    packer_free(s->packer);
    s->packer = NULL;
    for (uint64_t i = s->order_packed; i < s->order_read; i++) {
        struct block *b = s->ring[i % SEND_BLOCKS];

        if (b->done) {
            list_push(&s->idle, &b->node);
        } else if (workers_recall(&b->job)) {
            s->blocks_out--;
            list_push(&s->idle, &b->node);
        }
    }
    if (s->blocks_out == 0) {
        send_free(s);
    }
}

static void finish(struct send *s, enum err err)
{
    publish_step_fn done = s->done;
    void *arg = s->arg;

    if (s->cancelled) {
        return;
    }
    stop(s);
    done(arg, err);
}

void send_cancel(struct send *s)
{
    if (s != NULL && !s->cancelled) {
        stop(s);
    }
}

/* --- planning --------------------------------------------------------------------------------- */

static enum err plan_one(void *arg, const struct store_entry *entry)
{
    struct send *s = arg;
    struct source *source;
    enum err err = source_new(entry, &source);

    if (err != OK) {
        return err;
    }
    list_push(&s->planned, &source->node);
    s->sources++;
    s->plan_done = 0;
    s->plan_folder = entry->folder;
    s->plan_name.len = 0;
    return buf_append(&s->plan_name, entry->name);
}

static enum err plan_more(struct send *s)
{
    struct buf after = s->plan_name; /* plan_one() writes the new key */
    enum err err;

    s->plan_name = (struct buf){0};
    s->plan_done = 1;
    err = store_entry_unsent(s->ctx->o.store, s->ctx->share.id, s->plan_folder, buf_view(&after),
        SEND_PLAN_BATCH, plan_one, s);
    buf_clear(&after);
    return err;
}

/* Set s->active to the next source to read; NULL when there is none for now. */
static enum err next_source(struct send *s)
{
    struct list *node;
    enum err err = OK;

    if (list_empty(&s->planned) && !s->plan_done && s->sources < SEND_SOURCES_MAX) {
        err = plan_more(s);
    }
    if (err != OK) {
        return err;
    }
    node = list_take(&s->planned);
    if (node == NULL && s->plan_done && s->order_packed == s->order_read) {
        node = list_take(&s->retry);
    }
    if (node == NULL) {
        return OK;
    }
    s->active = LIST_ITEM(node, struct source, node);
    list_push(&s->alive, &s->active->node);
    return source_begin(s->active, s->ctx, &s->paths);
}

/* --- the end of one source -------------------------------------------------------------------- */

/* Nothing of it is under way any more. */
static void source_gone(struct send *s, struct source *source)
{
    source_free(source);
    s->sources--;
}

static void skip_source(struct send *s, struct source *source, enum err why)
{
    struct publish_ctx *ctx = s->ctx;

    ctx->skipped++;
    ctx->progress.skipped++;
    progress_event(&ctx->o.sink, LOG_WARN, "left out: %.*s: %s", (int)source->name.len,
        (const char *)source->name.ptr, err_text(why));
    if (store_entry_drop(ctx->o.store, ctx->share.id, source->folder, buf_view(&source->name)) !=
        OK) {
        log_warn(
            "publish", "a skipped entry could not be dropped share=%lld", (long long)ctx->share.id);
    }
    source_end(source);
    source->dead = 1;
    if (source->pins == 0) {
        source_gone(s, source);
    }
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
static void retry_source(struct send *s, struct source *source)
{
    struct disk_stat now;
    enum err err = source->tries + 1 < SOURCE_TRIES ? look_again(source->open, &now) : ERR_CHANGED;

    if (err == OK && source->blocks > 1) {
        flush_wait(s->flush);
        err = store_entry_unsend(
            s->ctx->o.store, s->ctx->share.id, source->folder, buf_view(&source->name));
    }
    if (err == OK) {
        err = source_restart(source, &now);
    }
    if (err != OK) {
        skip_source(s, source, err);
        return;
    }
    s->ctx->progress.retries++;
    list_remove(&source->node);
    list_push(&s->retry, &source->node);
}

/* It is all in accepted segments: the flush takes it over. */
static void source_sent(struct send *s, struct source *source)
{
    s->sources--;
    list_remove(&source->node);
    flush_add(s->flush, source);
}

/* Every block of it was read and packed. */
static void source_read_out(struct send *s, struct source *source)
{
    enum err err = source->open->err;

    if (source == s->active) {
        s->active = NULL;
    }
    if (err == ERR_CHANGED) {
        retry_source(s, source);
        return;
    }
    if (err != OK) {
        skip_source(s, source, err);
        return;
    }
    source_end(source);
    source->read_done = 1;
    if (source_complete(source)) {
        source_sent(s, source);
    }
}

/* The packer: some bytes of `source` became safe, or a pin went. */
static void on_safe(void *arg, struct source *source)
{
    struct send *s = arg;

    if (source->dead) {
        if (source->pins == 0 && source->open == NULL) {
            source_gone(s, source);
        }
    } else if (source_complete(source)) {
        source_sent(s, source);
    } else if (source->blocks > 1) {
        flush_add(s->flush, source);
    }
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void on_block(void *arg)
{
    struct block *b = arg;
    struct send *s = b->owner;

    s->blocks_out--;
    if (s->cancelled) {
        list_push(&s->idle, &b->node);
        if (s->blocks_out == 0) {
            send_free(s);
        }
        return;
    }
    b->done = 1;
    if (b->err == OK) {
        s->ctx->progress.bytes_read += b->plain.len;
    }
    pump(s);
}

static enum err take_block_slot(struct send *s, struct block **block)
{
    struct list *node = list_take(&s->idle);

    if (node != NULL) {
        *block = LIST_ITEM(node, struct block, node);
        return OK;
    }
    return block_new(block);
}

static enum err read_block(struct send *s, struct source *source, uint64_t number)
{
    struct block *b;
    enum err err = take_block_slot(s, &b);

    if (err != OK) {
        return err;
    }
    if (b->plain.ptr == NULL) {
        poster_take_buffer(s->poster, &b->plain);
    }
    b->owner = s;
    b->source = source;
    b->open = source->open;
    b->number = number;
    b->done = 0;
    memcpy(b->ck, s->ctx->keys.ck, sizeof(b->ck));
    s->block_bytes += source_block_len(source, number);
    s->ring[s->order_read++ % SEND_BLOCKS] = b;
    s->blocks_out++;
    b->job = (struct work_job){.run = block_run, .done = on_block, .arg = b};
    workers_submit(s->ctx->o.workers, &b->job);
    return OK;
}

/* Hand out blocks while there is room for what they become. */
static enum err fill(struct send *s)
{
    while (s->order_read - s->order_packed < SEND_BLOCKS && s->block_bytes < SEND_BLOCK_BYTES) {
        uint64_t number;
        enum err err;

        if (s->active == NULL) {
            err = next_source(s);
            if (err != OK || s->active == NULL) {
                return err;
            }
        }
        if (source_take_block(s->active, &number) == OK) {
            err = read_block(s, s->active, number);
            if (err != OK) {
                return err;
            }
            continue;
        }
        if (s->active->reading == 0) {
            source_read_out(s, s->active); /* an earlier run had sent all of it */
        }
        s->active = NULL;
    }
    return OK;
}

/* Pack one block whose turn it is. */
static enum err pack_block(struct send *s, struct block *b)
{
    struct source *source = b->source;
    enum err err = OK;

    s->block_bytes -= source_block_len(source, b->number);
    if (b->err == OK && !source->dead && source->open->err == OK) {
        source->pins++; /* it must outlive the call, whatever becomes safe in it */
        err = packer_add(s->packer, b);
        source->pins--;
    }
    source->reading--;
    if (err == OK && source->reading == 0 && source->next == source->blocks) {
        source_read_out(s, source);
    }
    list_push(&s->idle, &b->node);
    return err;
}

static enum err drain(struct send *s)
{
    enum err err = OK;

    while (err == OK && s->order_packed < s->order_read && packer_has_room(s->packer)) {
        struct block *b = s->ring[s->order_packed % SEND_BLOCKS];

        if (!b->done) {
            break;
        }
        s->order_packed++;
        err = pack_block(s, b);
    }
    return err;
}

/* --- the end of the step ---------------------------------------------------------------------- */

static bool all_packed(const struct send *s)
{
    return s->plan_done && s->active == NULL && list_empty(&s->planned) && list_empty(&s->retry) &&
           s->order_packed == s->order_read;
}

/* Everything is packed: the open pack, the gaps, the last answers, the last flush. */
static enum err wind_up(struct send *s)
{
    bool more = true;
    enum err err = OK;

    while (more && err == OK && packer_has_room(s->packer)) {
        err = packer_finish(s->packer, &more);
    }
    if (err != OK || more || poster_busy(s->poster) > 0 || flush_busy(s->flush)) {
        return err;
    }
    packer_close(s->packer, PACKER_CLOSE_ALL);
    s->last_flush = 1;
    return flush_begin(s->flush, s->packer);
}

static void pump(struct send *s)
{
    enum err err;

    if (s->cancelled || s->last_flush) {
        return;
    }
    err = drain(s);
    if (err == OK) {
        err = fill(s);
    }
    if (err == OK && all_packed(s)) {
        err = wind_up(s);
    }
    progress_changed(&s->ctx->progress, &s->ctx->o.sink);
    if (err != OK) {
        finish(s, err);
    }
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_accepted(void *arg, struct out_volume *volume, uint32_t index, void *tag)
{
    struct send *s = arg;

    (void)volume;
    (void)index;
    packer_accepted(s->packer, tag);
    pump(s);
}

static void on_dropped(void *arg, void *tag)
{
    struct send *s = arg;

    packer_dropped(s->packer, tag);
}

static void on_failed(void *arg, enum err err)
{
    finish(arg, err);
}

static void on_flushed(void *arg, enum err err, uint64_t files, uint64_t bytes)
{
    struct send *s = arg;

    s->ctx->progress.files_done += files;
    s->ctx->progress.bytes_done += bytes;
    progress_changed(&s->ctx->progress, &s->ctx->o.sink);
    if (err != OK || s->last_flush) {
        finish(s, err);
        return;
    }
    packer_forget_closed(s->packer);
    loop_timer_set(s->timer, SEND_FLUSH_MS);
    pump(s);
}

static void on_timer(void *arg)
{
    struct send *s = arg;
    enum err err = OK;

    if (flush_busy(s->flush)) {
        return; /* its end sets the timer again */
    }
    err = flush_begin(s->flush, s->packer);
    if (err != OK) {
        finish(s, err);
    }
}

enum err send_start(struct publish_ctx *ctx, publish_step_fn done, void *arg, struct send **send)
{
    static const struct poster_events events = {on_accepted, on_failed, on_dropped};
    struct send *s = calloc(1, sizeof(*s));
    enum err err;

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->ctx = ctx;
    s->done = done;
    s->arg = arg;
    list_init(&s->planned);
    list_init(&s->retry);
    list_init(&s->alive);
    list_init(&s->idle);
    err = publish_paths_init(&s->paths, ctx);
    if (err == OK) {
        err = poster_new(ctx, &events, s, &s->poster);
    }
    if (err == OK) {
        err = packer_new(ctx, s->poster, on_safe, s, &s->packer);
    }
    if (err == OK) {
        err = flush_new(ctx, on_flushed, s, &s->flush);
    }
    if (err == OK) {
        err = loop_timer_new(ctx->o.loop, on_timer, s, &s->timer);
    }
    if (err != OK) {
        stop(s);
        return err;
    }
    /* The first timer also gives the pump its first stroke: nothing ends inside this call. */
    loop_timer_set(s->timer, 0);
    *send = s;
    return OK;
}
