/* "ignore": the text of a rule file. "one_file_system": true or false. "redundancy": a word. */
#include "app/control/share_settings.h"

#include <stdio.h>

#include "app/control/control_name.h"
#include "app/control/settings.h"
#include "flow/index/ignore.h"

static bool is_given(const json_t *args, const char *key)
{
    const json_t *value = json_object_get(args, key);

    return value != NULL && !json_is_null(value);
}

/* Put what `args` asks for over *settings. */
static enum err overlay(const json_t *args, struct store_settings *settings)
{
    const json_t *one = json_object_get(args, "one_file_system");

    if (is_given(args, "one_file_system")) {
        if (!json_is_boolean(one)) {
            return ERR_BAD_REQUEST;
        }
        settings->one_file_system = json_is_true(one);
    }
    if (is_given(args, "redundancy")) {
        settings->redundancy = settings_redundancy_percent(json_object_get(args, "redundancy"));
        if (settings->redundancy == 0) {
            return ERR_BAD_REQUEST;
        }
    }
    if (!is_given(args, "ignore")) {
        return OK;
    }
    settings->ignore_rules.len = 0;
    return control_name_get(json_object_get(args, "ignore"), &settings->ignore_rules);
}

enum err share_settings_check(const json_t *args, char text[SHARE_PATHS_TEXT_MAX])
{
    struct store_settings settings = {0};
    struct ignore *rules = NULL;
    enum err err = overlay(args, &settings);

    if (err == ERR_BAD_REQUEST) {
        (void)snprintf(text, SHARE_PATHS_TEXT_MAX,
            "`ignore` is text without a NUL, `one_file_system` is true or false, `redundancy` is "
            "lean, normal or long-term");
    }
    if (err == OK) {
        err = ignore_new(buf_view(&settings.ignore_rules), &rules);
    }
    if (err == ERR_LIMIT) {
        err = ERR_BAD_REQUEST;
        (void)snprintf(text, SHARE_PATHS_TEXT_MAX,
            "ignore rules are at most %d lines of %d bytes, %d bytes in all", IGNORE_RULES_MAX,
            IGNORE_PATTERN_MAX, IGNORE_TEXT_MAX);
    }
    ignore_free(rules);
    buf_clear(&settings.ignore_rules);
    return err;
}

enum err share_settings_apply(struct store *store, int64_t share, const json_t *args)
{
    struct store_settings settings = {0};
    enum err err;

    if (!is_given(args, "ignore") && !is_given(args, "one_file_system") &&
        !is_given(args, "redundancy")) {
        return OK;
    }
    err = store_share_settings(store, share, &settings);
    if (err == OK) {
        err = overlay(args, &settings);
    }
    if (err == OK) {
        err = store_share_set_settings(store, share, &settings);
    }
    buf_clear(&settings.ignore_rules);
    return err;
}
