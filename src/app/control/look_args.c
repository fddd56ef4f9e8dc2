/* From a request to a look. */
#include "app/control/look_args.h"

#include <stdlib.h>
#include <string.h>

#include "app/control/control_args.h"
#include "app/control/share_paths.h"

_Static_assert(SHARE_PATHS_TEXT_MAX == 1024, "room for a sentence");

enum err look_args_init(struct look_args *args, const struct control_call *call)
{
    enum err err;

    *args = (struct look_args){
        .paths = json_deep_copy(json_object_get(call->args, "paths")),
        .state = strdup(call->control->state),
    };
    err = roots_ask_init(&args->ask, call);
    if (err == OK && args->state == NULL) {
        err = ERR_NO_MEMORY;
    }
    if (err == OK) {
        err = control_args_name(call->args, "ignore", &args->ignore);
        err = err == ERR_NO_ROW ? OK : err;
    }
    return err == OK ? control_args_bool(call->args, "one_file_system", &args->one_file_system)
                     : err;
}

void look_args_clear(struct look_args *args)
{
    json_decref(args->paths);
    free(args->state);
    buf_clear(&args->ignore);
    roots_ask_clear(&args->ask);
    *args = (struct look_args){0};
}

static enum err allow_all(const struct roots_ask *ask, const struct share_paths *paths)
{
    enum err err = OK;

    for (size_t i = 0; err == OK && i < paths->count; i++) {
        struct roots_place place;

        err = roots_enter(ask, paths->list[i].path, &place);
        roots_place_clear(&place);
    }
    return err;
}

enum err look_args_open(const struct look_args *args, struct store *store, struct index_look **look,
    int64_t *share, char text[1024])
{
    struct share_paths paths;
    enum err err = share_paths_init(&paths, args->paths, text);

    *share = 0;
    if (err == OK) {
        err = allow_all(&args->ask, &paths);
    }
    if (err == OK) {
        err = index_look_new(
            &(struct index_look_options){
                .paths = paths.list,
                .count = paths.count,
                .ignore = buf_view(&args->ignore),
                .reach = args->one_file_system ? INDEX_ONE_FILE_SYSTEM : INDEX_ALL_FILE_SYSTEMS,
                .exclude = args->state,
            },
            look);
    }
    if (err == OK && store_share_find(store, paths.list, paths.count, share) != OK) {
        *share = 0;
    }
    share_paths_clear(&paths);
    return err;
}
