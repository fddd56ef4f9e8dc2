/* One job on a pool of one thread: a large catalogue takes minutes, and nobody waits for it. */
#include "app/control/control_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "io/store/store_rescue.h"

enum { PATH_LEN = 4096 };

struct check {
    struct control *control;
    struct workers *thread;
    struct work_job job;
    char path[PATH_LEN];
    atomic_int stop;
    enum err err; /* out */
};

static void run(void *arg)
{
    struct check *check = arg;

    check->err = store_check(check->path, &check->stop);
}

static void on_checked(void *arg)
{
    struct check *check = arg;
    struct control *control = check->control;

    control->damaged = check->err == ERR_STORE_CORRUPT;
    if (control->damaged) {
        log_error("control", "the catalogue is damaged; nothing new is begun until "
                             "`usenetsync recover` was run");
    } else {
        log_info("control", "catalogue checked err=%s", err_name(check->err));
    }
    control_check_free(control);
}

enum err control_check_start(struct control *control)
{
    struct check *check = calloc(1, sizeof(*check));
    enum err err = check == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        err = workers_new(control->loop, 1, &check->thread);
    }
    if (err != OK) {
        free(check);
        return err;
    }
    check->control = control;
    control->check = check;
    (void)snprintf(check->path, sizeof(check->path), "%.4000s/" CONTROL_CATALOGUE, control->state);
    check->job = (struct work_job){.run = run, .done = on_checked, .arg = check};
    workers_submit(check->thread, &check->job);
    return OK;
}

void control_check_free(struct control *control)
{
    struct check *check = control->check;

    if (check == NULL) {
        return;
    }
    control->check = NULL;
    atomic_store(&check->stop, 1);
    workers_free(check->thread);
    free(check);
}
