/* Rules: read, and asked whose turn it is. */
#include "script.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const points[POINT_COUNT] = {"greeting", "mode", "user", "pass", "group", "date",
    "stat", "body", "post", "taking", "taken", "kept", "again"};

static const char *const actions[ACTION_COUNT] = {"drop", "stall", "say", "bye", "first", "then",
    "drip", "line", "junk", "lose", "hide", "sulk", "gone", "stat-only", "body-only", "flip",
    "forge", "short", "undot", "redot", "swap", "huge", "rename", "fold"};

static const struct {
    const char *name;
    size_t at;
} keys[] = {
    {"every", offsetof(struct rule, every)},
    {"skip", offsetof(struct rule, skip)},
    {"count", offsetof(struct rule, count)},
    {"over", offsetof(struct rule, over)},
    {"after", offsetof(struct rule, after)},
    {"ms", offsetof(struct rule, ms)},
    {"n", offsetof(struct rule, n)},
};

enum { LINE_LEN = 400 };

const char *point_name(enum point point)
{
    return points[point];
}

const char *action_name(enum action action)
{
    return actions[action];
}

bool action_marks(enum action action)
{
    return action >= ACTION_LOSE;
}

/* The place of `word` in `list`; -1: it is not there. */
static int find(const char *const *list, int count, const char *word)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(list[i], word) == 0) {
            return i;
        }
    }
    return -1;
}

static bool read_key(struct rule *rule, char *word)
{
    char *value = strchr(word, '=');
    char *end = NULL;

    if (value == NULL) {
        return false;
    }
    *value++ = '\0';
    if (strcmp(word, "chance") == 0) {
        rule->chance = strtod(value, &end);
        return *value != '\0' && *end == '\0' && rule->chance > 0 && rule->chance <= 100;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(keys[i].name, word) == 0) {
            uint64_t number = strtoull(value, &end, 10);

            memcpy((char *)rule + keys[i].at, &number, sizeof(number));
            return *value != '\0' && *end == '\0';
        }
    }
    return false;
}

/* `line` is written over. */
static bool read_line(char *line, struct rule *rule, char *complaint, bool with_point)
{
    char *colon = strstr(line, ": ");
    char *rest = line;
    char *word;
    int found;

    *rule = (struct rule){.point = POINT_KEPT};
    if (colon != NULL) {
        (void)snprintf(rule->text, sizeof(rule->text), "%s", colon + 2);
        *colon = '\0';
    }
    word = strtok_r(rest, " ", &rest);
    if (with_point) {
        found = word != NULL ? find(points, POINT_COUNT, word) : -1;
        if (found < 0) {
            (void)snprintf(complaint, SCRIPT_COMPLAINT_MAX, "no such point");
            return false;
        }
        rule->point = (enum point)found;
        word = strtok_r(rest, " ", &rest);
    }
    found = word != NULL ? find(actions, ACTION_COUNT, word) : -1;
    if (found < 0) {
        (void)snprintf(complaint, SCRIPT_COMPLAINT_MAX, "no such action");
        return false;
    }
    rule->action = (enum action)found;
    while ((word = strtok_r(rest, " ", &rest)) != NULL) {
        if (!read_key(rule, word)) {
            (void)snprintf(complaint, SCRIPT_COMPLAINT_MAX, "no such key, or no number");
            return false;
        }
    }
    return true;
}

static bool copy_line(struct bytes text, char line[LINE_LEN])
{
    if (text.len >= LINE_LEN) {
        return false;
    }
    memcpy(line, text.ptr, text.len);
    line[text.len] = '\0';
    line[strcspn(line, "#\r")] = '\0';
    return true;
}

bool script_read_action(struct bytes text, struct rule *rule, char complaint[SCRIPT_COMPLAINT_MAX])
{
    char line[LINE_LEN];

    if (!copy_line(text, line)) {
        (void)snprintf(complaint, SCRIPT_COMPLAINT_MAX, "too long");
        return false;
    }
    return read_line(line, rule, complaint, false);
}

/* Read one line of a script; empty ones are passed over. */
static bool take_line(struct script *script, struct bytes text, char *complaint)
{
    char line[LINE_LEN];

    if (!copy_line(text, line) || script->count == SCRIPT_RULES_MAX) {
        (void)snprintf(complaint, SCRIPT_COMPLAINT_MAX, "too long");
        return false;
    }
    if (line[strspn(line, " ")] == '\0') {
        return true;
    }
    return read_line(line, &script->rules[script->count++], complaint, true);
}

bool script_read(struct script *script, struct bytes text, char complaint[SCRIPT_COMPLAINT_MAX])
{
    unsigned number = 0;
    char why[SCRIPT_COMPLAINT_MAX / 2] = "";

    script->count = 0;
    while (text.len > 0) {
        const uint8_t *lf = memchr(text.ptr, '\n', text.len);
        struct bytes line = {text.ptr, lf == NULL ? text.len : (size_t)(lf - text.ptr)};

        number++;
        bytes_skip(&text, line.len + 1);
        if (!take_line(script, line, why)) {
            (void)snprintf(complaint, SCRIPT_COMPLAINT_MAX, "line %u: %s", number, why);
            script->count = 0;
            return false;
        }
    }
    return true;
}

uint64_t script_dice(struct script *script, uint64_t below)
{
    script->dice ^= script->dice << 13;
    script->dice ^= script->dice >> 7;
    script->dice ^= script->dice << 17;
    return below == 0 ? 0 : (script->dice >> 11) % below;
}

/* Its point has come: is it its turn? */
static bool strikes(struct script *script, struct rule *rule)
{
    enum { PARTS = 1000000 };

    rule->seen++;
    if (rule->seen <= rule->skip || (rule->count > 0 && rule->strikes >= rule->count)) {
        return false;
    }
    if (rule->every > 1 && (rule->seen - rule->skip) % rule->every != 0) {
        return false;
    }
    return rule->chance == 0 ||
           (double)script_dice(script, PARTS) < rule->chance / 100 * (double)PARTS;
}

/* Is this its point, and what else it waits for? */
static bool fits(const struct rule *rule, size_t number, const struct occasion *occasion)
{
    if (rule->point != occasion->point || (rule->over > 0 && occasion->clients <= rule->over)) {
        return false;
    }
    if (rule->point == POINT_TAKING) {
        uint64_t bit = UINT64_C(1) << number;

        if (occasion->octets < rule->after || (*occasion->asked & bit) != 0) {
            return false;
        }
        *occasion->asked |= bit;
    }
    return true;
}

struct rule *script_strike(struct script *script, const struct occasion *occasion)
{
    for (size_t i = 0; i < script->count; i++) {
        struct rule *rule = &script->rules[i];

        if (!fits(rule, i, occasion)) {
            continue;
        }
        if (strikes(script, rule)) {
            rule->strikes++;
            return rule;
        }
    }
    return NULL;
}
