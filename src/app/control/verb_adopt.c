/* adopt: a write key and paths become a share that is taken over from the news server by a job. The
 * key goes into the share's row, where keys of shares are, and nowhere else. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/control/control_link.h"
#include "app/control/control_share.h"
#include "app/control/control_verbs.h"
#include "app/control/jobs.h"
#include "app/control/roots.h"
#include "app/control/share_paths.h"

/* The share with this write seed. */
struct search {
    const uint8_t *seed;
    struct store_share found; /* id 0: none */
};

static enum err on_share(void *arg, const struct store_share *share)
{
    struct search *search = arg;

    if (memcmp(share->write_seed, search->seed, sizeof(share->write_seed)) == 0) {
        search->found = *share;
    }
    return OK;
}

/* An earlier adopt of this key named other paths: what it began is forgotten, the key is at hand.
 */
static enum err forget_earlier(struct control *control, int64_t id, char text[SHARE_PATHS_TEXT_MAX])
{
    enum store_job_state state;
    int64_t job = 0;
    enum err err = jobs_of_share(control, id, 0, &job, &state);

    if (err == OK) {
        (void)snprintf(text, SHARE_PATHS_TEXT_MAX,
            "job %lld is still taking this share over for other paths; cancel it first",
            (long long)job);
        return ERR_JOB_STATE;
    }
    return err == ERR_NO_ROW ? store_share_forget(control->store, id) : err;
}

/* Two shares of the same paths would be one too many: which would `share` go on with? */
static enum err make_share(struct control *control, const struct share_paths *paths,
    struct store_share *share, char text[SHARE_PATHS_TEXT_MAX])
{
    int64_t other = 0;
    enum err err = store_share_find(control->store, paths->list, paths->count, &other);

    if (err == OK) {
        (void)snprintf(text, SHARE_PATHS_TEXT_MAX,
            "share %lld, of another key, is made of these paths already; `usenetsync shares` "
            "lists it",
            (long long)other);
        return ERR_EXISTS;
    }
    if (err != ERR_NO_ROW) {
        return err;
    }
    share->adopting = true;
    share->created = time(NULL);
    share_paths_title(paths, share->title);
    return store_share_add(control->store, share, paths->list, paths->count, &share->id);
}

/* Is the share made of these paths? */
static bool has_paths(struct control *control, int64_t id, const struct share_paths *paths)
{
    int64_t found = 0;

    return store_share_find(control->store, paths->list, paths->count, &found) == OK && found == id;
}

/* Find the share that an earlier attempt made, or make it; *share has the keys and gets the rest.
 */
static enum err share_of(struct control *control, const struct share_paths *paths,
    struct store_share *share, char text[SHARE_PATHS_TEXT_MAX])
{
    struct search search = {.seed = share->write_seed};
    enum err err = store_share_each(control->store, on_share, &search);

    if (err == OK && search.found.id != 0 && !search.found.adopting) {
        (void)snprintf(text, SHARE_PATHS_TEXT_MAX,
            "this is the write key of share %lld, which is here already",
            (long long)search.found.id);
        err = ERR_EXISTS;
    } else if (err == OK && search.found.id != 0 && has_paths(control, search.found.id, paths)) {
        *share = search.found;
    } else if (err == OK) {
        if (search.found.id != 0) {
            err = forget_earlier(control, search.found.id, text);
        }
        if (err == OK) {
            err = make_share(control, paths, share, text);
        }
    }
    bytes_wipe(&search.found, sizeof(search.found));
    return err;
}

/* The unfinished job of this share, or a new one. */
static enum err job_of(struct control *control, const struct store_share *share, int64_t *job)
{
    struct job_row row = {.id = 0};
    enum store_job_state state;
    enum err err = jobs_of_share(control, share->id, 0, job, &state);

    if (err == OK && state == STORE_JOB_PAUSED) {
        err = job_row_load(control->store, *job, &row);
        if (err == OK) {
            err = jobs_set_state(control, &row, STORE_JOB_QUEUED);
        }
        job_row_clear(&row);
    }
    if (err != ERR_NO_ROW) {
        return err;
    }
    return jobs_add_adopt(control->store, share, job);
}

static void fail(struct control_call *call, enum err err, const char *text)
{
    if (err == ERR_LINK_KIND) {
        control_fail(call, err,
            "this is not a write key (usyncw1...); `usenetsync link NAME --write-key` shows it");
    } else if (text[0] != '\0') {
        control_fail(call, err, "%s", text);
    } else {
        control_fail(call, err, NULL);
    }
}

void verb_adopt(struct control_call *call)
{
    struct control *control = call->control;
    const json_t *key = json_object_get(call->args, "write_key");
    struct share_paths paths = {0};
    struct store_share share = {0};
    char text[SHARE_PATHS_TEXT_MAX] = "";
    int64_t job = 0;
    enum err err = control->damaged ? ERR_STORE_CORRUPT : control_link_take_write_key(key, &share);

    if (err == OK) {
        err = share_paths_init(&paths, json_object_get(call->args, "paths"), text);
    }
    for (size_t i = 0; err == OK && i < paths.count; i++) {
        err = roots_check(call, paths.list[i].path);
    }
    if (err == OK && news_provider_count(control->news) == 0) {
        err = ERR_NO_PROVIDER;
    }
    if (err == OK) {
        err = share_of(control, &paths, &share, text);
    }
    if (err == OK) {
        err = job_of(control, &share, &job);
    }
    if (err == OK) {
        jobs_pump(control);
        control_answer_job(
            call, json_pack("{s:I, s:I}", "job", (json_int_t)job, "share", (json_int_t)share.id));
    } else {
        fail(call, err, text);
    }
    share_paths_clear(&paths);
    bytes_wipe(&share, sizeof(share));
}
