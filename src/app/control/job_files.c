/* The files that a job has in work right now: asked for when somebody looks. */
#include "app/control/control_name.h"
#include "app/control/job.h"

enum { FILES_SHOWN = 8 };

static void on_file(void *arg, const struct progress_file *file)
{
    json_t *list = arg;
    json_t *item = json_pack(
        "{s:I, s:I}", "bytes", (json_int_t)file->done, "bytes_total", (json_int_t)file->total);

    if (item == NULL || control_name_put(item, "path", file->path) != OK) {
        json_decref(item);
        return;
    }
    (void)json_array_append_new(list, item);
}

json_t *job_files_json(const struct job *job)
{
    json_t *list = json_array();

    if (job->publish != NULL) {
        publish_files(job->publish, FILES_SHOWN, on_file, list);
    } else if (job->restore != NULL) {
        restore_files(job->restore, FILES_SHOWN, on_file, list);
    }
    return list;
}
