/* preview: one folder with the verdict of ignore rules on each name. */
#include <stdlib.h>

#include "app/control/clerk.h"
#include "app/control/control_args.h"
#include "app/control/control_verbs.h"
#include "app/control/folder_item.h"
#include "app/control/folder_loan.h"
#include "app/control/look_args.h"

struct preview_work {
    struct clerk_work clerk;
    struct look_args args;
    struct buf folder, after;
    size_t limit;
    struct folder_loan loan;
    enum err err;    /* out */
    char text[1024]; /* out: a sentence, or "" */
    json_t *answer;  /* out */
};

static void preview_free(struct clerk_work *clerk)
{
    struct preview_work *work = (struct preview_work *)clerk;

    folder_loan_end(&work->loan);
    look_args_clear(&work->args);
    buf_clear(&work->folder);
    buf_clear(&work->after);
    json_decref(work->answer);
    free(work);
}

static const char *reason(enum index_why why, bool readable)
{
    static const char *const words[] = {
        [INDEX_RULE] = "rule",
        [INDEX_TYPE] = "type",
        [INDEX_NAME] = "name",
        [INDEX_MOUNT] = "mount",
        [INDEX_OWN] = "type",
    };

    return why != INDEX_TAKEN ? words[why] : !readable ? "unreadable" : NULL;
}

/* The item of `name` with its verdict; NULL: it vanished. */
static json_t *judged_json(const struct folder_eye *eye, struct index_look *look, struct bytes name)
{
    struct disk_stat stat;
    enum index_why why = INDEX_TAKEN;
    json_t *item = folder_item_json(eye, name, &stat);
    const char *word;

    if (item == NULL || index_look_ask(look, name, &stat, &why) != OK) {
        json_decref(item);
        return NULL;
    }
    word = reason(why, json_is_true(json_object_get(item, "readable")));
    (void)json_object_set_new(item, "ignored", json_boolean(word != NULL));
    if (word != NULL) {
        (void)json_object_set_new(item, "reason", json_string(word));
    }
    return item;
}

static enum err put_items(
    struct preview_work *work, const struct folder_eye *eye, struct index_look *look)
{
    json_t *items = json_array();
    json_t *next = json_null();
    uint8_t key[FOLDER_KEY_MAX];
    enum err err = folder_loan_read(&work->loan, eye->names, buf_view(&work->after));
    const struct folder_list *list = work->loan.list;
    size_t i = err == OK ? folder_list_find(list, buf_view(&work->after)) : 0;
    size_t end = i + work->limit;
    struct bytes name;
    enum disk_type type;
    size_t len = 0;

    for (; err == OK && i < end && folder_list_get(list, i, &name, &type); i++) {
        json_t *item = judged_json(eye, look, name);

        len = folder_key(&work->loan.wish, name, type, key);
        if (item != NULL) {
            (void)json_array_append_new(items, item);
        }
    }
    if (err == OK && len > 0 && folder_list_more(list, i)) {
        next = control_cursor_json(bytes_at(key, len));
    }
    work->answer = json_pack("{s:o, s:o}", "items", items, "next", next);
    return err == OK && work->answer == NULL ? ERR_NO_MEMORY : err;
}

static void preview_run(struct clerk_work *clerk)
{
    struct preview_work *work = (struct preview_work *)clerk;
    struct roots_place place = {0};
    struct disk_names *names = NULL;
    struct index_look *look = NULL;
    struct buf path = {0};
    int64_t share;
    enum err err = look_args_open(&work->args, clerk->control->store, &look, &share, work->text);

    if (err == OK) {
        err = roots_enter(&work->args.ask, buf_view(&work->folder), &place);
    }
    if (err == OK) {
        err = index_look_place(look, buf_view(&place.real), &path);
    }
    if (err == OK) {
        err = index_look_enter(look, buf_view(&path));
    }
    if (err == OK) {
        err = disk_names_open(buf_view(&place.root), buf_view(&place.rest), &names);
    }
    if (err == OK) {
        struct folder_eye eye = {names, buf_view(&place.real), clerk->control->store};

        err = put_items(work, &eye, look);
    }
    disk_names_free(names);
    roots_place_clear(&place);
    index_look_free(look);
    buf_clear(&path);
    work->err = err;
}

static void preview_home(struct clerk_work *clerk)
{
    struct preview_work *work = (struct preview_work *)clerk;
    struct control_call *call = clerk->call;

    if (work->err == OK) {
        json_t *answer = json_incref(work->answer);

        clerk_end(clerk);
        control_answer(call, answer);
    } else {
        clerk_fail(clerk, work->err, work->text);
    }
}

void verb_preview(struct control_call *call)
{
    static const struct folder_wish wish = {.order = FOLDER_BY_TYPE, .hidden = true, .find = ""};
    struct preview_work *work = calloc(1, sizeof(*work));
    enum err err = work != NULL ? look_args_init(&work->args, call) : ERR_NO_MEMORY;

    if (err == OK) {
        err = control_args_name(call->args, "folder", &work->folder);
    }
    if (err == OK) {
        err = control_args_limit(call->args, &work->limit);
    }
    if (err == OK) {
        err = control_args_cursor(call->args, &work->after);
    }
    if (err == OK && work->after.len > FOLDER_KEY_MAX) {
        err = ERR_BAD_REQUEST;
    }
    if (err == OK) {
        err =
            folder_loan_begin(&work->loan, call->control->folders, &wish, buf_view(&work->folder));
    }
    if (err != OK) {
        if (work != NULL) {
            preview_free(&work->clerk);
        }
        control_fail(call, err == ERR_NO_ROW ? ERR_BAD_REQUEST : err, NULL);
        return;
    }
    work->clerk.run = preview_run;
    work->clerk.home = preview_home;
    work->clerk.free = preview_free;
    clerk_start(call, &work->clerk);
}
