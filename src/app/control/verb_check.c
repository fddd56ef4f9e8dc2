/* check: a share becomes a job that asks for all of its articles. */
#include "app/control/control_subject.h"
#include "app/control/control_verbs.h"
#include "app/control/jobs.h"

void verb_check(struct control_call *call)
{
    struct job_row row;
    enum err err = OK;

    if (!control_subject_row(call, STORE_JOB_CHECK, &row)) {
        job_row_clear(&row);
        return;
    }
    if (json_is_true(json_object_get(call->args, "deep"))) {
        (void)json_object_set_new(row.args, "deep", json_true());
    }
    if (json_is_true(json_object_get(call->args, "heal"))) {
        if (row.share == 0 || json_object_get(row.args, "version") != NULL) {
            control_fail(call, ERR_BAD_REQUEST,
                "only the newest version of a share of your own can be posted again");
            job_row_clear(&row);
            return;
        }
        (void)json_object_set_new(row.args, "heal", json_true());
    }
    err = job_row_add(call->control->store, &row);
    if (err == OK) {
        jobs_pump(call->control);
        control_answer_job(call,
            json_pack("{s:I, s:I}", "job", (json_int_t)row.id, "share", (json_int_t)row.share));
    } else {
        control_fail(call, err, NULL);
    }
    job_row_clear(&row);
}
