/* roots, folders, a new folder: what a person sees who picks a place on this machine. */
#include <stdlib.h>
#include <string.h>

#include "app/control/clerk.h"
#include "app/control/control_args.h"
#include "app/control/control_name.h"
#include "app/control/control_verbs.h"
#include "app/control/folder_item.h"
#include "app/control/folder_loan.h"
#include "app/control/roots.h"

/* --- roots -------------------------------------------------------------------------------------
 */

struct roots_work {
    struct clerk_work clerk;
    struct roots_ask ask;
    json_t *items;
};

static json_t *root_json(struct bytes path, const char *home)
{
    struct disk_space space = {0};
    json_t *item = json_object();
    bool known = disk_space_get(path, &space) == OK;

    if (item == NULL || control_name_put(item, "path", path) != OK) {
        json_decref(item);
        return NULL;
    }
    (void)json_object_set_new(
        item, "free", known ? json_integer((json_int_t)space.free) : json_null());
    (void)json_object_set_new(
        item, "total", known ? json_integer((json_int_t)space.total) : json_null());
    (void)json_object_set_new(item, "writable", json_boolean(space.writable));
    (void)json_object_set_new(item, "home", json_boolean(bytes_equal(path, bytes_str(home))));
    return item;
}

static void roots_run(struct clerk_work *clerk)
{
    struct roots_work *work = (struct roots_work *)clerk;
    json_t *list = roots_list(&work->ask);
    const json_t *root;
    size_t i;

    work->items = json_array();
    json_array_foreach(list, i, root)
    {
        struct buf path = {0};

        if (control_name_get(root, &path) == OK) {
            (void)json_array_append_new(work->items, root_json(buf_view(&path), work->ask.home));
        }
        buf_clear(&path);
    }
    json_decref(list);
}

static void roots_home(struct clerk_work *clerk)
{
    struct roots_work *work = (struct roots_work *)clerk;
    struct control_call *call = clerk->call;
    json_t *answer = json_pack("{s:O}", "items", work->items);

    clerk_end(clerk);
    control_answer(call, answer);
}

static void roots_work_free(struct clerk_work *clerk)
{
    struct roots_work *work = (struct roots_work *)clerk;

    roots_ask_clear(&work->ask);
    json_decref(work->items);
    free(work);
}

void verb_roots(struct control_call *call)
{
    struct roots_work *work = calloc(1, sizeof(*work));

    if (work == NULL || roots_ask_init(&work->ask, call) != OK) {
        free(work);
        control_fail(call, ERR_NO_MEMORY, NULL);
        return;
    }
    work->clerk.run = roots_run;
    work->clerk.home = roots_home;
    work->clerk.free = roots_work_free;
    clerk_start(call, &work->clerk);
}

/* --- folders -----------------------------------------------------------------------------------
 */

struct folder_work {
    struct clerk_work clerk;
    struct roots_ask ask;
    struct folder_wish wish;
    struct buf path, find, after;
    size_t limit;
    struct folder_loan loan;
    enum err err;   /* out */
    json_t *answer; /* out */
};

static void folder_work_free(struct clerk_work *clerk)
{
    struct folder_work *work = (struct folder_work *)clerk;

    folder_loan_end(&work->loan);
    roots_ask_clear(&work->ask);
    buf_clear(&work->path);
    buf_clear(&work->find);
    buf_clear(&work->after);
    json_decref(work->answer);
    free(work);
}

/* What the folder is, with no items yet. */
static json_t *page_json(const struct roots_place *place, struct disk_names *names)
{
    json_t *page = json_object();
    struct bytes real = buf_view(&place->real);
    size_t cut = real.len;
    enum err err = page != NULL ? control_name_put(page, "path", real) : ERR_NO_MEMORY;

    if (place->rest.len == 0) {
        err = err == OK && json_object_set_new(page, "parent", json_null()) != 0 ? ERR_NO_MEMORY
                                                                                 : err;
    } else {
        while (cut > 1 && real.ptr[cut - 1] != '/') {
            cut--;
        }
        cut -= cut > 1;
        err = err == OK ? control_name_put(page, "parent", bytes_at(real.ptr, cut)) : err;
    }
    if (err != OK) {
        json_decref(page);
        return NULL;
    }
    (void)json_object_set_new(page, "writable", json_boolean(disk_names_writable(names)));
    return page;
}

