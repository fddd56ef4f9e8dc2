/* share: paths become a share (or the next version of the one they are already), and a job sends
 * them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/control/control_share.h"
#include "app/control/jobs.h"
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

static void share_answer(
    struct control_call *call, int64_t job, const struct store_share *share, const char *word)
{
    control_answer_job(call, json_pack("{s:I, s:I, s:s, s:I, s:s}", "job", (json_int_t)job, "share",
                                 (json_int_t)share->id, "title", share->title, "version",
                                 (json_int_t)share->version + 1, "started", word));
}

/* An unfinished job for the same share is the answer; a paused one goes on. */
static enum err join_job(struct control *control, int64_t share, int64_t *job)
{
    struct job_row row;
    enum store_job_state state;
    enum err err = jobs_of_share(control, share, 0, job, &state);

    if (err != OK || state != STORE_JOB_PAUSED) {
        return err;
    }
    err = job_row_load(control->store, *job, &row);
    if (err == OK) {
        err = jobs_set_state(control, &row, STORE_JOB_QUEUED);
    }
    job_row_clear(&row);
    return err;
}

static enum err add_job(struct control *control, const struct store_share *share, int64_t *job)
{
    struct job_row row = {
        .kind = STORE_JOB_SHARE,
        .state = STORE_JOB_QUEUED,
        .share = share->id,
        .created = time(NULL),
        .args = json_pack("{s:s}", "title", share->title),
    };
    enum err err = row.args == NULL ? ERR_NO_MEMORY : job_row_add(control->store, &row);

    *job = row.id;
    job_row_clear(&row);
    return err;
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
    } else if (err == OK && json_is_string(json_object_get(args, "title"))) {
        err = store_share_set_title(control->store, id, title);
    }
    return err == OK ? store_share_get(control->store, id, share) : err;
}

void verb_share(struct control_call *call)
{
    struct control *control = call->control;
    struct share_paths paths;
    struct store_share share = {0};
    char text[SHARE_PATHS_TEXT_MAX] = "";
    const char *word = "joined";
    int64_t job = 0;
    enum err err = share_paths_init(&paths, json_object_get(call->args, "paths"), text);

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
    if (err == OK && share.adopting) {
        control_share_fail_adopting(call, &share);
        goto out;
    }
    if (err == OK) {
        err = share_settings_apply(control->store, share.id, call->args);
    }
    if (err == OK) {
        err = join_job(control, share.id, &job);
    }
    if (err == ERR_NO_ROW) {
        word = "new";
        err = add_job(control, &share, &job);
    }
    if (err == OK) {
        jobs_pump(control);
        share_answer(call, job, &share, word);
    } else {
        control_fail(call, err, text[0] != '\0' ? "%s" : NULL, text);
    }
out:
    share_paths_clear(&paths);
    bytes_wipe(&share, sizeof(share));
}
