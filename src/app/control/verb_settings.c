/* settings, and a change of them. rates: the speed graph. */
#include <stdlib.h>

#include "app/control/clerk.h"
#include "app/control/control_args.h"
#include "app/control/control_verbs.h"
#include "app/control/rates.h"
#include "app/control/roots.h"
#include "app/control/settings.h"

enum { SECONDS_DEFAULT = 600 };

/* The roots that hold are asked for where it may take a while. */
struct settings_work {
    struct clerk_work clerk;
    struct roots_ask ask;
    json_t *roots; /* out */
};

static void settings_run(struct clerk_work *clerk)
{
    struct settings_work *work = (struct settings_work *)clerk;

    work->roots = roots_list(&work->ask);
}

static void settings_home(struct clerk_work *clerk)
{
    struct settings_work *work = (struct settings_work *)clerk;
    struct control_call *call = clerk->call;
    json_t *answer = json_deep_copy(settings_document(call->control));

    if (answer != NULL && json_object_set(answer, "roots", work->roots) != 0) {
        json_decref(answer);
        answer = NULL;
    }
    clerk_end(clerk);
    control_answer(call, answer);
}

static void settings_work_free(struct clerk_work *clerk)
{
    struct settings_work *work = (struct settings_work *)clerk;

    roots_ask_clear(&work->ask);
    json_decref(work->roots);
    free(work);
}

void verb_settings(struct control_call *call)
{
    struct settings_work *work = calloc(1, sizeof(*work));

    if (work == NULL || roots_ask_init(&work->ask, call) != OK) {
        free(work);
        control_fail(call, ERR_NO_MEMORY, NULL);
        return;
    }
    work->clerk.run = settings_run;
    work->clerk.home = settings_home;
    work->clerk.free = settings_work_free;
    clerk_start(call, &work->clerk);
}

void verb_settings_change(struct control_call *call)
{
    char text[SETTINGS_TEXT_MAX] = "";
    enum err err = settings_change(call->control, call->args, text);

    if (err != OK) {
        control_fail(call, err, text[0] != '\0' ? "%s" : NULL, text);
        return;
    }
    verb_settings(call);
}

void verb_rates(struct control_call *call)
{
    int64_t seconds = SECONDS_DEFAULT;
    enum err err = control_args_int(call->args, "seconds", 1, RATES_KEPT, &seconds);

    if (err != OK) {
        control_fail(call, err, NULL);
        return;
    }
    control_answer(call, rates_json(call->control, (size_t)seconds));
}
