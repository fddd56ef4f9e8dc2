/* Facts are kept as the JSON object that is shown. */
#include "app/control/server_facts.h"

#include <stdlib.h>
#include <string.h>

static const char *const stats[] = {
    [NEWS_STAT_UNKNOWN] = "unknown",
    [NEWS_STAT_TRUE] = "true",
    [NEWS_STAT_LATE] = "late",
    [NEWS_STAT_LIES] = "lies",
};

/* "Path Xref" as a list. */
static json_t *words_json(const char *words)
{
    json_t *list = json_array();

    while (*words != '\0') {
        size_t len = strcspn(words, " ");

        (void)json_array_append_new(list, json_stringn(words, len));
        words += len;
        words += strspn(words, " ");
    }
    return list;
}

enum err server_facts_put(const struct news_facts *facts, int64_t tested, struct buf *out)
{
    json_t *object = json_pack("{s:I, s:b, s:b, s:b, s:s, s:o, s:I}", "tested", (json_int_t)tested,
        "posts", facts->posts, "too_small", facts->too_small, "changes_ids", facts->changes_ids,
        "stat", stats[facts->stat], "headers", words_json(facts->headers), "round_trip_us",
        (json_int_t)facts->round_trip_us);
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    enum err err = text != NULL ? buf_append_str(out, text) : ERR_NO_MEMORY;

    free(text);
    json_decref(object);
    return err;
}

json_t *server_facts_json(struct bytes kept)
{
    json_t *object = kept.len > 0 ? json_loadb((const char *)kept.ptr, kept.len, 0, NULL) : NULL;

    if (!json_is_object(object)) {
        json_decref(object);
        object = json_null();
    }
    return object;
}

unsigned server_facts_quirks(struct bytes kept)
{
    json_t *object = server_facts_json(kept);
    const char *stat = json_string_value(json_object_get(object, "stat"));
    unsigned quirks = 0;

    quirks |= json_is_true(json_object_get(object, "changes_ids")) ? NEWS_QUIRK_CHANGES_IDS : 0;
    quirks |= json_is_true(json_object_get(object, "too_small")) ? NEWS_QUIRK_SMALL : 0;
    quirks |= stat != NULL && strcmp(stat, stats[NEWS_STAT_LIES]) == 0 ? NEWS_QUIRK_STAT_LIES : 0;
    json_decref(object);
    return quirks;
}
