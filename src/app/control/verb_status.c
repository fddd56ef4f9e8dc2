/* version, status, daemon stop. */
#include <limits.h>
#include <unistd.h>

#include "app/control/control_live.h"
#include "app/control/control_verbs.h"

static json_t *version_json(void)
{
    return json_pack("{s:s, s:i}", "version", USENETSYNC_VERSION, "api", 1);
}

void verb_version(struct control_call *call)
{
    control_answer(call, version_json());
}

static json_t *servers_json(struct control *control)
{
    json_t *list = json_array();

    for (size_t i = 0; i < control->server_count; i++) {
        (void)json_array_append_new(list, control_counters_json(control, i));
    }
    return list;
}

/* The file that runs here, for who tells a person what to type; null when that is not known, or not
 * UTF-8. */
static json_t *program_json(void)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
    json_t *text = len > 0 ? json_stringn(path, (size_t)len) : NULL;

    return text != NULL ? text : json_null();
}

void verb_status(struct control_call *call)
{
    struct control *control = call->control;
    json_t *counts = NULL;
    enum err err = control_counts_json(control, &counts);

    if (err != OK) {
        control_fail(call, err, NULL);
        return;
    }
    control_answer(
        call, json_pack("{s:s, s:i, s:s, s:o, s:I, s:s, s:o, s:o, s:s?}", "version",
                  USENETSYNC_VERSION, "pid", (int)getpid(), "state", control->state, "program",
                  program_json(), "started", (json_int_t)control->started, "catalogue",
                  control_catalogue_word(control), "jobs", counts, "servers", servers_json(control),
                  "page", control->page[0] != '\0' ? control->page : NULL));
}

void verb_stop(struct control_call *call)
{
    struct control *control = call->control;

    control_answer(call, json_pack("{s:i}", "pid", (int)getpid()));
    if (control->on_stop != NULL) {
        control->on_stop(control->stop_arg);
    }
}
