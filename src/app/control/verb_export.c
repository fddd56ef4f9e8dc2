/* export: a share and a folder become a job that writes its volumes there. */
#include "app/control/control_name.h"
#include "app/control/control_subject.h"
#include "app/control/control_verbs.h"
#include "app/control/jobs.h"
#include "app/control/roots.h"

/* The folder is made by the flow; here only what can be no folder is refused. */
static enum err take_target(const json_t *asked, struct buf *target)
{
    enum err err = control_name_get(asked, target);

    return err == OK && (target->len == 0 || target->ptr[0] != '/') ? ERR_BAD_REQUEST : err;
}

void verb_export(struct control_call *call)
{
    json_t *asked = json_object_get(call->args, "target");
    struct job_row row = {.id = 0};
    struct buf target = {0};
    enum err err = take_target(asked, &target);

    if (err != OK) {
        control_fail(call, err, "the target is not the absolute path of a folder");
        goto out;
    }
    err = roots_check(call, buf_view(&target));
    if (err != OK) {
        control_fail(call, err, NULL);
        goto out;
    }
    if (!control_subject_row(call, STORE_JOB_EXPORT, &row)) {
        goto out;
    }
    if (json_object_set(row.args, "to", asked) != 0) {
        err = ERR_NO_MEMORY;
    }
    if (err == OK) {
        err = control_name_put(row.args, "target", buf_view(&target));
    }
    if (err == OK) {
        err = job_row_add(call->control->store, &row);
    }
    if (err == OK) {
        jobs_pump(call->control);
        control_answer_job(call,
            json_pack("{s:I, s:I}", "job", (json_int_t)row.id, "share", (json_int_t)row.share));
    } else {
        control_fail(call, err, NULL);
    }
out:
    job_row_clear(&row);
    buf_clear(&target);
}
