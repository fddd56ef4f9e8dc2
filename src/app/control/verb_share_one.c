/* One share of ours: what it is, a change of it, its next version, its health, its end here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/control/clerk.h"
#include "app/control/control_args.h"
#include "app/control/control_health.h"
#include "app/control/control_live.h"
#include "app/control/control_share.h"
#include "app/control/control_verbs.h"
#include "app/control/jobs.h"
#include "app/control/share_job.h"
#include "app/control/share_settings.h"
#include "app/control/share_view.h"
#include "base/log.h"
#include "base/text.h"

/* The share that the path's word names, by its number alone. False: the call has ended. */
static bool find(struct control_call *call, struct store_share *share)
{
    int64_t id = 0;
    enum err err = control_args_int(call->args, "share", 1, INT64_MAX, &id);

    if (err == OK) {
        err = store_share_get(call->control->store, id, share);
    }
    if (err != OK) {
        control_share_fail(call, err == ERR_BAD_REQUEST ? ERR_NO_ROW : err);
    }
    return err == OK;
}

void verb_share_one(struct control_call *call)
{
    struct store_share share = {0};

    if (find(call, &share)) {
        control_answer(call, share_view_detail(call->control, &share));
    }
    bytes_wipe(&share, sizeof(share));
}

static enum err set_title(struct control_call *call, struct store_share *share)
{
    const json_t *title = json_object_get(call->args, "title");
    struct bytes text = bytes_at(json_string_value(title), json_string_length(title));

    if (title == NULL || json_is_null(title)) {
        return OK;
    }
    if (!json_is_string(title) || text.len == 0 || text.len > STORE_TITLE_MAX ||
        !text_is_utf8(text)) {
        return ERR_BAD_REQUEST;
    }
    return store_share_set_title(call->control->store, share->id, json_string_value(title));
}

void verb_share_change(struct control_call *call)
{
    struct store_share share = {0};
    char text[SHARE_PATHS_TEXT_MAX] = "";
    enum err err;

    if (!find(call, &share)) {
        return;
    }
    err = share_settings_check(call->args, text);
    if (err == OK) {
        err = set_title(call, &share);
        (void)snprintf(text, sizeof(text), "%s",
            err == ERR_BAD_REQUEST ? "a title is 1 to 255 bytes of UTF-8 text" : "");
    }
    if (err == OK) {
        err = share_settings_apply(call->control->store, share.id, call->args);
    }
    if (err == OK) {
        err = store_share_get(call->control->store, share.id, &share);
    }
    call->control->changed.shares++;
    if (err == OK) {
        control_answer(call, share_view_detail(call->control, &share));
    } else {
        control_fail(call, err, text[0] != '\0' ? "%s" : NULL, text);
    }
    bytes_wipe(&share, sizeof(share));
}

void verb_share_publish(struct control_call *call)
{
    struct store_share share = {0};

    if (find(call, &share)) {
        share_job_start(call, &share);
    }
    bytes_wipe(&share, sizeof(share));
}

void verb_share_health(struct control_call *call)
{
    struct store_share share = {0};

    if (find(call, &share)) {
        control_answer(call, control_health_of_share(call->control, share.id));
    }
    bytes_wipe(&share, sizeof(share));
}

/* --- forgetting --------------------------------------------------------------------------------
 */

/* The row goes at once, millions of entries in steps: a clerk's work. */
struct forget_work {
    struct clerk_work clerk;
    int64_t id;
    char title[STORE_TITLE_MAX + 1];
    enum err err;
};

static void forget_run(struct clerk_work *clerk)
{
    struct forget_work *work = (struct forget_work *)clerk;

    work->err = store_share_forget(clerk->control->store, work->id);
}

static void forget_home(struct clerk_work *clerk)
{
    struct forget_work *work = (struct forget_work *)clerk;
    struct control_call *call = clerk->call;
    json_t *answer = json_pack("{s:I, s:s}", "share", (json_int_t)work->id, "title", work->title);

    call->control->changed.shares++;
    if (work->err != OK) {
        json_decref(answer);
        clerk_fail(clerk, work->err, "");
        return;
    }
    log_info("control", "share forgotten share=%lld", (long long)work->id);
    clerk_end(clerk);
    control_answer(call, answer);
}

static void forget_free(struct clerk_work *clerk)
{
    free(clerk);
}

static void forget_start(struct control_call *call, const struct store_share *share)
{
    struct forget_work *work = calloc(1, sizeof(*work));

    if (work == NULL) {
        control_fail(call, ERR_NO_MEMORY, NULL);
        return;
    }
    work->id = share->id;
    memcpy(work->title, share->title, sizeof(work->title));
    work->clerk.run = forget_run;
    work->clerk.home = forget_home;
    work->clerk.free = forget_free;
    clerk_start(call, &work->clerk);
}

void verb_share_forget(struct control_call *call)
{
    struct store_share share = {0};
    enum store_job_state state;
    int64_t job = 0;
    enum err err;

    if (!find(call, &share)) {
        return;
    }
    err = jobs_healing(call->control, share.id, &job)
              ? OK
              : jobs_of_share(call->control, share.id, 0, &job, &state);
    if (err == OK) {
        control_fail(call, ERR_JOB_STATE,
            "job %lld is about this share and not finished; cancel it first", (long long)job);
    } else if (err != ERR_NO_ROW) {
        control_fail(call, err, NULL);
    } else {
        forget_start(call, &share);
    }
    bytes_wipe(&share, sizeof(share));
}
