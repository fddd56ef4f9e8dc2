/* Repairing: files under temporary names, all of them complete and right before the first one gets
 * its name. */
#include "flow/par2files/repair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/endian.h"
#include "codec/par2/par2_crc.h"
#include "flow/par2files/place.h"

enum { BACKUPS_MAX = 10000 };

/* ---- what is there, what is not ---- */

static enum err list_slices(struct repair *r)
{
    const struct parset *set = &r->c->set;

    r->lost = calloc((size_t)set->slices + 1, sizeof *r->lost);
    r->known = calloc((size_t)set->slices + 1, sizeof *r->known);
    r->owner = calloc((size_t)set->slices + 1, sizeof *r->owner);
    r->known_owner = calloc((size_t)set->slices + 1, sizeof *r->known_owner);
    if (r->lost == NULL || r->known == NULL || r->owner == NULL || r->known_owner == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < set->recovered; i++) {
        const struct parset_file *is = &set->files[i];

        for (uint64_t k = is->first; k < is->first + is->slices; k++) {
            if (r->c->at[k].file != NULL) {
                r->known_owner[r->known_count] = i;
                r->known[r->known_count++] = (uint32_t)k;
            } else {
                r->owner[r->lost_count] = i;
                r->lost[r->lost_count++] = (uint32_t)k;
            }
        }
    }
    r->md5 = calloc(r->lost_count + 1, sizeof *r->md5);
    r->crc = calloc(r->lost_count + 1, sizeof *r->crc);
    return r->md5 == NULL || r->crc == NULL ? ERR_NO_MEMORY : OK;
}

/* ---- files ---- */

static enum err make_folders(struct repair *r, const char *name)
{
    uint32_t mode = r->c->options->place.mode; /* who may read it may enter it */
    enum err err = OK;

    for (const char *slash = strchr(name, '/'); slash != NULL && err == OK;
         slash = strchr(slash + 1, '/')) {
        struct disk_stat stat;
        struct bytes folder = bytes_at(name, (size_t)(slash - name));

        err = disk_root_stat(r->root, folder, &stat);
        if (err == ERR_NOT_FOUND) {
            err = disk_root_mkdir(r->root, folder);
            if (err == OK) {
                err = disk_root_finish_dir(
                    r->root, folder, mode | (mode & 0444) >> 2, clock_wall_ns());
            }
        }
    }
    return err;
}

static enum err open_outs(struct repair *r)
{
    const struct parset *set = &r->c->set;
    enum err err = disk_root_find(bytes_str(r->c->options->place.base), &r->root);

    r->outs = calloc(set->recovered + 1, sizeof(struct disk_out *));
    if (r->outs == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < set->recovered && err == OK; i++) {
        if (r->c->targets[i].state != TARGET_INTACT) {
            err = make_folders(r, set->files[i].name);
            if (err == OK) {
                err = disk_out_open(
                    r->root, bytes_str(set->files[i].name), set->files[i].is.len, &r->outs[i]);
            }
        }
        if (err != OK) {
            progress_event(
                r->c->options->place.sink, LOG_ERROR, "%s: %s", set->files[i].name, err_text(err));
        }
    }
    return err;
}

enum err repair_copy_slice(struct repair *r, size_t known, const uint8_t *data)
{
    size_t target = r->known_owner[known];
    const struct parset_file *is = &r->c->set.files[target];
    uint64_t k = r->known[known] - is->first;
    uint64_t slice_len = r->c->set.slice_len;
    uint64_t offset = k * slice_len;
    uint64_t want = is->is.len - offset < slice_len ? is->is.len - offset : slice_len;

    if (r->outs[target] == NULL) {
        return OK;
    }
    if (is->checks != NULL && par2_crc(0, bytes_at(data, slice_len)) !=
                                  get_le32(is->checks + k * PAR2_CHECK_LEN + PAR2_MD5_LEN)) {
        return ERR_CHANGED;
    }
    return disk_out_write(r->outs[target], offset, bytes_at(data, want));
}

