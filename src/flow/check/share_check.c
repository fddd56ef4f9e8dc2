/* The conductor of a check. What cannot be read is part of what it finds out: it goes on behind it.
 */
#include "flow/check/share_check.h"

#include <stdlib.h>

#include "base/secret.h"
#include "flow/check/head_copies.h"
#include "flow/check/lost_files.h"
#include "flow/check/volume_ask.h"
#include "flow/check/volume_list.h"
#include "flow/restore/locate.h"

enum { STEPS_A_TURN = 256, HEAD_FAMILY_COPIES = CHECK_HEAD_COPIES / 2 };

/* What we wait for. It moves on, and between NEXT, OPEN and ASKING for each volume. */
enum check_state {
    CHECK_LOCATING, /* the head */
    CHECK_HEADS,    /* its copies */
    CHECK_COUNTING, /* the tables, for how many articles there are */
    CHECK_NEXT,     /* the next volume of the tables */
    CHECK_OPEN,     /* its list of content ids */
    CHECK_ASKING,   /* its articles */
    CHECK_WALKING,  /* the tree, for which files are lost */
    CHECK_OVER,
};

struct share_check {
    struct restore_ctx ctx;
    enum check_state state;
    struct share_check_options options;
    struct locate *locate;
    struct found_head head; /* its payload is held */
    struct share_reader *reader;
    struct head_copies *copies;
    struct volume_list list;
    struct volume_info *volume; /* ASKING */
    struct volume_ask *ask;
    struct ask_servers servers;
    struct lost_places places; /* of data volumes that are lost */
    struct lost_files *files;
    struct share_check_result result;
    struct share_check_listener listener;
};

static void check_free(struct share_check *c)
{
    errands_forget(&c->ctx.errands);
    locate_cancel(c->locate);
    head_copies_cancel(c->copies);
    volume_ask_free(c->ask);
    volume_info_drop(c->volume);
    volume_list_clear(&c->list);
    lost_files_free(c->files);
    lost_places_clear(&c->places);
    share_reader_free(c->reader);
    held_drop(c->head.payload);
    restore_ctx_clear(&c->ctx);
    bytes_wipe(&c->options, sizeof(c->options));
    secret_free(c);
}

static enum check_verdict verdict_of(const struct share_check_result *r)
{
    return r->lost > 0 || r->unread_tables > 0       ? CHECK_LOST
           : r->unsure > 0                           ? CHECK_UNKNOWN
           : r->missing_data + r->missing_parity > 0 ? CHECK_REPAIRABLE
           : r->head.missing > 0                     ? CHECK_REPAIRABLE
                                                     : CHECK_WHOLE;
}

static void finish(struct share_check *c)
{
    c->result.verdict = verdict_of(&c->result);
    c->result.text = c->ctx.text;
    progress_changed(&c->ctx.progress, &c->ctx.env.sink);
    c->listener.done(c->listener.arg, c->ctx.err, &c->result);
    check_free(c);
}

/* Does `err` say something about the share, not about this machine or the way to the servers? */
static bool is_finding(enum err err)
{
    return err == ERR_ARTICLES_LOST || err_kind(err) == KIND_CORRUPT;
}

/* --- the head --------------------------------------------------------------------------------- */

static unsigned count_copies(uint64_t slots)
{
    unsigned count = (unsigned)__builtin_popcountll(slots);

    return count < HEAD_FAMILY_COPIES ? count : HEAD_FAMILY_COPIES;
}

static void on_copies(
    void *arg, enum err err, const struct head_copies_found *found, const char *text)
{
    struct share_check *c = arg;
    struct check_head *head = &c->result.head;

    c->copies = NULL;
    if (err != OK) {
        restore_ctx_fail(&c->ctx, err, text);
        return;
    }
    head->day = found->day;
    head->by_version = found->by_version;
    head->by_day = found->by_day;
    head->missing =
        CHECK_HEAD_COPIES - count_copies(found->by_version) - count_copies(found->by_day);
    volume_list_begin(&c->list, c->reader);
    c->state = CHECK_COUNTING;
    progress_enter(&c->ctx.progress, &c->ctx.env.sink, PROGRESS_LIST);
    restore_ctx_wake(&c->ctx);
}

static void on_located(void *arg, enum err err, struct found_head *found, const char *text)
{
    struct share_check *c = arg;
    struct head_copies_of of = {&c->options.key, &c->head};

    c->locate = NULL;
    if (err == OK) {
        c->head = *found;
        err = share_reader_new(&c->ctx, held_keep(found->payload), &c->reader);
    }
    if (err == OK) {
        c->state = CHECK_HEADS;
        c->result.version = found->n;
        c->result.created = (int64_t)share_reader_head(c->reader)->created;
        err = head_copies_start(&c->ctx, &of, on_copies, c, &c->copies);
    }
    if (err != OK) {
        restore_ctx_fail(&c->ctx, err, text);
    }
}