/* Entries that vanished meanwhile are passed over. */
static enum err put_items(
    struct folder_work *work, const struct roots_place *place, struct disk_names *names)
{
    json_t *items = json_array();
    size_t i = folder_list_find(work->loan.list, buf_view(&work->after));
    size_t end = i + work->limit;
    struct folder_eye eye = {names, buf_view(&place->real), work->clerk.control->store};
    uint8_t key[FOLDER_KEY_MAX];
    struct bytes name;
    enum disk_type type;
    size_t len = 0;

    for (; i < end && folder_list_get(work->loan.list, i, &name, &type); i++) {
        json_t *item = folder_item_json(&eye, name, NULL);

        len = folder_key(&work->wish, name, type, key);
        if (item != NULL) {
            (void)json_array_append_new(items, item);
        }
    }
    (void)json_object_set_new(
        work->answer, "total", json_integer((json_int_t)folder_list_total(work->loan.list)));
    (void)json_object_set_new(work->answer, "next",
        len > 0 && folder_list_more(work->loan.list, i) ? control_cursor_json(bytes_at(key, len))
                                                        : json_null());
    return json_object_set_new(work->answer, "items", items) == 0 ? OK : ERR_NO_MEMORY;
}

static void folder_run(struct clerk_work *clerk)
{
    struct folder_work *work = (struct folder_work *)clerk;
    struct roots_place place;
    struct disk_names *names = NULL;
    enum err err = roots_enter(&work->ask, buf_view(&work->path), &place);

    if (err == OK) {
        err = disk_names_open(buf_view(&place.root), buf_view(&place.rest), &names);
    }
    if (err == OK) {
        err = folder_loan_read(&work->loan, names, buf_view(&work->after));
    }
    if (err == OK) {
        work->answer = page_json(&place, names);
        err = work->answer != NULL ? put_items(work, &place, names) : ERR_NO_MEMORY;
    }
    disk_names_free(names);
    roots_place_clear(&place);
    work->err = err;
}

static void folder_home(struct clerk_work *clerk)
{
    struct folder_work *work = (struct folder_work *)clerk;
    struct control_call *call = clerk->call;
    json_t *answer = json_incref(work->answer);

    if (work->err != OK) {
        json_decref(answer);
        clerk_fail(clerk, work->err, "");
        return;
    }
    clerk_end(clerk);
    control_answer(call, answer);
}

static enum err folder_wish(struct folder_work *work, const json_t *args)
{
    static const char *const orders[] = {"folders", "name", NULL};
    static const char *const onlies[] = {"all", "folders", NULL};
    size_t order = 0, only = 0;
    const char *find = "";
    enum err err = control_args_name(args, "path", &work->path);

    if (err == OK) {
        err = control_args_word(args, "order", orders, &order);
    }
    if (err == OK) {
        err = control_args_word(args, "only", onlies, &only);
    }
    if (err == OK) {
        err = control_args_bool(args, "hidden", &work->wish.hidden);
    }
    if (err == OK) {
        err = control_args_text(args, "find", FOLDER_KEY_MAX - 1, &find);
    }
    if (err == OK) {
        err = buf_append_str(&work->find, find);
    }
    if (err == OK) {
        err = buf_append_byte(&work->find, '\0');
    }
    if (err == OK) {
        err = control_args_limit(args, &work->limit);
    }
    if (err == OK) {
        err = control_args_cursor(args, &work->after);
    }
    if (err == OK && work->after.len > FOLDER_KEY_MAX) {
        err = ERR_BAD_REQUEST;
    }
    work->wish.order = order == 0 ? FOLDER_BY_TYPE : FOLDER_BY_NAME;
    work->wish.only_folders = only == 1;
    work->wish.find = (const char *)work->find.ptr;
    return err == ERR_NO_ROW ? ERR_BAD_REQUEST : err;
}

