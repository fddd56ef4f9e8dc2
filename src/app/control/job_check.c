/* The flow of a check job. What it finds is kept for shares of ours; lists in its result are
 * bounded, and the events name what does not fit. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "app/control/care.h"
#include "app/control/check_losses.h"
#include "app/control/control_health.h"
#include "app/control/control_name.h"
#include "app/control/control_subject.h"
#include "app/control/job.h"
#include "app/control/jobs.h"
#include "flow/check/share_check.h"

enum {
    ROWS_MAX = 100,   /* of volumes and of files in the result */
    TOLD_MAX = 10000, /* volumes, and lost files, that an event names */
    FOUND_MAX = 64,   /* volumes until they are written down */
};

struct job_check {
    struct share_check *check;
    int64_t share; /* of ours; 0: none */
    bool newest;   /* of the share of ours, the version that counts */
    bool deep, heal;
    struct check_losses *losses;
    json_t *healing; /* of the result; NULL: nothing is to be made good */
    struct control_health health;
    struct store_health found[FOUND_MAX]; /* not written down yet */
    size_t found_count;
    json_t *volumes, *files;           /* of the result */
    uint64_t volumes_seen, files_seen; /* that are not whole, that are lost */
};

static const char *const verdicts[] = {
    [CHECK_WHOLE] = "whole",
    [CHECK_REPAIRABLE] = "repairable",
    [CHECK_UNKNOWN] = "unknown",
    [CHECK_LOST] = "lost",
};

static void check_free(struct job_check *c)
{
    json_decref(c->volumes);
    json_decref(c->files);
    json_decref(c->healing);
    check_losses_free(c->losses);
    free(c);
}

/* A share that was forgotten meanwhile has no place for it. */
static void write_found(struct job *job)
{
    struct job_check *c = job->check;
    enum err err = OK;

    if (c->share != 0 && c->found_count > 0) {
        err = store_health_put(job->control->store, c->share, c->found, c->found_count);
        job->control->changed.shares++;
    }
    if (err != OK) {
        log_warn(
            "control", "health was not written share=%" PRId64 " err=%s", c->share, err_name(err));
    }
    c->found_count = 0;
}

static void note(struct job *job, const struct store_health *row, enum store_health_kind kind)
{
    struct job_check *c = job->check;

    store_health_add(&c->health.sum, row, kind);
    c->found[c->found_count++] = *row;
    if (c->found_count == FOUND_MAX) {
        write_found(job);
    }
}

static json_t *volume_json(const struct check_volume *v)
{
    return json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "volume",
        (json_int_t)v->number, "kind", v->kind == CHECK_DATA ? "data" : "meta", "k",
        (json_int_t)v->k, "m", (json_int_t)v->m, "missing_data", (json_int_t)v->missing_data,
        "missing_parity", (json_int_t)v->missing_parity, "damaged", (json_int_t)v->damaged,
        "unknown", (json_int_t)v->unknown, "verdict", verdicts[v->verdict]);
}

static void tell(struct job *job, const struct check_volume *v)
{
    if (v->verdict == CHECK_WHOLE || job->check->volumes_seen++ >= TOLD_MAX) {
        return;
    }
    if (v->verdict == CHECK_LOST) {
        job_event(job, LOG_ERROR,
            "volume %u is lost: %u of %u data segments are missing, and only %u of %u parity "
            "segments are there",
            (unsigned)v->number, (unsigned)v->missing_data, (unsigned)v->k,
            (unsigned)(v->m - v->missing_parity), (unsigned)v->m);
    } else {
        job_event(job, LOG_INFO, "volume %u: %u of %u articles are missing, %u unknown",
            (unsigned)v->number, (unsigned)(v->missing_data + v->missing_parity),
            (unsigned)(v->k + v->m), (unsigned)v->unknown);
    }
}

/* What nobody could say anything about is not written down. */
static void on_volume(void *arg, const struct check_volume *v)
{
    struct job *job = arg;
    struct job_check *c = job->check;
    struct store_health row = {
        .volume = v->number,
        .checked = time(NULL),
        .k = v->k,
        .m = v->m,
        .missing_data = v->missing_data,
        .missing_parity = v->missing_parity,
        .damaged = v->damaged,
        .deep = c->deep,
    };

    if (v->verdict != CHECK_WHOLE && json_array_size(c->volumes) < ROWS_MAX) {
        (void)json_array_append_new(c->volumes, volume_json(v));
    }
    tell(job, v);
    check_losses_add(c->losses, v);
    if (v->unknown == 0) {
        note(job, &row, v->kind == CHECK_META ? STORE_HEALTH_META : STORE_HEALTH_DATA);
    }
}

static void on_file(void *arg, struct bytes path, uint64_t size)
{
    struct job *job = arg;
    struct job_check *c = job->check;
    json_t *file = NULL;

    if (json_array_size(c->files) < ROWS_MAX) {
        file = json_pack("{s:I}", "size", (json_int_t)size);
    }
    if (file != NULL && control_name_put(file, "path", path) == OK) {
        (void)json_array_append(c->files, file);
    }
    json_decref(file);
    if (c->files_seen++ < TOLD_MAX) {
        job_event(job, LOG_ERROR, "lost: %.*s", (int)path.len, (const char *)path.ptr);
    }
}

static json_t *slots_json(uint64_t slots)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < 64; i++) {
        if ((slots >> i & 1) != 0) {
            (void)json_array_append_new(list, json_integer(i));
        }
    }
    return list;
}

