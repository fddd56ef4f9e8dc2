/* The newest state, and the last steps that led to it. */
#include "app/web/web_news.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/web/web_patch.h"

struct step {
    json_t *patch; /* from state seq - 1 to state seq; shares values with states gone by */
    size_t bytes;
};

struct web_news {
    char *boot;
    json_t *state; /* clean; NULL: none yet */
    uint64_t seq;
    uint64_t told_ms;                  /* when it rose last */
    struct step steps[WEB_NEWS_STEPS]; /* step `seq` is at seq % WEB_NEWS_STEPS */
    uint64_t oldest;                   /* the first step that is kept; seq + 1: none */
    size_t bytes;                      /* of all steps kept */
    struct buf text;                   /* the message made last ... */
    uint64_t text_from, text_to;       /* ... for a listener at text_from; text_to 0: none */
};

enum err web_news_new(const char *boot, struct web_news **out)
{
    struct web_news *news = calloc(1, sizeof(*news));

    if (news == NULL || (news->boot = strdup(boot)) == NULL) {
        free(news);
        return ERR_NO_MEMORY;
    }
    news->oldest = 1;
    *out = news;
    return OK;
}

static struct step *step_at(struct web_news *news, uint64_t seq)
{
    return &news->steps[seq % WEB_NEWS_STEPS];
}

static void drop_oldest(struct web_news *news)
{
    struct step *step = step_at(news, news->oldest);

    news->bytes -= step->bytes;
    json_decref(step->patch);
    *step = (struct step){NULL, 0};
    news->oldest++;
}

void web_news_free(struct web_news *news)
{
    if (news == NULL) {
        return;
    }
    while (news->oldest <= news->seq) {
        drop_oldest(news);
    }
    json_decref(news->state);
    buf_clear(&news->text);
    free(news->boot);
    free(news);
}

/* The first state of all has no step that leads to it. */
static void put_first(struct web_news *news, json_t *state, uint64_t now_ms)
{
    news->state = state;
    news->seq = 1;
    news->oldest = 2;
    news->told_ms = now_ms;
}

/* `patch` is taken over. */
static void put_step(struct web_news *news, json_t *patch)
{
    size_t bytes = json_dumpb(patch, NULL, 0, JSON_COMPACT);

    if (news->seq + 1 - news->oldest == WEB_NEWS_STEPS) {
        drop_oldest(news);
    }
    news->seq++;
    *step_at(news, news->seq) = (struct step){patch, bytes};
    news->bytes += bytes;
    while (news->bytes > WEB_NEWS_BYTES && news->oldest <= news->seq) {
        drop_oldest(news);
    }
}

void web_news_put(struct web_news *news, json_t *state, uint64_t now_ms)
{
    json_t *patch, *time;

    if (!json_is_object(state)) {
        json_decref(state);
        return;
    }
    web_patch_clean(state);
    if (news->state == NULL) {
        put_first(news, state, now_ms);
        return;
    }
    patch = web_patch_make(news->state, state);
    time = json_object_get(patch, "time");
    if (patch == NULL ||
        (json_object_size(patch) <= (time != NULL) && now_ms < news->told_ms + WEB_NEWS_QUIET_MS)) {
        json_decref(patch);
        json_decref(state);
        return;
    }
    json_decref(news->state);
    news->state = state;
    news->told_ms = now_ms;
    put_step(news, patch);
}

uint64_t web_news_seq(const struct web_news *news)
{
    return news->seq;
}

uint64_t web_news_begin(const struct web_news *news, const char *boot, uint64_t since)
{
    return boot != NULL && strcmp(boot, news->boot) == 0 && since + 1 >= news->oldest &&
                   since <= news->seq
               ? since
               : 0;
}

static json_t *snapshot(struct web_news *news)
{
    return json_pack("{s:s, s:s, s:I, s:O}", "type", "snapshot", "boot", news->boot, "seq",
        (json_int_t)news->seq, "state", news->state);
}

/* The steps after `seq` as one; NULL: they cannot be one, or are not kept any more. */
static json_t *change(struct web_news *news, uint64_t seq)
{
    json_t *patch;
    enum err err = OK;

    if (seq + 1 < news->oldest) {
        return NULL;
    }
    patch = seq == news->seq ? json_object() : json_deep_copy(step_at(news, seq + 1)->patch);
    for (uint64_t i = seq + 2; i <= news->seq && err == OK; i++) {
        err = web_patch_join(patch, step_at(news, i)->patch);
    }
    if (err != OK || patch == NULL) {
        json_decref(patch);
        return NULL;
    }
    return json_pack(
        "{s:s, s:I, s:o}", "type", "change", "seq", (json_int_t)news->seq, "patch", patch);
}

/* jansson hands over the text in pieces. */
static int on_text(const char *piece, size_t len, void *arg)
{
    return buf_append(arg, bytes_at(piece, len)) == OK ? 0 : -1;
}

struct bytes web_news_message(struct web_news *news, uint64_t seq)
{
    json_t *message = NULL;

    if (news->state == NULL) {
        return bytes_at("", 0);
    }
    if (news->text_to == news->seq && news->text_from == seq) {
        return buf_view(&news->text); /* most listeners are equally far */
    }
    news->text.len = 0;
    news->text_to = 0;
    if (seq != 0) {
        message = change(news, seq);
    }
    if (message == NULL) {
        message = snapshot(news);
    }
    if (message == NULL || json_dump_callback(message, on_text, &news->text, JSON_COMPACT) != 0) {
        news->text.len = 0;
    } else {
        news->text_from = seq;
        news->text_to = news->seq;
    }
    json_decref(message);
    return buf_view(&news->text);
}
