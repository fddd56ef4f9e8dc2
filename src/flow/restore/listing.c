/* The conductor of a listing: locate, find the path, walk. */
#include "flow/restore/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "flow/restore/locate.h"
#include "flow/restore/share_path.h"
#include "flow/restore/tree_walk.h"

enum { ENTRIES_A_TURN = 512 }; /* given before the loop gets a turn */

/* What we wait for. */
enum listing_state {
    LISTING_LOCATING, /* the head */
    LISTING_FINDING,  /* the entry at the path */
    LISTING_WALKING,  /* the next entry */
    LISTING_LINK,     /* the file that a hard link is another name of */
    LISTING_OVER,
    LISTING_RESTING, /* nothing: kept open for the next folder */
};

struct listing {
    struct restore_ctx ctx;
    enum listing_state state;
    struct buf path;
    int depth;
    bool keep;
    struct buf after; /* of a page: begin behind this name */
    size_t left;      /* of a page: entries it still takes; unused while *more is NULL */
    bool *more;
    struct locate *locate;
    struct share_reader *reader;
    struct tree_walk *walk; /* NULL: only one entry is listed */
    struct bytes at;        /* LISTING_LINK: the hard link's path ... */
    struct record link;     /* ... and record */
    struct buf value;
    listing_entry_fn entry;
    listing_done_fn done;
    void *arg;
};

static void listing_free(struct listing *l)
{
    errands_forget(&l->ctx.errands);
    locate_cancel(l->locate);
    tree_walk_free(l->walk);
    share_reader_free(l->reader);
    restore_ctx_clear(&l->ctx);
    buf_clear(&l->path);
    buf_clear(&l->after);
    buf_clear(&l->value);
    secret_free(l);
}

/* The callee may look at the head's title, so the reader is freed after it. One that is kept is the
 * callee's: it may be gone when done returns. */
static void finish(struct listing *l)
{
    bool rests = l->keep && l->ctx.err == OK;
    struct listing_share share = {0};
    const struct head *head;

    l->state = rests ? LISTING_RESTING : LISTING_OVER;
    tree_walk_free(l->walk);
    l->walk = NULL;
    if (l->reader == NULL) {
        l->done(l->arg, l->ctx.err, NULL);
    } else {
        head = share_reader_head(l->reader);
        share.version = head->n;
        share.created = (int64_t)head->created;
        share.title = head->title;
        share.files = head->files + head->others;
        share.directories = head->directories;
        share.symlinks = head->symlinks;
        share.bytes = head->bytes;
        l->done(l->arg, l->ctx.err, &share);
    }
    if (!rests) {
        listing_free(l);
    }
}

static void on_located(void *arg, enum err err, struct found_head *found, const char *text)
{
    struct listing *l = arg;

    l->locate = NULL;
    if (err == OK) {
        err = share_reader_new(&l->ctx, found->payload, &l->reader);
    }
    if (err != OK) {
        restore_ctx_fail(&l->ctx, err, text);
        return;
    }
    l->state = LISTING_FINDING;
    progress_enter(&l->ctx.progress, &l->ctx.env.sink, PROGRESS_LIST);
    restore_ctx_wake(&l->ctx);
}

static enum err give(struct listing *l, struct bytes path, const struct record *record)
{
    struct listing_entry entry = {.path = path,
        .type = record->type == RECORD_DIRECTORY ? LISTING_DIRECTORY
                : record->type == RECORD_SYMLINK ? LISTING_SYMLINK
                                                 : LISTING_FILE,
        .mode = record->mode,
        .size = record->size,
        .mtime_ns = record->mtime_ns,
        .target = record->type == RECORD_SYMLINK ? record->text : bytes_str("")};

    return l->entry(l->arg, &entry);
}

/* Give the entry, or first find out what its hard link names. */
static enum err take(
    struct listing *l, struct bytes path, const struct record *record, enum listing_state next)
{
    l->state = next;
    if (record->type != RECORD_HARD_LINK) {
        return give(l, path, record);
    }
    l->at = path;
    l->link = *record;
    l->state = LISTING_LINK;
    return OK;
}

