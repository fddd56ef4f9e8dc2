/* One search after the other; each head says the hash of the one before it. */
#include "flow/restore/versions.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "flow/restore/locate.h"

struct versions {
    struct restore_ctx ctx;
    struct restore_key key;
    struct locate *locate;
    uint64_t asked;                            /* the version that is looked for; 0: the newest */
    uint8_t prev[KEY_LEN];                     /* what version asked must be ... */
    enum { PREV_UNKNOWN, PREV_KNOWN } follows; /* ... unless the one above it is missing */
    unsigned missing;                          /* in a row */
    versions_row_fn row;
    versions_done_fn done;
    void *arg;
};

static void on_located(void *arg, enum err err, struct found_head *found, const char *text);

static void versions_free(struct versions *v)
{
    errands_forget(&v->ctx.errands);
    locate_cancel(v->locate);
    restore_ctx_clear(&v->ctx);
    bytes_wipe(&v->key, sizeof(v->key));
    secret_free(v);
}

static void finish(struct versions *v, enum err err, const char *text)
{
    v->done(v->arg, err, text == NULL ? "" : text);
    versions_free(v);
}

static enum err look(struct versions *v)
{
    struct locate_options options = {v->key, v->asked};
    enum err err = locate_start(&v->ctx, &options, on_located, v, &v->locate);

    bytes_wipe(&options, sizeof(options));
    return err;
}

/* Tell of a head that was found, and note what must come before it. */
static enum err tell(struct versions *v, const struct found_head *found)
{
    struct versions_row row = {.n = found->n};
    struct head head;
    enum err err = head_decode(found->payload->bytes, &head);

    if (err != OK) {
        return err;
    }
    row.state = v->asked == 0 ? VERSIONS_NEWEST : VERSIONS_FOUND;
    if (v->follows == PREV_KNOWN && memcmp(v->prev, found->hash, KEY_LEN) != 0) {
        row.state = VERSIONS_FORKED;
    }
    row.created = (int64_t)head.created;
    row.files = head.files + head.others;
    row.directories = head.directories;
    row.symlinks = head.symlinks;
    row.bytes = head.bytes;
    v->asked = found->n;
    v->missing = 0;
    v->follows = PREV_KNOWN;
    memcpy(v->prev, found->prev, KEY_LEN);
    v->row(v->arg, &row);
    return OK;
}

static void tell_missing(struct versions *v)
{
    v->missing++;
    v->follows = PREV_UNKNOWN;
    v->row(v->arg, &(struct versions_row){.n = v->asked, .state = VERSIONS_MISSING});
}

static void on_located(void *arg, enum err err, struct found_head *found, const char *text)
{
    struct versions *v = arg;

    v->locate = NULL;
    if (err == OK) {
        err = tell(v, found);
        held_drop(found->payload);
    } else if (v->asked > 0 && (err == ERR_SHARE_NOT_FOUND || err == ERR_SHARE_BLOCKED)) {
        tell_missing(v);
        err = OK;
    }
    if (err == OK && v->asked > 1 && v->missing < VERSIONS_MISSING_MAX) {
        v->asked--;
        err = look(v);
        if (err == OK) {
            return;
        }
    }
    finish(v, err, text);
}

/* Nothing here waits for anything but the search. */
static void on_wake(void *arg)
{
    (void)arg;
}

enum err versions_start(const struct versions_options *options, versions_row_fn row,
    versions_done_fn done, void *arg, struct versions **out)
{
    struct versions *v = secret_new(sizeof(*v));
    enum err err;

    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    v->key = options->key;
    v->row = row;
    v->done = done;
    v->arg = arg;
    err = restore_ctx_init(&v->ctx, &options->env, on_wake, v);
    if (err == OK) {
        progress_enter(&v->ctx.progress, &v->ctx.env.sink, PROGRESS_LOCATE);
        err = look(v);
    }
    if (err != OK) {
        versions_free(v);
        return err;
    }
    *out = v;
    return OK;
}

void versions_cancel(struct versions *v)
{
    if (v != NULL) {
        versions_free(v);
    }
}
