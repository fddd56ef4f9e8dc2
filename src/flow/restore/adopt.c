/* The conductor of adopting: locate, numbers, volumes, items; the version itself comes last. */
#include "flow/restore/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "flow/restore/adopt_room.h"
#include "flow/restore/locate.h"
#include "io/store/store_adopt.h"
#include "io/store/store_share.h"

enum { STEPS_A_TURN = 64 }; /* each may be a transaction */

/* What we wait for. It moves on only. */
enum adopt_state {
    ADOPT_LOCATING, /* the head */
    ADOPT_DATA,     /* the table of data volumes */
    ADOPT_OLDER,    /* the table of older meta volumes */
    ADOPT_WALKING,  /* the next file */
    ADOPT_EXTENTS,  /* its extents */
    ADOPT_OVER,
};

struct adopt {
    struct restore_ctx ctx;
    enum adopt_state state;
    struct locate *locate;
    struct share_reader *reader;
    struct held *payload; /* the head's bytes */
    uint8_t hash[KEY_LEN];
    struct adopt_table table;
    struct tree_cursor *cursor; /* WALKING, EXTENTS: over all entries, in the order of their keys */
    uint64_t entries;           /* so many were seen */
    struct adopt_items items;
    struct adopt_place place;
    adopt_done_fn done;
    void *arg;
};

static void adopt_free(struct adopt *a)
{
    errands_forget(&a->ctx.errands);
    locate_cancel(a->locate);
    adopt_items_clear(&a->items);
    adopt_table_clear(&a->table);
    tree_cursor_free(a->cursor);
    share_reader_free(a->reader);
    held_drop(a->payload);
    restore_ctx_clear(&a->ctx);
    secret_free(a);
}

static void finish(struct adopt *a)
{
    struct adopt_result result = {
        .volumes = a->place.volumes,
        .articles = a->place.articles,
        .items = a->place.items,
        .text = a->ctx.text,
    };

    if (a->reader != NULL) {
        const struct head *head = share_reader_head(a->reader);

        result.version = head->n;
        result.files = head->files + head->others;
        result.directories = head->directories;
        result.symlinks = head->symlinks;
        result.bytes = head->bytes;
    }
    a->done(a->arg, a->ctx.err, &result);
    adopt_free(a);
}

/* --- the version ------------------------------------------------------------------------------ */

static enum err same_head(void *arg, const struct store_version *kept)
{
    const struct adopt *a = arg;

    return memcmp(kept->head_hash, a->hash, KEY_LEN) == 0 ? OK : ERR_FORK;
}

/* The same head may be kept with another day's signature from an earlier attempt. */
static enum err keep_version(struct adopt *a)
{
    const struct head *head = share_reader_head(a->reader);
    struct store *store = a->place.store;
    struct store_version version = {
        .n = head->n,
        .created = (int64_t)head->created,
        .payload = bytes_at(a->payload->bytes, a->payload->len),
        .entries = head->files + head->others + head->directories + head->symlinks,
        .bytes = head->bytes,
    };
    enum err err;

    memcpy(version.head_hash, a->hash, sizeof(version.head_hash));
    err = store_version_add(store, a->place.share, &version);
    if (err == ERR_EXISTS) {
        err = store_version_get(store, a->place.share, head->n, same_head, a);
    }
    if (err == OK) {
        err = store_version_published(store, a->place.share, head->n);
    }
    return err == OK ? store_adopt_end(store, a->place.share) : err;
}

/* --- steps ------------------------------------------------------------------------------------ */

static enum err begin(struct adopt *a)
{
    const struct head *head = share_reader_head(a->reader);
    char title[STORE_TITLE_MAX + 1] = "";

    if (head->title.len > 0 && head->title.len <= STORE_TITLE_MAX) {
        memcpy(title, head->title.ptr, head->title.len);
    }
    a->ctx.progress.files_total = head->files;
    a->ctx.progress.bytes_total = head->bytes;
    a->ctx.progress.totals_known = true;
    progress_enter(&a->ctx.progress, &a->ctx.env.sink, PROGRESS_LIST);
    return store_adopt_begin(a->place.store, a->place.share,
        &(struct store_adopt){title, head->next_volume, head->next_folder});
}

static void on_located(void *arg, enum err err, struct found_head *found, const char *text)
{
    struct adopt *a = arg;

    a->locate = NULL;
    if (err == OK) {
        memcpy(a->hash, found->hash, sizeof(a->hash));
        a->payload = held_keep(found->payload);
        err = share_reader_new(&a->ctx, found->payload, &a->reader);
    }
    if (err == OK) {
        err = begin(a);
    }
    if (err != OK) {
        restore_ctx_fail(&a->ctx, err, text);
        return;
    }
    a->state = ADOPT_DATA;
    restore_ctx_wake(&a->ctx);
}

static enum err start_walk(struct adopt *a)
{
    const struct head *head = share_reader_head(a->reader);
    enum err err = adopt_own_volumes(head, &a->place);

    return err == OK
               ? tree_cursor_new(&head->tree, (struct bytes){0}, (struct bytes){0}, &a->cursor)
               : err;
}

static enum answer step_table(struct adopt *a, enum err *err)
{
    const struct head *head = share_reader_head(a->reader);
    struct adopt_source data = {&head->volumes, VOLUME_DATA, SHARE_ANYWHERE};
    struct adopt_source older = {&head->older, VOLUME_META, SHARE_OWN_VOLUMES};
    enum answer answer = adopt_table_step(
        &a->table, a->reader, a->state == ADOPT_DATA ? &data : &older, &a->place, err);

