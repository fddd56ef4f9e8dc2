/* The search: rounds of questions. A round is a list of slots that are asked side by side; when all
 * have been answered, what was found decides which round comes next. */
#include "flow/restore/locate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "io/store/store_head.h"

enum { ROUND_MAX = 128, DAYS_A_ROUND = 8 };

enum locate_round {
    ROUND_TODAY,       /* today, tomorrow and yesterday: clocks differ */
    ROUND_DAYS,        /* some days further back, again and again */
    ROUND_VERSIONS,    /* no day is known: versions 1, 2, 4 ... */
    ROUND_LAST_CHANCE, /* the other slots of today and of version 1 */
    ROUND_GALLOP,      /* a head is known: are there newer ones? */
    ROUND_NEXT_SLOTS,  /* there seem to be none: the other slots of the next version */
    ROUND_EXACT,       /* one version is wanted */
    ROUND_EXACT_SLOTS, /* its other slots */
};

/* A place for one question under way; free while `find` is NULL. */
struct question {
    struct locate *locate;
    struct head_find *find;
};

struct locate {
    struct restore_ctx *ctx;
    struct head_keys keys;
    enum locate_round round;
    uint64_t version; /* wanted; 0: the newest */
    uint32_t today;
    uint32_t days_back; /* so many days have been asked */
    struct seal_slot slots[ROUND_MAX];
    size_t count; /* of slots */
    size_t next;  /* the first not yet asked */
    struct question asked[LOCATE_WIDTH_MAX];
    size_t under_way;
    struct found_head best;
    uint64_t best_before;                    /* best.n when the round began; 0: none */
    uint64_t foreign_today, foreign_version; /* slots that hold something else */
    enum { NEWER_NOT_SEEN, NEWER_SEEN } newer_format;
    enum { GALLOP_WALK, GALLOP_RUN } pace;
    enum err err; /* the first question that could not be answered in this round */
    char text[RESTORE_TEXT_MAX];
    locate_fn done;
    void *arg;
    struct loop_task task; /* a round without questions, or an end, takes a turn of the loop */
};

static void ask_more(struct locate *l);

static void add_slots(
    struct locate *l, enum seal_family family, uint64_t number, uint32_t from, uint32_t to)
{
    for (uint32_t s = from; s < to && l->count < ROUND_MAX; s++) {
        l->slots[l->count++] = (struct seal_slot){family, number, s};
    }
}

static void add_gallop(struct locate *l)
{
    unsigned steps = l->pace == GALLOP_WALK ? 3 : LOCATE_GALLOP_LOG2;

    for (unsigned i = 0; i < steps; i++) {
        add_slots(l, SEAL_BY_VERSION, l->best.n + (1ULL << i), 0, SEAL_SLOT_FIRST);
    }
}

static void add_days(struct locate *l)
{
    for (uint32_t i = 0; i < DAYS_A_ROUND && l->days_back < LOCATE_DAYS_BACK; i++) {
        l->days_back++;
        add_slots(l, SEAL_BY_DAY, l->today - l->days_back, 0, SEAL_SLOT_FIRST);
    }
}

static void add_round(struct locate *l)
{
    switch (l->round) {
    case ROUND_TODAY:
        add_slots(l, SEAL_BY_DAY, l->today, 0, SEAL_SLOT_FIRST);
        add_slots(l, SEAL_BY_DAY, l->today + 1, 0, SEAL_SLOT_FIRST);
        add_slots(l, SEAL_BY_DAY, l->today - 1, 0, SEAL_SLOT_FIRST);
        l->days_back = 1;
        break;
    case ROUND_DAYS:
        add_days(l);
        break;
    case ROUND_VERSIONS:
        for (unsigned i = 0; i <= LOCATE_FIRST_LOG2; i++) {
            add_slots(l, SEAL_BY_VERSION, 1ULL << i, 0, SEAL_SLOT_FIRST);
        }
        break;
    case ROUND_LAST_CHANCE:
        add_slots(l, SEAL_BY_DAY, l->today, SEAL_SLOT_FIRST, SEAL_SLOT_COUNT);
        add_slots(l, SEAL_BY_VERSION, 1, SEAL_SLOT_FIRST, SEAL_SLOT_COUNT);
        break;
    case ROUND_GALLOP:
        add_gallop(l);
        break;
    case ROUND_NEXT_SLOTS:
        add_slots(l, SEAL_BY_VERSION, l->best.n + 1, SEAL_SLOT_FIRST, SEAL_SLOT_COUNT);
        break;
    case ROUND_EXACT:
        add_slots(l, SEAL_BY_VERSION, l->version, 0, SEAL_SLOT_FIRST);
        break;
    case ROUND_EXACT_SLOTS:
        add_slots(l, SEAL_BY_VERSION, l->version, SEAL_SLOT_FIRST, SEAL_SLOT_COUNT);
        break;
    }
}

