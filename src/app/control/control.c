/* The room's own beginning and end. */
#include "app/control/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/control/care.h"
#include "app/control/clerk.h"
#include "app/control/control_check.h"
#include "app/control/folder_cache.h"
#include "app/control/jobs.h"
#include "app/control/limits.h"
#include "app/control/link_sessions.h"
#include "app/control/live.h"
#include "app/control/rates.h"
#include "app/control/servers.h"
#include "app/control/settings.h"

static enum err control_open(struct control *control, const struct control_options *options)
{
    enum err err = sealer_new(&control->sealer);

    control->threads = options->threads;
    if (err == OK) {
        err = workers_new(options->loop, options->threads, &control->workers);
    }
    if (err == OK) {
        err = news_new(options->loop, options->net, &control->waits.news, &control->news);
    }
    if (err == OK) {
        err = servers_apply(control);
    }
    if (err == OK) {
        err = clerks_new(control);
    }
    if (err == OK) {
        err = folder_cache_new(control->loop, &control->folders);
    }
    if (err == OK) {
        err = link_sessions_new(control->loop, &control->sessions);
    }
    if (err == OK) {
        err = settings_load(control);
    }
    if (err == OK) {
        err = live_new(control);
    }
    if (err == OK) {
        err = rates_new(control);
    }
    if (err == OK) {
        err = limits_new(control);
    }
    if (err == OK) {
        err = control_check_start(control);
    }
    if (err == OK) {
        err = jobs_take_up(control);
    }
    return err == OK ? care_new(control) : err;
}

enum err control_new(const struct control_options *options, struct control **out)
{
    struct control *control = calloc(1, sizeof(*control));
    enum err err = ERR_NO_MEMORY;

    if (control == NULL) {
        return err;
    }
    control->loop = options->loop;
    control->net = options->net;
    control->store = options->store;
    control->on_stop = options->on_stop;
    control->stop_arg = options->arg;
    control->helper = options->helper;
    control->started = time(NULL);
    control_waits_default(&control->waits);
    if (options->waits != NULL) {
        control->waits = *options->waits;
    }
    list_init(&control->calls);
    list_init(&control->jobs);
    list_init(&control->errands);
    control->state = strdup(options->state);
    control->home = strdup(options->home != NULL ? options->home : "/");
    if (control->state != NULL && control->home != NULL) {
        err = control_open(control, options);
    }
    if (err != OK) {
        control_free(control);
        return err;
    }
    jobs_pump(control);
    *out = control;
    return OK;
}

void control_set_page(struct control *control, const char *address)
{
    (void)snprintf(control->page, sizeof(control->page), "%s", address);
}

void control_stop(struct control *control)
{
    care_free(control);
    link_sessions_free(control->sessions);
    control->sessions = NULL;
    jobs_free(control);
    workers_settle(control->workers); /* what they still have comes home with the next turn */
}

void control_free(struct control *control)
{
    if (control == NULL) {
        return;
    }
    LIST_EACH(node, after, &control->calls)
    {
        control_call_cancel(LIST_ITEM(node, struct control_call, node));
    }
    link_sessions_free(control->sessions);
    jobs_free(control);
    control_check_free(control);
    clerks_free(control);
    folder_cache_free(control->folders);
    limits_free(control);
    rates_free(control);
    live_free(control);
    care_free(control);
    if (control->workers != NULL) {
        workers_free(control->workers); /* what the flows left with workers comes home first */
    }
    if (control->news != NULL) {
        servers_note_spent(control);
        news_free(control->news);
    }
    servers_free(control);
    settings_free(control);
    sealer_free(control->sealer);
    free(control->state);
    free(control->home);
    free(control);
}