    if (answer != ANSWER_READY || !a->table.ended) {
        return answer;
    }
    adopt_table_clear(&a->table);
    if (a->state == ADOPT_DATA) {
        a->state = ADOPT_OLDER;
        return ANSWER_READY;
    }
    a->state = ADOPT_WALKING;
    *err = start_walk(a);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum err take_file(struct adopt *a, const struct record *record)
{
    a->ctx.progress.files_done++;
    a->ctx.progress.bytes_done += record->size;
    if (record->size == 0) {
        return OK;
    }
    a->state = ADOPT_EXTENTS;
    return adopt_items_file(&a->items, record);
}

/* Folders keep their numbers, and with them the listing keeps its pages. */
static enum err take_folder(
    struct adopt *a, uint64_t folder, struct bytes name, const struct record *record)
{
    const struct head *head = share_reader_head(a->reader);
    struct store_entry entry = {
        .folder = folder,
        .name = name,
        .mode = record->mode,
        .mtime_ns = record->mtime_ns,
        .child = record->folder,
    };

    if (folder >= head->next_folder || record->folder >= head->next_folder) {
        return ERR_BAD_FORMAT;
    }
    return store_adopt_folder(a->place.store, a->place.share, &entry);
}

static enum err take_entry(struct adopt *a, const struct tree_item *item)
{
    const struct head *head = share_reader_head(a->reader);
    struct record record;
    struct bytes name;
    uint64_t folder;
    enum err err = record_key_take(item->key, &folder, &name);

    if (err == OK) {
        err = record_decode(item->value, &record);
    }
    if (err == OK &&
        ++a->entries > head->files + head->directories + head->symlinks + head->others) {
        err = ERR_BAD_FORMAT;
    }
    if (err != OK) {
        return err;
    }
    if (record.type == RECORD_DIRECTORY) {
        return take_folder(a, folder, name, &record);
    }
    return record.type == RECORD_FILE ? take_file(a, &record) : OK;
}

static enum answer feed_page(struct adopt *a, const struct pointer *need, enum err *err)
{
    struct bytes page;
    enum answer answer = share_object(a->reader, need, PAGE_MAX, &page, err);

    if (answer != ANSWER_READY) {
        return answer;
    }
    *err = tree_cursor_feed(a->cursor, page);
    if (*err == OK) {
        *err = adopt_note(&a->place, share_reader_head(a->reader), need, page);
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum err step_end(struct adopt *a)
{
    enum err err = adopt_items_flush(&a->items, &a->place);

    a->state = ADOPT_OVER;
    return err == OK ? keep_version(a) : err;
}

static enum answer step_walking(struct adopt *a, enum err *err)
{
    struct tree_item item = {0};

    *err = OK;
    switch (tree_cursor_step(a->cursor, &item)) {
    case TREE_ENTRY:
        *err = take_entry(a, &item);
        break;
    case TREE_NEED:
        return feed_page(a, &item.need, err);
    case TREE_END:
        *err = step_end(a);
        break;
    case TREE_BAD:
        *err = item.err;
        break;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer step_extents(struct adopt *a, enum err *err)
{
    bool more;
    enum answer answer = adopt_items_step(&a->items, a->reader, &a->place, &more, err);

    if (answer == ANSWER_READY && !more) {
        a->state = ADOPT_WALKING;
    }
    return answer;
}

static enum answer step(struct adopt *a, enum err *err)
{
    switch (a->state) {
    case ADOPT_DATA:
    case ADOPT_OLDER:
        return step_table(a, err);
    case ADOPT_WALKING:
        return step_walking(a, err);
    case ADOPT_EXTENTS:
        return step_extents(a, err);
    case ADOPT_LOCATING:
    case ADOPT_OVER:
        break;
    }
    return ANSWER_WAIT;
}

static void pump(void *arg)
{
    struct adopt *a = arg;
    enum answer answer = ANSWER_READY;
    enum err err = OK;

    for (int i = 0; i < STEPS_A_TURN && a->ctx.err == OK && answer == ANSWER_READY; i++) {
        answer = step(a, &err);
        if (answer == ANSWER_FAILED) {
            restore_ctx_fail(&a->ctx, err, NULL);
        }
    }
    if (a->ctx.err != OK || a->state == ADOPT_OVER) {
        finish(a);
        return;
    }
    progress_changed(&a->ctx.progress, &a->ctx.env.sink);
    if (answer == ANSWER_READY) {
        restore_ctx_wake(&a->ctx);
    }
}

enum err adopt_start(
    const struct adopt_options *options, adopt_done_fn done, void *arg, struct adopt **out)
{
    struct adopt *a = secret_new(sizeof(*a));
    struct locate_options wanted = {options->key, 0};
    enum err err;

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    a->done = done;
    a->arg = arg;
    err = restore_ctx_init(&a->ctx, &options->env, pump, a);
    a->place = (struct adopt_place){
        .store = options->store, .share = options->share, .sealer = a->ctx.sealer};
    if (err == OK) {
        progress_enter(&a->ctx.progress, &a->ctx.env.sink, PROGRESS_LOCATE);
        err = locate_start(&a->ctx, &wanted, on_located, a, &a->locate);
    }
    bytes_wipe(&wanted, sizeof(wanted));
    if (err != OK) {
        adopt_free(a);
        return err;
    }
    *out = a;
    return OK;
}

void adopt_cancel(struct adopt *a)
{
    if (a != NULL) {
        adopt_free(a);
    }
}