static void round_start(struct locate *l, enum locate_round round)
{
    l->round = round;
    l->count = 0;
    l->next = 0;
    l->best_before = l->best.n;
    add_round(l);
    ask_more(l);
}

static void finish(struct locate *l, enum err err)
{
    locate_fn done = l->done;
    void *arg = l->arg;
    struct found_head best = l->best;
    char text[RESTORE_TEXT_MAX];

    memcpy(text, l->text, sizeof(text));
    if (err != OK) {
        held_drop(best.payload);
        best.payload = NULL;
    }
    bytes_wipe(l, sizeof(*l));
    secret_free(l);
    done(arg, err, err == OK ? &best : NULL, text);
}

/* Is what was found what was seen here before, or something newer that follows it? Then remember
 * it. Whoever asks for a version by its number may have an older one. */
static enum err compare_seen(struct locate *l)
{
    struct store_head_seen seen;
    enum err err;

    memcpy(seen.fingerprint, l->keys.fingerprint, sizeof(seen.fingerprint));
    err = store_head_seen_get(l->ctx->env.store, &seen);
    if (err == OK && l->version == 0 && l->best.n < seen.version) {
        (void)snprintf(l->text, sizeof(l->text),
            "it was version %llu; the newest there now is %llu", (unsigned long long)seen.version,
            (unsigned long long)l->best.n);
        return ERR_OLDER_VERSION;
    }
    if (err == OK &&
        ((l->best.n == seen.version && memcmp(l->best.hash, seen.hash, KEY_LEN) != 0) ||
            (l->best.n == seen.version + 1 && memcmp(l->best.prev, seen.hash, KEY_LEN) != 0))) {
        return ERR_FORK;
    }
    if (err != OK && err != ERR_NO_ROW) {
        return err;
    }
    seen.version = l->best.n;
    memcpy(seen.hash, l->best.hash, KEY_LEN);
    return store_head_seen_put(l->ctx->env.store, &seen);
}

static void finish_found(struct locate *l)
{
    finish(l, l->ctx->env.store != NULL ? compare_seen(l) : OK);
}

/* All that decides was asked, and there is no head. */
static void finish_none(struct locate *l)
{
    if (l->ctx->unsure != OK) {
        (void)snprintf(l->text, sizeof(l->text), "%s", l->ctx->unsure_text);
        finish(l, l->ctx->unsure);
    } else if (l->newer_format == NEWER_SEEN) {
        finish(l, ERR_TOO_NEW);
    } else if (l->foreign_today == SEAL_SLOT_COUNT || l->foreign_version == SEAL_SLOT_COUNT) {
        finish(l, ERR_SHARE_BLOCKED);
    } else {
        finish(l, ERR_SHARE_NOT_FOUND);
    }
}

/* Nothing yet: where to look next. */
static void next_without_head(struct locate *l)
{
    switch (l->round) {
    case ROUND_TODAY:
        round_start(l, ROUND_DAYS);
        break;
    case ROUND_DAYS:
        round_start(l, l->days_back < LOCATE_DAYS_BACK ? ROUND_DAYS : ROUND_VERSIONS);
        break;
    case ROUND_VERSIONS:
        round_start(l, ROUND_LAST_CHANCE);
        break;
    case ROUND_EXACT:
        round_start(l, ROUND_EXACT_SLOTS);
        break;
    default:
        finish_none(l);
    }
}

/* A head is known: are there newer ones? A server that refused or lost the first slots has the next
 * version in other ones, and its day's places may lead to the version before. */
static void next_with_head(struct locate *l)
{
    if (l->version == 0 && l->best.n != l->best_before) {
        l->pace = l->round == ROUND_GALLOP ? GALLOP_RUN : GALLOP_WALK;
        round_start(l, ROUND_GALLOP);
    } else if (l->version == 0 && l->round == ROUND_GALLOP) {
        round_start(l, ROUND_NEXT_SLOTS);
    } else {
        finish_found(l);
    }
}