void verb_folders(struct control_call *call)
{
    struct folder_work *work = calloc(1, sizeof(*work));
    enum err err = work != NULL ? folder_wish(work, call->args) : ERR_NO_MEMORY;

    if (err == OK) {
        err = roots_ask_init(&work->ask, call);
    }
    if (err == OK) {
        err = folder_loan_begin(
            &work->loan, call->control->folders, &work->wish, buf_view(&work->path));
    }
    if (err != OK) {
        if (work != NULL) {
            folder_work_free(&work->clerk);
        }
        control_fail(call, err, NULL);
        return;
    }
    work->clerk.run = folder_run;
    work->clerk.home = folder_home;
    work->clerk.free = folder_work_free;
    clerk_start(call, &work->clerk);
}

/* --- a new folder ------------------------------------------------------------------------------
 */

struct create_work {
    struct clerk_work clerk;
    struct roots_ask ask;
    struct buf path;
    enum err err;    /* out */
    struct buf made; /* out: resolved */
};

static void create_free(struct clerk_work *clerk)
{
    struct create_work *work = (struct create_work *)clerk;

    roots_ask_clear(&work->ask);
    buf_clear(&work->path);
    buf_clear(&work->made);
    free(work);
}

/* "/a/b/" into "/a" and "b". ERR_BAD_REQUEST: it has no last name. */
static enum err split(struct bytes path, struct bytes *parent, struct bytes *name)
{
    size_t cut;

    while (path.len > 0 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    for (cut = path.len; cut > 0 && path.ptr[cut - 1] != '/';) {
        cut--;
    }
    *name = bytes_at(path.ptr + cut, path.len - cut);
    *parent = bytes_at(path.ptr, cut);
    return name->len > 0 && cut > 0 ? OK : ERR_BAD_REQUEST;
}

static void create_run(struct clerk_work *clerk)
{
    struct create_work *work = (struct create_work *)clerk;
    struct roots_place place = {0};
    struct disk_names *names = NULL;
    struct bytes parent, name;
    enum err err = split(buf_view(&work->path), &parent, &name);

    if (err == OK) {
        err = roots_enter(&work->ask, parent, &place);
    }
    if (err == OK) {
        err = disk_names_open(buf_view(&place.root), buf_view(&place.rest), &names);
    }
    if (err == OK) {
        err = disk_names_make(names, name);
    }
    if (err == OK) {
        err = buf_append(&work->made, buf_view(&place.real));
    }
    if (err == OK && work->made.len > 1) {
        err = buf_append_byte(&work->made, '/');
    }
    if (err == OK) {
        err = buf_append(&work->made, name);
    }
    disk_names_free(names);
    roots_place_clear(&place);
    work->err = err == ERR_UNSAFE_PATH ? ERR_BAD_REQUEST : err;
}

static void create_home(struct clerk_work *clerk)
{
    struct create_work *work = (struct create_work *)clerk;
    struct control_call *call = clerk->call;
    json_t *answer = json_object();

    if (work->err != OK) {
        json_decref(answer);
        clerk_fail(clerk, work->err, "");
        return;
    }
    if (control_name_put(answer, "path", buf_view(&work->made)) != OK) {
        json_decref(answer);
        answer = NULL;
    }
    clerk_end(clerk);
    control_answer(call, answer);
}

void verb_folder_create(struct control_call *call)
{
    struct create_work *work = calloc(1, sizeof(*work));
    enum err err = work != NULL ? roots_ask_init(&work->ask, call) : ERR_NO_MEMORY;

    if (err == OK) {
        err = control_args_name(call->args, "path", &work->path);
    }
    if (err != OK) {
        if (work != NULL) {
            create_free(&work->clerk);
        }
        control_fail(call, err == ERR_NO_ROW ? ERR_BAD_REQUEST : err, NULL);
        return;
    }
    work->clerk.run = create_run;
    work->clerk.home = create_home;
    work->clerk.free = create_free;
    clerk_start(call, &work->clerk);
}
