/* estimate: what sharing some paths would come to, counted while the asker watches. */
#include <stdlib.h>

#include "app/control/clerk.h"
#include "app/control/control_verbs.h"
#include "app/control/estimate.h"
#include "app/control/look_args.h"
#include "app/control/rates.h"
#include "app/control/settings.h"

enum { ROW_MS = 450 };

struct estimate_work {
    struct clerk_work clerk;
    struct look_args args;
    unsigned redundancy;
    struct index_look *look; /* from the first run on */
    struct index_count *count;
    int64_t share;
    enum err err;    /* out; ERR_CHANGED: there is more */
    char text[1024]; /* out */
};

static void estimate_free(struct clerk_work *clerk)
{
    struct estimate_work *work = (struct estimate_work *)clerk;

    index_count_free(work->count);
    index_look_free(work->look);
    look_args_clear(&work->args);
    free(work);
}

static void estimate_run(struct clerk_work *clerk)
{
    struct estimate_work *work = (struct estimate_work *)clerk;
    enum err err = OK;

    if (work->look == NULL) {
        err = look_args_open(
            &work->args, clerk->control->store, &work->look, &work->share, work->text);
    }
    if (err == OK && work->count == NULL) {
        err = index_count_new(work->look, &work->count);
    }
    work->err = err == OK ? index_count_run(work->count, ROW_MS) : err;
}

static json_t *known(int64_t value)
{
    return value > 0 ? json_integer(value) : json_null();
}

static json_t *row_json(const struct estimate_work *work)
{
    const struct index_sum *sum = index_count_sum(work->count);
    int64_t rate = rates_posting(work->clerk.control);
    struct estimate estimate;
    json_t *row = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "done", work->err == OK, "files",
        (json_int_t)sum->files, "directories", (json_int_t)sum->directories, "symlinks",
        (json_int_t)sum->symlinks, "bytes", (json_int_t)sum->bytes, "ignored",
        (json_int_t)sum->ignored, "skipped", (json_int_t)sum->skipped);

    if (row == NULL) {
        return NULL;
    }
    estimate_make(sum, work->redundancy, &estimate);
    (void)json_object_set_new(row, "articles", json_integer((json_int_t)estimate.articles));
    (void)json_object_set_new(row, "bytes_to_post", json_integer((json_int_t)estimate.bytes));
    (void)json_object_set_new(row, "rate", known(rate));
    (void)json_object_set_new(
        row, "seconds", rate > 0 ? known((int64_t)estimate.bytes / rate + 1) : json_null());
    (void)json_object_set_new(row, "share", known(work->share));
    return row;
}

static void estimate_home(struct clerk_work *clerk)
{
    struct estimate_work *work = (struct estimate_work *)clerk;
    struct control_call *call = clerk->call;

    if (work->err != OK && work->err != ERR_CHANGED) {
        clerk_fail(clerk, work->err, work->text);
        return;
    }
    control_row(call, row_json(work));
    if (work->err == ERR_CHANGED) {
        clerk_again(clerk);
        return;
    }
    clerk_end(clerk);
    control_end(call);
}

void verb_estimate(struct control_call *call)
{
    struct estimate_work *work = calloc(1, sizeof(*work));
    const json_t *word = json_object_get(call->args, "redundancy");
    enum err err = work != NULL ? look_args_init(&work->args, call) : ERR_NO_MEMORY;

    if (err == OK) {
        bool given = word != NULL && !json_is_null(word);

        work->redundancy = settings_redundancy_percent(
            given ? word
                  : json_object_get(json_object_get(settings_document(call->control), "defaults"),
                        "redundancy"));
        err = work->redundancy == 0 ? ERR_BAD_REQUEST : OK;
    }
    if (err != OK) {
        if (work != NULL) {
            estimate_free(&work->clerk);
        }
        control_fail(call, err, NULL);
        return;
    }
    work->clerk.run = estimate_run;
    work->clerk.home = estimate_home;
    work->clerk.free = estimate_free;
    clerk_start(call, &work->clerk);
}
