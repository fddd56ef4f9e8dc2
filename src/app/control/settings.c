/* One JSON object, checked as a whole before it counts. */
#include "app/control/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/control/control_name.h"
#include "app/control/limits.h"
#include "base/log.h"
#include "flow/index/ignore.h"
#include "io/store/store_setting.h"

enum { ROOTS_MAX = 100, THREADS_MAX = 64, CONNECTIONS_MAX = 6400, NICE_MAX = 19 };

static const char row_name[] = "settings";

struct settings {
    json_t *document;
    struct timetable timetable;
};

/* The numbers in "limits". */
static const struct {
    const char *name;
    json_int_t min, max, born; /* born 0: null, which it may be again */
} numbers[] = {
    {"upload_rate", 1024, INT64_MAX, 0},
    {"download_rate", 1024, INT64_MAX, 0},
    {"connections", 1, CONNECTIONS_MAX, 0},
    {"workers", 1, THREADS_MAX, 0},
    {"nice", 1, NICE_MAX, 0},
    {"memory", 64 << 20, INT64_MAX, 0},
    {"jobs_at_once", 1, CONTROL_JOBS_MAX, CONTROL_JOBS_AT_ONCE},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static const struct {
    const char *word;
    unsigned percent;
} redundancies[] = {{"lean", 5}, {"normal", 10}, {"long-term", 15}};

unsigned settings_redundancy_percent(const json_t *word)
{
    for (size_t i = 0; json_is_string(word) && i < 3; i++) {
        if (strcmp(json_string_value(word), redundancies[i].word) == 0) {
            return redundancies[i].percent;
        }
    }
    return 0;
}

const char *settings_redundancy_word(unsigned percent)
{
    for (size_t i = 0; i < 3; i++) {
        if (redundancies[i].percent == percent) {
            return redundancies[i].word;
        }
    }
    return redundancies[1].word;
}

/* As it is born. */
static json_t *document_new(void)
{
    json_t *limits = json_object();

    for (size_t i = 0; i < NUMBERS; i++) {
        (void)json_object_set_new(limits, numbers[i].name,
            numbers[i].born != 0 ? json_integer(numbers[i].born) : json_null());
    }
    return json_pack("{s:i, s:o, s:[], s:{s:s, s:s, s:b}, s:s, s:n}", "revision", 0, "limits",
        limits, "timetable", "defaults", "redundancy", "normal", "ignore", "", "one_file_system", 0,
        "theme", "system", "roots");
}

/* Put the members of `from` over those of `to` that are there, a level down as well. */
static enum err overlay(json_t *to, const json_t *from)
{
    const char *key;
    json_t *old;
    void *next;

    if (!json_is_object(from)) {
        return ERR_BAD_REQUEST;
    }
    json_object_foreach_safe(to, next, key, old)
    {
        json_t *given = json_object_get(from, key);
        json_t *copy;

        if (given == NULL || strcmp(key, "revision") == 0) {
            continue;
        }
        if (json_is_object(old)) {
            if (overlay(old, given) != OK) {
                return ERR_BAD_REQUEST;
            }
            continue;
        }
        copy = json_deep_copy(given);
        if (copy == NULL || json_object_set_new(to, key, copy) != 0) {
            return ERR_NO_MEMORY;
        }
    }
    return OK;
}

/* --- is it sound? ------------------------------------------------------------------------------
 */

static enum err check_limits(const json_t *limits, char text[SETTINGS_TEXT_MAX])
{
    for (size_t i = 0; i < NUMBERS; i++) {
        const json_t *value = json_object_get(limits, numbers[i].name);
        json_int_t number = json_integer_value(value);

        if (json_is_null(value) && numbers[i].born == 0) {
            continue;
        }
        if (!json_is_integer(value) || number < numbers[i].min || number > numbers[i].max) {
            (void)snprintf(text, SETTINGS_TEXT_MAX,
                "the limit %s is a whole number from %" PRId64 " on, at most %" PRId64 "%s",
                numbers[i].name, (int64_t)numbers[i].min, (int64_t)numbers[i].max,
                numbers[i].born == 0 ? ", or null for none" : "");
            return ERR_BAD_REQUEST;
        }
    }
    return OK;
}

static enum err check_defaults(const json_t *defaults, char text[SETTINGS_TEXT_MAX])
{
    const json_t *rules = json_object_get(defaults, "ignore");
    struct ignore *ignore = NULL;
    enum err err = json_is_string(rules) &&
                           strlen(json_string_value(rules)) == json_string_length(rules) &&
                           json_is_boolean(json_object_get(defaults, "one_file_system")) &&
                           settings_redundancy_percent(json_object_get(defaults, "redundancy")) != 0
                       ? OK
                       : ERR_BAD_REQUEST;

    if (err == OK) {
        err = ignore_new(bytes_at(json_string_value(rules), json_string_length(rules)), &ignore);
        ignore_free(ignore);
    }
    if (err == ERR_BAD_REQUEST || err == ERR_LIMIT) {
        (void)snprintf(text, SETTINGS_TEXT_MAX,
            "defaults are `redundancy` (lean, normal or long-term), `ignore` (text of at most %d "
            "rules) and `one_file_system` (true or false)",
            IGNORE_RULES_MAX);
        err = ERR_BAD_REQUEST;
    }
    return err;
}

static enum err check_roots(const json_t *roots, char text[SETTINGS_TEXT_MAX])
{
    enum err err =
        json_is_null(roots) || (json_is_array(roots) && json_array_size(roots) <= ROOTS_MAX)
            ? OK
            : ERR_BAD_REQUEST;
    const json_t *root;
    size_t i;

    json_array_foreach(roots, i, root)
    {
        struct buf path = {0};

        if (err == OK) {
            err = control_name_get(root, &path);
        }
        if (err == OK && (path.len == 0 || path.ptr[0] != '/')) {
            err = ERR_BAD_REQUEST;
        }
        buf_clear(&path);
    }
    if (err == ERR_BAD_REQUEST) {
        (void)snprintf(
            text, SETTINGS_TEXT_MAX, "roots are at most %d absolute paths of folders", ROOTS_MAX);
    }
    return err;
}

static enum err check_theme(const json_t *theme, char text[SETTINGS_TEXT_MAX])
{
    static const char *const themes[] = {"system", "light", "dark"};

    for (size_t i = 0; json_is_string(theme) && i < 3; i++) {
        if (strcmp(json_string_value(theme), themes[i]) == 0) {
            return OK;
        }
    }
    (void)snprintf(text, SETTINGS_TEXT_MAX, "a theme is system, light or dark");
    return ERR_BAD_REQUEST;
}

/* Checks all of it; reads the timetable on the way. */
static enum err check(
    const json_t *document, struct timetable *timetable, char text[SETTINGS_TEXT_MAX])
{
    enum err err = check_limits(json_object_get(document, "limits"), text);

    if (err == OK) {
        err = timetable_read(json_object_get(document, "timetable"), timetable);
        if (err != OK) {
            (void)snprintf(text, SETTINGS_TEXT_MAX,
                "a timetable has at most %d rows of `days` (1 is Monday), `from` and `to` (HH:MM), "
                "`upload_rate` and `download_rate` (bytes a second from 1024 on, 0 for nothing, "
                "null for no limit)",
                TIMETABLE_MAX);
        }
    }
    if (err == OK) {
        err = check_defaults(json_object_get(document, "defaults"), text);
    }
    if (err == OK) {
        err = check_theme(json_object_get(document, "theme"), text);
    }
    return err == OK ? check_roots(json_object_get(document, "roots"), text) : err;
}

/* --- keeping -----------------------------------------------------------------------------------
 */

/* What was kept over what is born; a value that is not sound any more takes all with it. */
static json_t *document_load(struct control *control, struct timetable *timetable)
{
    json_t *document = document_new();
    struct buf value = {0};
    char text[SETTINGS_TEXT_MAX] = "";
    json_t *kept;
    enum err err = store_setting_get(control->store, row_name, &value);

    if (err != OK) {
        buf_clear(&value);
        return document;
    }
    kept = json_loadb((const char *)value.ptr, value.len, 0, NULL);
    buf_clear(&value);
    err = overlay(document, kept);
    if (err == OK) {
        err = check(document, timetable, text);
    }
    if (err != OK) {
        log_error("control", "the settings cannot be read, defaults hold text=%s", text);
        json_decref(document);
        document = document_new();
        timetable->count = 0;
    } else {
        (void)json_object_set(document, "revision", json_object_get(kept, "revision"));
    }
    json_decref(kept);
    return document;
}

enum err settings_load(struct control *control)
{
    struct settings *settings = calloc(1, sizeof(*settings));

    if (settings == NULL) {
        return ERR_NO_MEMORY;
    }
    control->settings = settings;
    settings->document = document_load(control, &settings->timetable);
    return settings->document != NULL ? OK : ERR_NO_MEMORY;
}

void settings_free(struct control *control)
{
    if (control->settings != NULL) {
        json_decref(control->settings->document);
        free(control->settings);
        control->settings = NULL;
    }
}

const json_t *settings_document(const struct control *control)
{
    return control->settings->document;
}

static enum err keep(struct control *control, const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    enum err err = ERR_NO_MEMORY;

    if (text != NULL) {
        err = store_setting_put(
            control->store, &(struct store_setting){row_name, bytes_str(text)}, 1);
    }
    free(text);
    return err;
}

enum err settings_change(
    struct control *control, const json_t *change, char text[SETTINGS_TEXT_MAX])
{
    struct settings *settings = control->settings;
    json_t *document = json_deep_copy(settings->document);
    struct timetable *timetable = calloc(1, sizeof(*timetable));
    json_int_t revision = json_integer_value(json_object_get(document, "revision"));
    enum err err =
        document != NULL && timetable != NULL ? overlay(document, change) : ERR_NO_MEMORY;

    if (err == OK) {
        err = check(document, timetable, text);
    }
    if (err == OK && json_object_set_new(document, "revision", json_integer(revision + 1)) != 0) {
        err = ERR_NO_MEMORY;
    }
    if (err == OK) {
        err = keep(control, document);
    }
    if (err == OK) {
        json_decref(settings->document);
        settings->document = json_incref(document);
        settings->timetable = *timetable;
        limits_apply(control);
    }
    json_decref(document);
    free(timetable);
    return err;
}

void settings_limits_get(const struct control *control, struct settings_limits *limits)
{
    const json_t *from = json_object_get(control->settings->document, "limits");
    int64_t *const values[NUMBERS] = {&limits->upload_rate, &limits->download_rate,
        &limits->connections, &limits->workers, &limits->nice, &limits->memory,
        &limits->jobs_at_once};

    for (size_t i = 0; i < NUMBERS; i++) {
        *values[i] = json_integer_value(json_object_get(from, numbers[i].name));
    }
}

const struct timetable *settings_timetable(const struct control *control)
{
    return &control->settings->timetable;
}