struct copy_job {
    struct repair *r;
    size_t first; /* of the known slices */
    size_t end;
    enum err err;
};

static void copy_task(void *arg)
{
    struct copy_job *job = arg;
    struct repair *r = job->r;
    size_t len = (size_t)r->c->set.slice_len;
    uint8_t *data = malloc(len);

    job->err = data == NULL ? ERR_NO_MEMORY : OK;
    for (size_t i = job->first; i < job->end && job->err == OK; i++) {
        if (r->outs[r->known_owner[i]] != NULL) {
            job->err = slices_read(&r->c->at[r->known[i]], 0, len, data);
        }
        if (job->err == OK) {
            job->err = repair_copy_slice(r, i, data);
        }
    }
    free(data);
}

static enum err copy_all(struct repair *r)
{
    size_t each = slices_per_task(r->c->set.slice_len);
    size_t count = (r->known_count + each - 1) / each;
    struct copy_job *jobs = calloc(count + 1, sizeof *jobs);
    struct crew_task *tasks = calloc(count + 1, sizeof *tasks);
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        size_t end = (i + 1) * each;

        jobs[i] = (struct copy_job){
            .r = r, .first = i * each, .end = end < r->known_count ? end : r->known_count};
        tasks[i] = (struct crew_task){.run = copy_task, .arg = &jobs[i], .kind = CREW_READ};
    }
    if (err == OK) {
        crew_run(&r->c->crew, tasks, count);
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        err = jobs[i].err;
    }
    free(jobs);
    free(tasks);
    return err;
}

/* ---- names ---- */

/* What has the name now gets another one beside it: NAME.1, or the first that is free. */
static enum err set_aside(struct repair *r, const char *name)
{
    enum err err = ERR_EXISTS;

    for (int n = 1; n < BACKUPS_MAX && err == ERR_EXISTS; n++) {
        char *backup = NULL;

        if (asprintf(&backup, "%s.%d", name, n) < 0) {
            return ERR_NO_MEMORY;
        }
        err = disk_root_link(r->root, bytes_str(name), bytes_str(backup));
        free(backup);
    }
    return err;
}

static enum err name_all(struct repair *r)
{
    enum err err = OK;

    for (size_t i = 0; i < r->c->set.recovered && err == OK; i++) {
        const char *name = r->c->set.files[i].name;
        struct disk_out *out = r->outs[i];

        if (out == NULL) {
            continue;
        }
        if (r->c->targets[i].file != NULL && r->c->options->damaged == PAR2FILES_KEEP_DAMAGED) {
            err = set_aside(r, name);
        }
        if (err != OK) {
            break;
        }
        r->outs[i] = NULL;
        err = r->c->targets[i].file != NULL
                  ? disk_out_commit_over(out, r->c->targets[i].mode, clock_wall_ns())
                  : disk_out_commit(out, r->c->options->place.mode, clock_wall_ns());
    }
    return err;
}

static void clear(struct repair *r)
{
    for (size_t i = 0; i < r->c->set.recovered && r->outs != NULL; i++) {
        disk_out_abort(r->outs[i]);
    }
    if (r->root != NULL) {
        disk_root_free(r->root);
    }
    free(r->outs);
    free(r->lost);
    free(r->known);
    free(r->owner);
    free(r->known_owner);
    free(r->md5);
    free(r->crc);
}

enum err check_repair(struct check *c)
{
    struct repair r = {.c = c};
    enum err err = list_slices(&r);

    if (err == OK) {
        err = open_outs(&r);
    }
    if (err == OK) {
        crew_phase(&c->crew, PROGRESS_WRITE, (r.known_count + 2 * r.lost_count) * c->set.slice_len);
    }
    if (err == OK && r.lost_count > 0) {
        err = repair_lost(&r);
    }
    if (err == OK && r.known_slices == NOT_COPIED) {
        err = copy_all(&r);
    }
    if (err == OK) {
        err = name_all(&r);
    }
    clear(&r);
    return err;
}
