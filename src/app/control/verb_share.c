/* share: paths become a share (or the next version of the one they are already), and a job sends
 * them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/control/control_verbs.h"
#include "app/control/roots.h"
#include "app/control/settings.h"
#include "app/control/share_job.h"
#include "app/control/share_paths.h"
#include "app/control/share_settings.h"
#include "base/random.h"
#include "base/text.h"

/* W and L are random and durable before anything else happens. */
static enum err share_create(
    struct control *control, const struct share_paths *paths, const char *title, int64_t *id)
{
    struct store_share share = {.created = time(NULL)};
    enum err err = random_bytes(share.write_seed, sizeof(share.write_seed));

    if (err == OK) {
        err = random_bytes(share.link_secret, sizeof(share.link_secret));
    }
    if (err == OK) {
        (void)snprintf(share.title, sizeof(share.title), "%s", title);
        err = store_share_add(control->store, &share, paths->list, paths->count, id);
    }
    if (err == OK) {
        err = store_sync(control->store);
    }
    bytes_wipe(&share, sizeof(share));
    return err;
}

/* The title asked for, else one made of the paths. */
static enum err pick_title(
    const json_t *args, const struct share_paths *paths, char title[STORE_TITLE_MAX + 1])
{
    const json_t *asked = json_object_get(args, "title");
    struct bytes text = bytes_at(json_string_value(asked), json_string_length(asked));

    if (asked == NULL || json_is_null(asked)) {
        share_paths_title(paths, title);
        return OK;
    }
    if (!json_is_string(asked) || text.len == 0 || text.len > STORE_TITLE_MAX ||
        !text_is_utf8(text)) {
        return ERR_BAD_REQUEST;
    }
    memcpy(title, text.ptr, text.len);
    title[text.len] = '\0';
    return OK;
}

/* Find or make the share of these paths; `text` is set when the title is the trouble. */
static enum err share_of(struct control *control, const json_t *args,
    const struct share_paths *paths, struct store_share *share, char text[SHARE_PATHS_TEXT_MAX])
{
    char title[STORE_TITLE_MAX + 1];
    int64_t id = 0;
    enum err err = pick_title(args, paths, title);

    if (err != OK) {
        (void)snprintf(
            text, SHARE_PATHS_TEXT_MAX, "a title is 1 to %d bytes of UTF-8 text", STORE_TITLE_MAX);
        return err;
    }
    err = store_share_find(control->store, paths->list, paths->count, &id);
    if (err == ERR_NO_ROW) {
        err = share_create(control, paths, title, &id);
        if (err == OK) { /* what is asked for comes over these */
            err = share_settings_apply(
                control->store, id, json_object_get(settings_document(control), "defaults"));
        }
    } else if (err == OK && json_is_string(json_object_get(args, "title"))) {
        err = store_share_set_title(control->store, id, title);
    }
    return err == OK ? store_share_get(control->store, id, share) : err;
}

/* What comes over the page stays within its roots. */
static enum err allow(
    struct control_call *call, const struct share_paths *paths, char text[SHARE_PATHS_TEXT_MAX])
{
    struct roots_ask ask;
    enum err err = roots_ask_init(&ask, call);

    for (size_t i = 0; err == OK && call->confined && i < paths->count; i++) {
        err = roots_allow(&ask, paths->list[i].path);
        if (err == ERR_OUTSIDE) {
            (void)snprintf(text, SHARE_PATHS_TEXT_MAX, "cannot share %.*s: %s",
                (int)(paths->list[i].path.len < 600 ? paths->list[i].path.len : 600),
                (const char *)paths->list[i].path.ptr, err_text(err));
        }
    }
    roots_ask_clear(&ask);
    return err;
}

void verb_share(struct control_call *call)
{
    struct control *control = call->control;
    struct share_paths paths;
    struct store_share share = {0};
    char text[SHARE_PATHS_TEXT_MAX] = "";
    enum err err = share_paths_init(&paths, json_object_get(call->args, "paths"), text);

    if (err == OK) {
        err = allow(call, &paths, text);
    }
    if (err == OK && control->damaged) {
        err = ERR_STORE_CORRUPT;
    }
    if (err == OK && news_provider_count(control->news) == 0) {
        err = ERR_NO_PROVIDER;
    }
    if (err == OK) {
        err = share_settings_check(call->args, text);
    }
    if (err == OK) {
        err = share_of(control, call->args, &paths, &share, text);
    }
    if (err == OK && !share.adopting) {
        err = share_settings_apply(control->store, share.id, call->args);
    }
    if (err == OK) {
        share_job_start(call, &share);
    } else {
        control_fail(call, err, text[0] != '\0' ? "%s" : NULL, text);
    }
    share_paths_clear(&paths);
    bytes_wipe(&share, sizeof(share));
}
