/* Shares for eyes. */
#include "app/control/share_view.h"

#include "app/control/control_health.h"
#include "app/control/control_name.h"
#include "app/control/jobs.h"
#include "app/control/settings.h"

static json_t *job_of(struct control *control, int64_t share)
{
    enum store_job_state state;
    int64_t job = 0;

    return jobs_of_share(control, share, 0, &job, &state) == OK ? json_integer(job) : json_null();
}

enum part { SETTINGS_ROW, SETTINGS_ALL };

/* The members of store_settings: some for the row, all for the detail. */
static void put_settings(json_t *out, struct control *control, int64_t share, enum part which)
{
    struct store_settings settings = {0};

    if (store_share_settings(control->store, share, &settings) == OK) {
        (void)json_object_set_new(
            out, "redundancy", json_string(settings_redundancy_word(settings.redundancy)));
        if (which == SETTINGS_ALL) {
            (void)json_object_set_new(
                out, "ignore", control_name_json(buf_view(&settings.ignore_rules)));
            (void)json_object_set_new(
                out, "one_file_system", json_boolean(settings.one_file_system));
        }
    }
    buf_clear(&settings.ignore_rules);
}

json_t *share_view_row(struct control *control, const struct store_share *share)
{
    json_t *out = json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "id",
        (json_int_t)share->id, "title", share->title, "version", (json_int_t)share->version,
        "created", (json_int_t)share->created, "published", (json_int_t)share->published, "entries",
        (json_int_t)share->entries, "bytes", (json_int_t)share->bytes, "articles",
        (json_int_t)share->articles, "adopting", share->adopting);

    if (out == NULL) {
        return NULL;
    }
    put_settings(out, control, share->id, SETTINGS_ROW);
    (void)json_object_set_new(out, "health", control_health_of_share(control, share->id));
    (void)json_object_set_new(out, "job", job_of(control, share->id));
    return out;
}

static enum err on_path(void *arg, const struct store_path *path)
{
    return json_array_append_new(arg, control_name_json(path->path)) == 0 ? OK : ERR_NO_MEMORY;
}

json_t *share_view_paths(struct control *control, int64_t share)
{
    json_t *paths = json_array();

    if (store_share_paths(control->store, share, on_path, paths) != OK) {
        json_decref(paths);
        return NULL;
    }
    return paths;
}

json_t *share_view_detail(struct control *control, const struct store_share *share)
{
    json_t *out = share_view_row(control, share);

    if (out != NULL) {
        put_settings(out, control, share->id, SETTINGS_ALL);
        (void)json_object_set_new(out, "paths", share_view_paths(control, share->id));
    }
    return out;
}
