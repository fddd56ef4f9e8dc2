/* The flows of a share job: the scan, then publishing. */
#include <string.h>

#include "app/control/job.h"
#include "app/control/limits.h"
#include "base/log.h"

static void on_indexed(void *arg, enum err err, const struct store_scan_counts *counts)
{
    struct job *job = arg;

    job->index = NULL;
    if (err == OK) {
        job_event(job, LOG_INFO, "found %llu files, %llu folders, %llu symlinks, %llu bytes",
            (unsigned long long)counts->files, (unsigned long long)counts->directories,
            (unsigned long long)counts->symlinks, (unsigned long long)counts->bytes);
    }
    job_phase_done(job, err, NULL, NULL);
}

enum err job_index_start(struct job *job)
{
    struct control *control = job->control;
    struct store_settings settings = {0};
    enum err err = store_share_settings(control->store, job->row.share, &settings);

    if (err == OK) {
        err = index_start(
            &(struct index_options){
                .loop = control->loop,
                .workers = control->workers,
                .store = control->store,
                .share = job->row.share,
                .reach = settings.one_file_system ? INDEX_ONE_FILE_SYSTEM : INDEX_ALL_FILE_SYSTEMS,
                .ignore = buf_view(&settings.ignore_rules),
                .exclude = control->state,
                .sink = job_sink(job),
            },
            on_indexed, job, &job->index);
    }
    buf_clear(&settings.ignore_rules);
    return err;
}

void job_index_cancel(struct job *job)
{
    index_cancel(job->index);
    job->index = NULL;
}

static json_t *result_json(const struct publish_result *r)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "version",
        (json_int_t)r->version, "files", (json_int_t)r->files, "directories",
        (json_int_t)r->directories, "symlinks", (json_int_t)r->symlinks, "bytes",
        (json_int_t)r->bytes, "articles", (json_int_t)r->articles, "bytes_posted",
        (json_int_t)r->bytes_posted, "skipped", (json_int_t)r->skipped, "unchanged", r->unchanged);
}

static void on_published(void *arg, enum err err, const struct publish_result *result)
{
    struct job *job = arg;

    job->publish = NULL;
    job_phase_done(job, err, result != NULL ? result_json(result) : NULL,
        result != NULL ? result->text : NULL);
}

void job_publish_options(struct job *job, struct publish_options *options)
{
    struct control *control = job->control;

    *options = (struct publish_options){
        .loop = control->loop,
        .workers = control->workers,
        .store = control->store,
        .news = control->news,
        .share = job->row.share,
        .window_bytes = limits_window(control),
        .sink = job_sink(job),
    };
    memcpy(options->confirm_ms, control->waits.confirm_ms, sizeof(options->confirm_ms));
    memcpy(options->early_ms, control->waits.early_ms, sizeof(options->early_ms));
    memcpy(options->read_back_ms, control->waits.read_back_ms, sizeof(options->read_back_ms));
}

enum err job_publish_start(struct job *job)
{
    struct control *control = job->control;
    struct store_settings settings = {0};
    struct publish_options options;
    enum err err = store_share_settings(control->store, job->row.share, &settings);

    buf_clear(&settings.ignore_rules);
    if (err != OK) {
        return err;
    }
    job_publish_options(job, &options);
    options.redundancy = settings.redundancy;
    return publish_start(&options, on_published, job, &job->publish);
}

void job_publish_cancel(struct job *job)
{
    if (job->publish != NULL) {
        publish_cancel(job->publish);
        job->publish = NULL;
    }
}
