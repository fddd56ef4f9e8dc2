/* server add, list, change, pause, resume, remove: which news servers there are. */
#include <string.h>

#include "app/control/control_args.h"
#include "app/control/control_verbs.h"
#include "app/control/server_row.h"

/* Where a new server stands: behind the others; one that is replaced keeps its place. */
struct place {
    const char *name;
    int position, count;
    bool found;
};

static enum err on_place(void *arg, const struct store_provider *row)
{
    struct place *place = arg;

    if (strcmp(row->name, place->name) == 0) {
        place->position = row->position;
        place->found = true;
    } else if (!place->found && row->position >= place->position) {
        place->position = row->position + 1;
    }
    place->count++;
    return OK;
}

static enum err find_place(struct control *control, struct store_provider *row)
{
    struct place place = {.name = row->name};
    enum err err = store_provider_each(control->store, on_place, &place);

    row->position = row->position == SERVER_ROW_NO_ORDER ? place.position : row->position;
    return err == OK && !place.found && place.count >= SERVERS_MAX ? ERR_LIMIT : err;
}

/* Keep the row, and the password unless that is NULL; use it from now on. */
static enum err keep(
    struct control *control, const struct store_provider *row, const char *password)
{
    enum err err = servers_password_ok(row) ? OK : ERR_PLAIN_PASSWORD;

    if (err == OK && password != NULL) {
        err = servers_password_put(control, row->name, bytes_str(password));
    }
    if (err == OK) {
        err = store_provider_put(control->store, row);
    }
    return err == OK ? servers_apply(control) : err;
}

static void answer_name(struct control_call *call, enum err err, const char *name)
{
    if (err == ERR_NO_ROW) {
        control_fail(call, err, "there is no news server of this name");
    } else if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_answer(call, json_pack("{s:s}", "name", name));
    }
}

/* The server that the path names, "" for what cannot be a name. */
static const char *name_of(const struct control_call *call)
{
    const char *name = json_string_value(json_object_get(call->args, "name"));

    return name != NULL && servers_name_ok(name) ? name : "";
}

/* So much of the quota is used up, if the request says so. */
static enum err set_spent(struct control_call *call, const char *name)
{
    int64_t spent = -1;
    enum err err = control_args_int(call->args, "spent", 0, INT64_MAX, &spent);

    return err == OK && spent >= 0 ? servers_set_spent(call->control, name, spent) : err;
}

void verb_server_add(struct control_call *call)
{
    const char *password = server_row_password(call->args);
    struct store_provider row;
    const char *wrong = server_row_parse(call->args, &row);
    enum err err;

    if (wrong == NULL && password == NULL) {
        wrong = "the password is too long or holds control characters";
    }
    if (wrong != NULL) {
        control_fail(call, ERR_BAD_REQUEST, "%s", wrong);
        return;
    }
    err = find_place(call->control, &row);
    if (err == OK) {
        err = keep(call->control, &row, password);
    }
    if (err == OK) {
        err = set_spent(call, row.name);
    }
    answer_name(call, err, row.name);
}

/* Put what is given over what is kept; a port or number of connections that is null is the usual
 * one again. */
static void overlay(json_t *settings, const json_t *args)
{
    static const char *const keys[] = {"host", "port", "tls", "tls_ca", "user", "plain_password",
        "connections", "group", "roles", "order", "quota"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        json_t *given = json_object_get(args, keys[i]);

        if (given != NULL) {
            (void)json_object_set(settings, keys[i], given);
        }
    }
}

/* Change the row of `name`; `password` NULL: it stays. */
static enum err change(struct control_call *call, json_t *settings, const char *password)
{
    struct store_provider row;
    const char *wrong = server_row_parse(settings, &row);
    enum err err;

    if (wrong != NULL) {
        control_fail(call, ERR_BAD_REQUEST, "%s", wrong);
        return ERR_BAD_REQUEST;
    }
    err = find_place(call->control, &row);
    if (err == OK) {
        err = keep(call->control, &row, password);
    }
    if (err == OK) {
        err = set_spent(call, row.name);
    }
    answer_name(call, err, row.name);
    return err;
}

void verb_server_change(struct control_call *call)
{
    const json_t *given = json_object_get(call->args, "password");
    const char *password = server_row_password(call->args);
    json_t *settings = NULL;
    enum err err = server_row_load(call->control, name_of(call), &settings);

    if (err != OK) {
        answer_name(call, err, "");
    } else if (password == NULL) {
        control_fail(call, ERR_BAD_REQUEST, "the password is too long or holds control characters");
    } else {
        overlay(settings, call->args);
        (void)change(call, settings, given != NULL && !json_is_null(given) ? password : NULL);
    }
    json_decref(settings);
}

static void set_paused(struct control_call *call, json_t *paused)
{
    json_t *settings = NULL;
    enum err err = server_row_load(call->control, name_of(call), &settings);

    if (err != OK) {
        answer_name(call, err, "");
    } else {
        (void)json_object_set(settings, "paused", paused);
        (void)change(call, settings, NULL);
    }
    json_decref(settings);
}

void verb_server_pause(struct control_call *call)
{
    set_paused(call, json_true());
}

void verb_server_resume(struct control_call *call)
{
    set_paused(call, json_false());
}

void verb_server_list(struct control_call *call)
{
    json_t *list = server_row_view(call->control, NULL);
    json_t *row;
    size_t i;

    if (list == NULL) {
        control_fail(call, ERR_STORE, NULL);
        return;
    }
    json_array_foreach(list, i, row)
    {
        control_row(call, json_incref(row));
    }
    json_decref(list);
    control_end(call);
}

void verb_server_one(struct control_call *call)
{
    json_t *list = server_row_view(call->control, name_of(call));

    if (list == NULL) {
        control_fail(call, ERR_STORE, NULL);
    } else if (json_array_size(list) == 0) {
        answer_name(call, ERR_NO_ROW, "");
    } else {
        control_answer(call, json_incref(json_array_get(list, 0)));
    }
    json_decref(list);
}

void verb_server_remove(struct control_call *call)
{
    struct control *control = call->control;
    const char *name = name_of(call);
    enum err err = store_provider_remove(control->store, name);

    if (err == OK) {
        err = servers_password_put(control, name, bytes_str(""));
    }
    if (err == OK) {
        err = servers_apply(control);
    }
    answer_name(call, err, name);
}