static void on_round_end(void *arg)
{
    struct locate *l = arg;

    if (l->err != OK) {
        finish(l, l->err);
    } else if (l->best.payload == NULL) {
        next_without_head(l);
    } else {
        next_with_head(l);
    }
}

/* A head that is right came in. Keep the newest; of two with one number, the first. */
static void take_head(struct locate *l, struct found_head *found)
{
    const struct found_head *best = &l->best;

    if (best->payload == NULL) {
        l->best = *found;
        return;
    }
    if ((found->n == best->n && memcmp(found->hash, best->hash, KEY_LEN) != 0) ||
        (found->n == best->n + 1 && memcmp(found->prev, best->hash, KEY_LEN) != 0)) {
        progress_event(&l->ctx->env.sink, LOG_WARN,
            "Version %llu of this share exists twice, with different contents; the one found "
            "first is used.",
            (unsigned long long)best->n);
        held_drop(found->payload);
        return;
    }
    if (found->n <= best->n) {
        held_drop(found->payload);
        return;
    }
    held_drop(l->best.payload);
    l->best = *found;
}

/* Something lies at `slot` that is not this share's head. */
static void count_foreign(struct locate *l, const struct seal_slot *slot)
{
    if (slot->family == SEAL_BY_DAY) {
        l->foreign_today += slot->number == l->today;
        return;
    }
    l->foreign_version += slot->number == (l->version == 0 ? 1 : l->version);
}

static void on_answer(void *arg, const struct seal_slot *slot, enum err err,
    struct found_head *found, const char *text)
{
    struct question *q = arg;
    struct locate *l = q->locate;

    q->find = NULL;
    l->under_way--;
    l->ctx->progress.articles_fetched += err == OK;
    if (err == OK) {
        take_head(l, found);
    } else if (err == ERR_TOO_NEW) {
        l->newer_format = NEWER_SEEN;
    } else if (err_kind(err) == KIND_CORRUPT) {
        count_foreign(l, slot);
    } else if (err != ERR_NO_ARTICLE && l->err == OK) {
        l->err = err;
        (void)snprintf(l->text, sizeof(l->text), "%s", text);
    }
    progress_changed(&l->ctx->progress, &l->ctx->env.sink);
    ask_more(l);
}

/* Ask as many questions as may be under way; when none is left, the round is over. */
static void ask_more(struct locate *l)
{
    size_t width = news_fetch_width(l->ctx->env.news);
    struct head_question question;

    for (size_t i = 0; i < LOCATE_WIDTH_MAX && l->next < l->count && l->err == OK; i++) {
        struct question *q = &l->asked[i];

        if (q->find != NULL || l->under_way >= width) {
            continue;
        }
        question = (struct head_question){&l->keys, l->slots[l->next]};
        l->err = head_find_start(l->ctx, &question, on_answer, q, &q->find);
        if (l->err == OK) {
            l->next++;
            l->under_way++;
        }
    }
    if (l->under_way == 0) {
        loop_post(l->ctx->env.loop, &l->task, on_round_end, l);
    }
}

enum err locate_start(struct restore_ctx *ctx, const struct locate_options *options, locate_fn done,
    void *arg, struct locate **out)
{
    struct locate *l = secret_new(sizeof(*l));
    enum err err;

    if (l == NULL) {
        return ERR_NO_MEMORY;
    }
    err = seal_read_keys(ctx->sealer, options->key.read_secret, &l->keys.read);
    if (err != OK) {
        secret_free(l);
        return err;
    }
    memcpy(l->keys.fingerprint, options->key.fingerprint, SEAL_FP_LEN);
    l->ctx = ctx;
    l->version = options->version;
    l->today = clock_utc_day();
    l->done = done;
    l->arg = arg;
    for (size_t i = 0; i < LOCATE_WIDTH_MAX; i++) {
        l->asked[i].locate = l;
    }
    round_start(l, l->version == 0 ? ROUND_TODAY : ROUND_EXACT);
    *out = l;
    return OK;
}

void locate_cancel(struct locate *l)
{
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < LOCATE_WIDTH_MAX; i++) {
        head_find_cancel(l->asked[i].find);
    }
    loop_unpost(l->ctx->env.loop, &l->task);
    held_drop(l->best.payload);
    bytes_wipe(l, sizeof(*l));
    secret_free(l);
}
