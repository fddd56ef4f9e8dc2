/* Two families of slots, some questions at a time. */
#include "flow/check/head_copies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { WIDTH_MAX = 16, PLACES = 2 * SEAL_SLOT_COUNT };

/* A place for one question under way; free while `find` is NULL. */
struct question {
    struct head_copies *copies;
    struct head_find *find;
};

struct head_copies {
    struct restore_ctx *ctx;
    struct head_keys keys;
    uint64_t n;
    uint8_t hash[KEY_LEN];
    struct head_copies_found found;
    struct question asked[WIDTH_MAX];
    size_t under_way;
    uint32_t next; /* of PLACES */
    enum err err;  /* the first question that could not be answered */
    char text[RESTORE_TEXT_MAX];
    head_copies_fn done;
    void *arg;
};

static enum err ask_more(struct head_copies *c);

void head_copies_cancel(struct head_copies *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < WIDTH_MAX; i++) {
        head_find_cancel(c->asked[i].find);
    }
    bytes_wipe(c, sizeof(*c));
    secret_free(c);
}

static void finish(struct head_copies *c)
{
    head_copies_fn done = c->done;
    void *arg = c->arg;
    struct head_copies_found found = c->found;
    enum err err = c->err;
    char text[RESTORE_TEXT_MAX];

    memcpy(text, c->text, sizeof(text));
    head_copies_cancel(c);
    done(arg, err, &found, text);
}

/* An earlier version of the same day serves in a place of the day: whoever finds it goes on to the
 * next numbers, and publishing leaves it there. */
static bool serves(
    const struct head_copies *c, const struct seal_slot *slot, const struct found_head *found)
{
    return (found->n == c->n && memcmp(found->hash, c->hash, KEY_LEN) == 0) ||
           (slot->family == SEAL_BY_DAY && found->n < c->n);
}

static void take(struct head_copies *c, const struct seal_slot *slot, struct found_head *found)
{
    uint64_t bit = UINT64_C(1) << slot->slot;

    if (serves(c, slot, found)) {
        c->found.by_version |= slot->family == SEAL_BY_VERSION ? bit : 0;
        c->found.by_day |= slot->family == SEAL_BY_DAY ? bit : 0;
    }
    held_drop(found->payload);
}

static void on_answer(void *arg, const struct seal_slot *slot, enum err err,
    struct found_head *found, const char *text)
{
    struct question *q = arg;
    struct head_copies *c = q->copies;

    q->find = NULL;
    c->under_way--;
    if (err == OK) {
        take(c, slot, found);
    } else if (err != ERR_NO_ARTICLE && err != ERR_TOO_NEW && err_kind(err) != KIND_CORRUPT &&
               c->err == OK) {
        c->err = err;
        (void)snprintf(c->text, sizeof(c->text), "%s", text);
    }
    if (c->err == OK) {
        c->err = ask_more(c);
    }
    if (c->under_way == 0) {
        finish(c);
    }
}

static enum err ask(struct head_copies *c, struct question *q)
{
    bool by_day = c->next >= SEAL_SLOT_COUNT;
    struct head_question question = {.keys = &c->keys,
        .slot = {.family = by_day ? SEAL_BY_DAY : SEAL_BY_VERSION,
            .number = by_day ? c->found.day : c->n,
            .slot = c->next % SEAL_SLOT_COUNT}};
    enum err err = head_find_start(c->ctx, &question, on_answer, q, &q->find);

    if (err == OK) {
        c->next++;
        c->under_way++;
    }
    return err;
}

/* Ask as many questions as may be under way. */
static enum err ask_more(struct head_copies *c)
{
    size_t width = news_fetch_width(c->ctx->env.news);
    enum err err = OK;

    for (size_t i = 0; i < WIDTH_MAX && c->next < PLACES && err == OK; i++) {
        if (c->asked[i].find == NULL && c->under_way < width) {
            err = ask(c, &c->asked[i]);
        }
    }
    return err;
}

enum err head_copies_start(struct restore_ctx *ctx, const struct head_copies_of *of,
    head_copies_fn done, void *arg, struct head_copies **out)
{
    struct head_copies *c = secret_new(sizeof(*c));
    struct head_tail tail;
    enum err err;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    head_take_tail(of->head->payload->bytes, &tail);
    c->ctx = ctx;
    c->n = of->head->n;
    memcpy(c->hash, of->head->hash, sizeof(c->hash));
    memcpy(c->keys.fingerprint, of->key->fingerprint, sizeof(c->keys.fingerprint));
    c->found.day = tail.alive_day;
    c->done = done;
    c->arg = arg;
    for (size_t i = 0; i < WIDTH_MAX; i++) {
        c->asked[i].copies = c;
    }
    err = seal_read_keys(ctx->sealer, of->key->read_secret, &c->keys.read);
    if (err == OK) {
        err = ask_more(c);
    }
    if (err != OK) {
        head_copies_cancel(c);
        return err;
    }
    *out = c;
    return OK;
}