static enum answer step_finding(struct listing *l, enum err *err)
{
    struct bytes path = buf_view(&l->path);
    struct record record;
    struct walk_options options = {.path = path, .after = buf_view(&l->after)};
    enum answer answer = share_path_find(l->reader, path, &l->value, &record, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    if (record.type != RECORD_DIRECTORY) {
        *err = take(l, path, &record, LISTING_OVER);
    } else {
        options.folder = record.folder;
        options.depth = l->depth == LISTING_RECURSIVE ? WALK_RECURSIVE : WALK_ONE_FOLDER;
        *err = tree_walk_new(l->reader, &options, &l->walk);
        l->state = LISTING_WALKING;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer step_link(struct listing *l, enum err *err)
{
    struct record record;
    enum answer answer = share_entry_find(l->reader, &l->link, &l->value, &record, err);

    if (answer == ANSWER_FAILED && *err == ERR_NOT_FOUND) {
        *err = ERR_BAD_FORMAT;
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    l->state = l->walk == NULL ? LISTING_OVER : LISTING_WALKING;
    *err = record.type == RECORD_FILE ? give(l, l->at, &record) : ERR_BAD_FORMAT;
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer step_walking(struct listing *l, enum err *err)
{
    struct walk_item item;

    switch (tree_walk_step(l->walk, &item)) {
    case WALK_ENTRY:
        if (l->more != NULL && l->left-- == 0) {
            *l->more = true;
            l->state = LISTING_OVER;
            break;
        }
        *err = take(l, item.path, &item.record, LISTING_WALKING);
        break;
    case WALK_LEAVE:
        break;
    case WALK_WAIT:
        return ANSWER_WAIT;
    case WALK_END:
        l->state = LISTING_OVER;
        break;
    case WALK_BAD:
        *err = item.err;
        break;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer step(struct listing *l, enum err *err)
{
    switch (l->state) {
    case LISTING_FINDING:
        return step_finding(l, err);
    case LISTING_WALKING:
        return step_walking(l, err);
    case LISTING_LINK:
        return step_link(l, err);
    case LISTING_LOCATING:
    case LISTING_OVER:
    case LISTING_RESTING:
        break;
    }
    return ANSWER_WAIT;
}

static void pump(void *arg)
{
    struct listing *l = arg;
    enum answer answer = ANSWER_READY;
    enum err err = OK;

    if (l->state == LISTING_RESTING) {
        return; /* what was still on its way has come */
    }
    for (int i = 0; i < ENTRIES_A_TURN && l->ctx.err == OK && answer == ANSWER_READY; i++) {
        answer = step(l, &err);
        if (answer == ANSWER_FAILED) {
            restore_ctx_fail(&l->ctx, err, NULL);
        }
    }
    if (l->ctx.err != OK || l->state == LISTING_OVER) {
        finish(l);
    } else if (answer == ANSWER_READY) {
        restore_ctx_wake(&l->ctx);
    }
}

static enum err set_page(struct listing *l, const struct listing_page *page)
{
    enum err err;

    l->path.len = 0;
    l->after.len = 0;
    l->left = page->limit;
    l->more = page->limit > 0 ? page->more : NULL;
    if (l->more != NULL) {
        *l->more = false;
    }
    err = share_path_clean(page->path, &l->path);
    return err == OK ? buf_append(&l->after, page->after) : err;
}

enum err listing_start(const struct listing_options *options, listing_entry_fn entry,
    listing_done_fn done, void *arg, struct listing **out)
{
    struct listing *l = secret_new(sizeof(*l));
    struct locate_options wanted = {options->key, options->version};
    enum err err;

    if (l == NULL) {
        return ERR_NO_MEMORY;
    }
    l->depth = (int)options->depth;
    l->keep = options->life == LISTING_KEEP;
    l->entry = entry;
    l->done = done;
    l->arg = arg;
    err = restore_ctx_init(&l->ctx, &options->env, pump, l);
    if (err == OK) {
        err = set_page(l, &options->page);
    }
    if (err == OK) {
        progress_enter(&l->ctx.progress, &l->ctx.env.sink, PROGRESS_LOCATE);
        err = locate_start(&l->ctx, &wanted, on_located, l, &l->locate);
    }
    if (err != OK) {
        listing_free(l);
        return err;
    }
    *out = l;
    return OK;
}

enum err listing_again(struct listing *l, const struct listing_page *page, void *arg)
{
    enum err err = set_page(l, page);

    l->arg = arg;
    if (err == OK) {
        l->state = LISTING_FINDING;
        restore_ctx_wake(&l->ctx);
    }
    return err;
}

void listing_cancel(struct listing *l)
{
    if (l != NULL) {
        listing_free(l);
    }
}
