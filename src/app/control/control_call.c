/* Calls: from a request to its verb, and from the verb to the answer. */
#include "app/control/control_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/control/control_verbs.h"
#include "base/text.h"

enum { TEXT_MAX = 2048 };

static void call_free(struct control_call *call)
{
    list_remove(&call->node);
    loop_unpost(call->control->loop, &call->task);
    json_decref(call->args);
    free(call);
}

static void call_run(void *arg)
{
    struct control_call *call = arg;

    if (call->run == NULL) {
        control_fail(call, ERR_BAD_REQUEST, "there is no such request");
        return;
    }
    call->run(call);
}

enum err control_call_start(struct control *control, const struct control_request *request,
    const struct control_reply *reply, struct control_call **out)
{
    struct control_call *call = calloc(1, sizeof(*call));
    const struct control_verb *verb;

    if (call == NULL) {
        return ERR_NO_MEMORY;
    }
    call->args = request->args != NULL ? json_deep_copy(request->args) : json_object();
    if (call->args == NULL) {
        free(call);
        return ERR_NO_MEMORY;
    }
    verb = control_verb_find(request->method, request->path, call->args);
    call->run = verb != NULL ? verb->run : NULL;
    call->confined = request->confined;
    call->control = control;
    call->reply = *reply;
    list_push(&control->calls, &call->node);
    loop_post(control->loop, &call->task, call_run, call);
    *out = call;
    return OK;
}

void control_call_cancel(struct control_call *call)
{
    if (call->cancel != NULL) {
        call->cancel(call);
    }
    call_free(call);
}

void control_row(struct control_call *call, json_t *row)
{
    if (row != NULL) {
        call->reply.row(call->reply.arg, row);
        json_decref(row);
    }
}

static void call_finish(struct control_call *call, const struct control_outcome *outcome)
{
    struct control_reply reply = call->reply;

    call_free(call);
    reply.done(reply.arg, outcome);
}

static void answer_with(struct control_call *call, json_t *answer, bool started)
{
    struct control_outcome outcome = {.started = started, .answer = answer, .text = "", .hint = ""};

    if (answer == NULL) {
        outcome.err = ERR_NO_MEMORY;
        outcome.text = err_text(ERR_NO_MEMORY);
    }
    call_finish(call, &outcome);
    json_decref(answer);
}

void control_answer(struct control_call *call, json_t *answer)
{
    answer_with(call, answer, false);
}

void control_answer_job(struct control_call *call, json_t *answer)
{
    answer_with(call, answer, true);
}

void control_end(struct control_call *call)
{
    call_finish(call, &(struct control_outcome){.text = "", .hint = ""});
}

/* Texts may hold names and what servers said: they leave as clean UTF-8. */
void control_fail(struct control_call *call, enum err err, const char *format, ...)
{
    char text[TEXT_MAX];
    struct buf clean = {0};
    va_list args;

    if (format == NULL) {
        (void)snprintf(text, sizeof(text), "%s", err_text(err));
    } else {
        va_start(args, format);
        (void)vsnprintf(text, sizeof(text), format, args);
        va_end(args);
    }
    if (text_escape(bytes_str(text), &clean) != OK || buf_append_byte(&clean, '\0') != OK) {
        buf_clear(&clean);
    }
    call_finish(call, &(struct control_outcome){
                          .err = err,
                          .text = clean.ptr != NULL ? (const char *)clean.ptr : err_text(err),
                          .hint = control_hint(err),
                      });
    buf_clear(&clean);
}
