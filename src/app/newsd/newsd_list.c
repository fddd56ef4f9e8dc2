/* LIST and LISTGROUP: long answers, a part at a time. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/newsd/newsd_verbs.h"

enum { PART_LINES = 500 };

static int is_word(struct bytes word, const char *name)
{
    return word.len == strlen(name) && strncasecmp((const char *)word.ptr, name, word.len) == 0;
}

/* RFC 3977 section 4: patterns with commas between, the last that matches decides, '!' negates. */
static int matches(const char *wildmat, const char *name)
{
    char patterns[NNTP_COMMAND_MAX];
    char *rest = patterns;
    int result = 0;

    (void)snprintf(patterns, sizeof(patterns), "%s", wildmat);
    while (rest != NULL) {
        char *pattern = strsep(&rest, ",");
        int negated = pattern[0] == '!';

        if (fnmatch(pattern + negated, name, FNM_NOESCAPE) == 0) {
            result = !negated;
        }
    }
    return result;
}

static int tell_groups(struct session *s, int with_marks)
{
    const struct spool *spool = s->newsd->spool;

    for (int i = 0; i < PART_LINES && s->range_at < s->range_end; i++, s->range_at++) {
        int group = (int)s->range_at;
        const char *name = spool_group_name(spool, group);
        uint32_t high = spool_group_high(spool, group);

        if (!matches(s->wildmat, name)) {
            continue;
        }
        if (with_marks) {
            newsd_say(s, "%s %u 1 y", name, high);
        } else {
            newsd_say(s, "%s\t", name);
        }
    }
    if (s->range_at < s->range_end) {
        return 1;
    }
    newsd_say(s, ".");
    return 0;
}

static int tell_active(struct session *s)
{
    return tell_groups(s, 1);
}

static int tell_names(struct session *s)
{
    return tell_groups(s, 0);
}

static void start_groups(
    struct session *s, const struct nntp_command *command, session_source_fn source)
{
    struct bytes wildmat = command->count == 2 ? command->words[1] : bytes_str("*");

    (void)snprintf(
        s->wildmat, sizeof(s->wildmat), "%.*s", (int)wildmat.len, (const char *)wildmat.ptr);
    s->range_at = 0;
    s->range_end = (uint32_t)spool_group_count(s->newsd->spool);
    newsd_say(s, "215 List follows");
    s->source = source;
}

void newsd_list(struct session *s, const struct nntp_command *command)
{
    if (command->count == 0 || is_word(command->words[0], "ACTIVE")) {
        start_groups(s, command, tell_active);
    } else if (is_word(command->words[0], "NEWSGROUPS")) {
        start_groups(s, command, tell_names);
    } else if (is_word(command->words[0], "OVERVIEW.FMT") && command->count == 1) {
        newsd_say(s, "215 Order of fields in OVER\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\n"
                     "References:\r\n:bytes\r\n:lines\r\n.");
    } else {
        newsd_say(s, "503 This list is not kept");
    }
}

int newsd_range(struct session *s, int group, struct bytes word)
{
    uint32_t high = spool_group_high(s->newsd->spool, group);
    const uint8_t *dash = word.len == 0 ? NULL : memchr(word.ptr, '-', word.len);
    struct bytes first = word, last = word;

    if (dash != NULL) {
        first.len = (size_t)(dash - word.ptr);
        bytes_skip(&last, first.len + 1);
    }
    if (!newsd_number(first, &s->range_at)) {
        return 0;
    }
    s->range_end = high;
    if ((dash == NULL || last.len > 0) && !newsd_number(last, &s->range_end)) {
        return 0;
    }
    if (s->range_at == 0) {
        s->range_at = 1;
    }
    if (s->range_end > high) {
        s->range_end = high;
    }
    s->range_group = group;
    return 1;
}

static int tell_numbers(struct session *s)
{
    for (int i = 0; i < PART_LINES && s->range_at <= s->range_end; i++, s->range_at++) {
        if (spool_group_row(s->newsd->spool, s->range_group, s->range_at) != SPOOL_NONE) {
            newsd_say(s, "%u", s->range_at);
        }
    }
    if (s->range_at <= s->range_end) {
        return 1;
    }
    newsd_say(s, ".");
    return 0;
}

void newsd_listgroup(struct session *s, const struct nntp_command *command)
{
    struct bytes range = command->count == 2 ? command->words[1] : bytes_str("1-");
    int group = s->group;
    uint32_t high;

    if (command->count > 0) {
        group = spool_group_find(s->newsd->spool, command->words[0]);
    }
    if (group == SPOOL_NONE) {
        newsd_say(s, command->count > 0 ? "411 No such newsgroup" : "412 No newsgroup selected");
        return;
    }
    if (!newsd_range(s, group, range)) {
        newsd_say(s, "501 Not a range");
        return;
    }
    high = spool_group_high(s->newsd->spool, group);
    s->group = group;
    s->current = high > 0;
    newsd_say(s, "211 %u %d %u %s", high, high > 0, high, spool_group_name(s->newsd->spool, group));
    s->source = tell_numbers;
}