static json_t *result_json(const struct job_check *c, const struct share_check_result *r)
{
    json_t *head = json_pack("{s:I, s:o, s:o, s:I}", "day", (json_int_t)r->head.day, "by_version",
        slots_json(r->head.by_version), "by_day", slots_json(r->head.by_day), "missing",
        (json_int_t)r->head.missing);
    json_t *out = json_pack("{s:s, s:b, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I}", "verdict",
        verdicts[r->verdict], "deep", c->deep, "version", (json_int_t)r->version, "created",
        (json_int_t)r->created, "head", head, "volumes", (json_int_t)r->volumes,
        "volumes_repairable", (json_int_t)r->repairable, "volumes_unknown", (json_int_t)r->unsure,
        "volumes_lost", (json_int_t)r->lost, "unread_tables", (json_int_t)r->unread_tables);

    if (out != NULL) {
        json_t *rest = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:O, s:O, s:o}",
            "articles", (json_int_t)r->articles, "missing_data", (json_int_t)r->missing_data,
            "missing_parity", (json_int_t)r->missing_parity, "damaged", (json_int_t)r->damaged,
            "unknown", (json_int_t)r->unknown, "lost_files", (json_int_t)r->lost_files,
            "lost_bytes", (json_int_t)r->lost_bytes, "files_known", r->files_known, "not_whole",
            c->volumes, "files", c->files, "health", control_health_json(&c->health));

        (void)json_object_update(out, rest);
        json_decref(rest);
        (void)json_object_set_new(out, "servers", check_losses_servers(c->losses));
        (void)json_object_set(out, "healing", c->healing != NULL ? c->healing : json_null());
    }
    return out;
}

/* What lost more than a quarter of its parity is posted again by a job of its own, which tells
 * readers by a new head. False: another one works on the share, and the next check sees to it. */
static bool heal(struct job *job, unsigned missing_copies)
{
    struct control *control = job->control;
    struct check_due due = check_losses_due(job->check->losses);
    enum store_job_state state;
    int64_t other = 0;
    enum err err;

    if (due.volumes + due.listings + missing_copies == 0) {
        return true;
    }
    err = jobs_healing(control, job->check->share, &other)
              ? OK
              : jobs_of_share(control, job->check->share, job->row.id, &other, &state);
    if (err == OK) {
        job_event(job, LOG_WARN,
            "job %" PRId64 " works on this share; what it lost is posted again after another check",
            other);
        return false;
    }
    err = err == ERR_NO_ROW ? check_losses_note(job->check->losses) : err;
    if (err == OK) {
        err = care_heal(control, job->check->share, &other);
    }
    if (err != OK) {
        job_event(job, LOG_ERROR, "what is lost is not posted again: %s", err_text(err));
        return false;
    }
    job->check->healing = json_pack("{s:I, s:I, s:I, s:I}", "job", (json_int_t)other, "volumes",
        (json_int_t)due.volumes, "articles", (json_int_t)due.articles, "listings",
        (json_int_t)due.listings);
    job_event(job, LOG_WARN,
        "%zu articles of %zu volumes, %zu parts of the listing and %u copies of the head are "
        "posted "
        "again by job %" PRId64,
        due.articles, due.volumes, due.listings, missing_copies, other);
    return true;
}

static void on_done(void *arg, enum err err, const struct share_check_result *r)
{
    struct job *job = arg;
    struct job_check *c = job->check;
    struct store_health head = {
        .checked = time(NULL),
        .k = 1,
        .m = CHECK_HEAD_COPIES - 1,
        .missing_data = r->head.missing == CHECK_HEAD_COPIES,
        .missing_parity = r->head.missing - (r->head.missing == CHECK_HEAD_COPIES),
        .deep = true, /* copies of heads are always read */
    };
    json_t *result = NULL;
    bool counts = false;

    if (err == OK) {
        c->health.version = r->version;
        c->health.unread_tables = r->unread_tables;
        c->health.unknown = r->unknown;
        if (c->health.sum.volumes > 0) {
            head.deep = c->deep;
        }
        note(job, &head, STORE_HEALTH_META);
        counts = !c->heal || heal(job, r->head.missing);
        result = result_json(c, r);
    } else if (err == ERR_SHARE_NOT_FOUND &&
               json_is_integer(json_object_get(job->row.args, "version"))) {
        err = ERR_NO_VERSION;
    }
    write_found(job);
    if (counts && c->newest) { /* else it comes again soon */
        care_checked(job->control, c->share);
    }
    job->check = NULL;
    job_phase_done(job, err, result, r->text);
    check_free(c);
}

enum err job_check_start(struct job *job)
{
    struct control *control = job->control;
    struct job_check *c = calloc(1, sizeof(*c));
    struct share_check_options options = {
        .env = {control->loop, control->workers, control->news, job_sink(job),
            .store = control->store, .scratch = bytes_str(control->state)},
    };
    struct share_check_listener listener = {on_volume, on_file, on_done, job};
    enum err err = c == NULL
                       ? ERR_NO_MEMORY
                       : control_subject_key(control, &job->row, &options.key, &options.version);

    if (err == OK) {
        c->share = job->row.share;
        c->deep = json_is_true(json_object_get(job->row.args, "deep"));
        c->newest = c->share != 0 && options.version == 0;
        c->heal = c->newest && json_is_true(json_object_get(job->row.args, "heal"));
        c->volumes = json_array();
        c->files = json_array();
        options.depth = c->deep ? CHECK_DEEP : CHECK_BY_NAME;
        err = check_losses_new(control, c->share, &c->losses);
    }
    if (err == OK) {
        err = share_check_start(&options, &listener, &c->check);
    }
    bytes_wipe(&options.key, sizeof(options.key));
    if (err != OK && c != NULL) {
        check_free(c);
        c = NULL;
    }
    job->check = c;
    return err;
}

void job_check_cancel(struct job *job)
{
    if (job->check != NULL) {
        share_check_cancel(job->check->check);
        write_found(job);
        check_free(job->check);
        job->check = NULL;
    }
}