/* --- counting --------------------------------------------------------------------------------- */

/* The tables alone say how many articles there are: their lists of content ids are not needed. */
static enum answer step_counting(struct share_check *c, enum err *err)
{
    bool more;
    enum answer answer = volume_list_next(&c->list, &more, err);

    if (answer == ANSWER_FAILED && is_finding(*err)) {
        volume_list_skip(&c->list); /* told when it is asked about */
        return ANSWER_READY;
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    if (more) {
        c->ctx.progress.articles_total += (uint64_t)c->list.entry.k + c->list.entry.m;
        return ANSWER_READY;
    }
    c->ctx.progress.articles_known = true;
    volume_list_begin(&c->list, c->reader);
    c->state = CHECK_NEXT;
    progress_enter(&c->ctx.progress, &c->ctx.env.sink, PROGRESS_CHECK);
    return ANSWER_READY;
}

/* --- volumes ---------------------------------------------------------------------------------- */

static enum err start_walk(struct share_check *c);

static enum answer step_next(struct share_check *c, enum err *err)
{
    bool more;
    enum answer answer = volume_list_next(&c->list, &more, err);

    if (answer == ANSWER_FAILED && is_finding(*err)) {
        c->result.unread_tables++;
        progress_event(&c->ctx.env.sink, LOG_WARN, "the list of %s cannot be read: %s",
            c->list.part == VOLUME_PART_DATA ? "data volumes" : "older meta volumes",
            err_text(*err));
        volume_list_skip(&c->list);
        return ANSWER_READY;
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    if (more) {
        c->state = CHECK_OPEN;
        return ANSWER_READY;
    }
    *err = start_walk(c);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static void on_asked(void *arg)
{
    struct share_check *c = arg;

    restore_ctx_wake(&c->ctx);
}

/* Nobody can say where its articles are: as good as gone. */
static void unread_volume(const struct share_check *c, struct check_volume *v)
{
    v->missing_data = v->k;
    v->missing_parity = v->m;
    progress_event(&c->ctx.env.sink, LOG_WARN, "volume %u: the list of its articles cannot be read",
        (unsigned)v->number);
}

static void count_answers(const struct share_check *c, struct check_volume *v)
{
    for (uint32_t i = 0; i < v->k + v->m; i++) {
        enum ask_answer answer = volume_ask_at(c->ask, i);
        bool missing = answer == ASK_MISSING || answer == ASK_DAMAGED;

        v->missing_data += missing && i < v->k;
        v->missing_parity += missing && i >= v->k;
        v->damaged += answer == ASK_DAMAGED;
        v->unknown += answer == ASK_UNKNOWN;
    }
}

static enum check_verdict judge(const struct check_volume *v)
{
    return v->missing_data > v->m - v->missing_parity ? CHECK_LOST
           : v->unknown > 0                           ? CHECK_UNKNOWN
           : v->missing_data + v->missing_parity > 0  ? CHECK_REPAIRABLE
                                                      : CHECK_WHOLE;
}

/* Remember which places of a lost volume are gone: files may lie beside them unharmed. */
static enum err note_places(struct share_check *c, const struct check_volume *v)
{
    enum err err = OK;

    for (uint32_t i = 0; err == OK && i < v->k; i++) {
        enum ask_answer answer = c->ask == NULL ? ASK_MISSING : volume_ask_at(c->ask, i);

        if (answer == ASK_MISSING || answer == ASK_DAMAGED) {
            err = lost_places_add(&c->places, v->number, v->k, i);
        }
    }
    return err;
}

/* The volume at hand is done, without c->ask if it could not be asked about. */
static enum err volume_done(struct share_check *c)
{
    struct share_check_result *r = &c->result;
    struct check_volume v = {
        .number = c->list.entry.number,
        .kind = c->list.entry.kind == VOLUME_DATA ? CHECK_DATA : CHECK_META,
        .k = c->list.entry.k,
        .m = c->list.entry.m,
        .ask = c->ask,
        .servers = &c->servers,
    };
    enum err err = OK;

    if (c->ask == NULL) {
        unread_volume(c, &v);
    } else {
        count_answers(c, &v);
    }
    v.verdict = judge(&v);
    r->volumes++;
    r->articles += (uint64_t)v.k + v.m;
    r->missing_data += v.missing_data;
    r->missing_parity += v.missing_parity;
    r->damaged += v.damaged;
    r->unknown += v.unknown;
    r->repairable += v.verdict == CHECK_REPAIRABLE;
    r->unsure += v.verdict == CHECK_UNKNOWN;
    r->lost += v.verdict == CHECK_LOST;
    if (v.verdict == CHECK_LOST && v.kind == CHECK_DATA && r->files_known) {
        err = note_places(c, &v);
    }
    if (err == ERR_LIMIT) {
        r->files_known = false; /* a share of which this much is lost needs no list of files */
        err = OK;
    }
    c->listener.volume(c->listener.arg, &v);
    volume_ask_free(c->ask);
    c->ask = NULL;
    volume_info_drop(c->volume);
    c->volume = NULL;
    c->state = CHECK_NEXT;
    return err;
}

static enum answer step_open(struct share_check *c, enum err *err)
{
    enum answer answer = volume_list_open(&c->list, &c->volume, err);
    struct volume_ask_options options = {
        .way = c->options.depth == CHECK_DEEP ? ASK_BY_CONTENTS : ASK_BY_NAME,
        .servers = &c->servers,
    };

    if (answer == ANSWER_FAILED && is_finding(*err)) {
        *err = volume_done(c);
        return *err == OK ? ANSWER_READY : ANSWER_FAILED;
    }
    if (answer != ANSWER_READY) {
        return answer;
    }
    options.volume = c->volume;
    c->state = CHECK_ASKING;
    *err = volume_ask_start(&c->ctx, &options, on_asked, c, &c->ask);
    return *err == OK ? ANSWER_WAIT : ANSWER_FAILED;
}

static enum answer step_asking(struct share_check *c, enum err *err)
{
    if (!volume_ask_is_done(c->ask)) {
        return ANSWER_WAIT;
    }
    *err = volume_done(c);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* --- files ------------------------------------------------------------------------------------ */

static void on_lost(void *arg, struct bytes path, uint64_t size)
{
    struct share_check *c = arg;

    c->result.lost_files++;
    c->result.lost_bytes += size;
    c->listener.file(c->listener.arg, path, size);
}

static enum err start_walk(struct share_check *c)
{
    struct lost_files_options options = {&c->places, on_lost, c};

    if (c->places.count == 0 || !c->result.files_known) {
        c->state = CHECK_OVER;
        return OK;
    }
    c->state = CHECK_WALKING;
    progress_enter(&c->ctx.progress, &c->ctx.env.sink, PROGRESS_LIST);
    return lost_files_new(&c->ctx, c->reader, &options, &c->files);
}

static enum answer step_walking(struct share_check *c, enum err *err)
{
    bool more;
    enum answer answer = lost_files_step(c->files, &more, err);

    if (answer == ANSWER_FAILED && is_finding(*err)) {
        c->result.files_known = false;
        progress_event(&c->ctx.env.sink, LOG_WARN,
            "the list of files cannot be read to its end: more files may be lost");
        more = false;
        answer = ANSWER_READY;
    }
    if (answer == ANSWER_READY && !more) {
        c->state = CHECK_OVER;
    }
    return answer;
}

/* --- the conductor ---------------------------------------------------------------------------- */

static enum answer step(struct share_check *c, enum err *err)
{
    switch (c->state) {
    case CHECK_COUNTING:
        return step_counting(c, err);
    case CHECK_NEXT:
        return step_next(c, err);
    case CHECK_OPEN:
        return step_open(c, err);
    case CHECK_ASKING:
        return step_asking(c, err);
    case CHECK_WALKING:
        return step_walking(c, err);
    case CHECK_LOCATING:
    case CHECK_HEADS:
    case CHECK_OVER:
        break;
    }
    return ANSWER_WAIT;
}

static void pump(void *arg)
{
    struct share_check *c = arg;
    enum answer answer = ANSWER_READY;
    enum err err = OK;

    for (int i = 0; i < STEPS_A_TURN && c->ctx.err == OK && answer == ANSWER_READY; i++) {
        answer = step(c, &err);
        if (answer == ANSWER_FAILED) {
            restore_ctx_fail(&c->ctx, err, NULL);
        }
    }
    if (c->ctx.err != OK || c->state == CHECK_OVER) {
        finish(c);
        return;
    }
    progress_changed(&c->ctx.progress, &c->ctx.env.sink);
    if (answer == ANSWER_READY) {
        restore_ctx_wake(&c->ctx);
    }
}

enum err share_check_start(const struct share_check_options *options,
    const struct share_check_listener *listener, struct share_check **out)
{
    struct share_check *c = secret_new(sizeof(*c));
    struct locate_options wanted = {options->key, options->version};
    enum err err;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->options = *options;
    c->listener = *listener;
    c->result.files_known = true;
    ask_servers_init(&c->servers, options->env.news);
    err = restore_ctx_init(&c->ctx, &options->env, pump, c);
    if (err == OK) {
        progress_enter(&c->ctx.progress, &c->ctx.env.sink, PROGRESS_LOCATE);
        err = locate_start(&c->ctx, &wanted, on_located, c, &c->locate);
    }
    bytes_wipe(&wanted, sizeof(wanted));
    if (err != OK) {
        check_free(c);
        return err;
    }
    *out = c;
    return OK;
}

void share_check_cancel(struct share_check *c)
{
    if (c != NULL) {
        check_free(c);
    }
}
