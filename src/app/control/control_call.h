/* One request and its answer, whatever carried it. A request names a verb by method and path and
 * brings a JSON object; the answer is one JSON object, or any number of rows, or an error. */
#ifndef APP_CONTROL_CONTROL_CALL_H
#define APP_CONTROL_CONTROL_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "app/control/control.h"

enum { CONTROL_ARGS_MAX = 1 << 20 }; /* bytes of a request's JSON */

struct control_request {
    const char *method; /* "GET", "POST" */
    const char *path;   /* "/api/jobs/3", percent signs undone */
    const json_t *args; /* an object, borrowed; NULL: none */
    bool confined; /* it came over the page: paths on this machine lie within the allowed roots */
};

/* How a call ended. `answer` is borrowed; NULL with OK: the rows were the answer. `text` is the
 * sentence for a person, `hint` what to do about it ("" if there is nothing to say). */
struct control_outcome {
    enum err err;
    bool started; /* a job does the rest: HTTP says 202 */
    const json_t *answer;
    const char *text;
    const char *hint;
};

/* Where the answer goes. `row` may come any number of times (borrowed), `done` once after them;
 * neither inside control_call_start(). */
struct control_reply {
    void (*row)(void *arg, const json_t *row);
    void (*done)(void *arg, const struct control_outcome *outcome);
    void *arg;
};

/* Begin. The request is copied. *call is valid until done or control_call_cancel(). An unknown path
 * or a wrong request is an outcome like any other. */
struct control_call;
MUST_USE enum err control_call_start(struct control *control, const struct control_request *request,
    const struct control_reply *reply, struct control_call **call);

/* The asker has gone: neither row nor done runs after this. Jobs that were started go on. */
void control_call_cancel(struct control_call *call);

/* {"error":{"code","kind","text","hint"}}, new; NULL without memory. NULL or "" `text` is the
 * error's own sentence, NULL `hint` what control_hint() says. */
json_t *control_error_json(enum err err, const char *text, const char *hint);

/* What a person can do about `err`; "" if there is nothing to say. Lives for ever. */
const char *control_hint(enum err err);

#endif
