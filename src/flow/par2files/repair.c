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

enum { COPY_STEP = 1 << 20, BACKUPS_MAX = 10000 };

/* ---- what is there, what is not ---- */

static enum err list_slices(struct repair *r)
{
    const struct parset *set = &r->c->set;

    r->lost = calloc((size_t)set->slices + 1, sizeof *r->lost);
    r->known = calloc((size_t)set->slices + 1, sizeof *r->known);
    r->owner = calloc((size_t)set->slices + 1, sizeof *r->owner);
    if (r->lost == NULL || r->known == NULL || r->owner == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < set->recovered; i++) {
        const struct parset_file *is = &set->files[i];

        for (uint64_t k = is->first; k < is->first + is->slices; k++) {
            if (r->c->at[k].file != NULL) {
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

/* The CRC of a slice of `len` bytes goes on to its whole length, over zeros. */
static uint32_t crc_padded(uint32_t crc, uint64_t zeros)
{
    static const uint8_t nothing[4096];

    while (zeros > 0) {
        size_t n = zeros < sizeof nothing ? (size_t)zeros : sizeof nothing;

        crc = par2_crc(crc, bytes_at(nothing, n));
        zeros -= n;
    }
    return crc;
}

/* Slice k of a target from where it was found. */
static enum err copy_slice(struct repair *r, size_t target, uint64_t k, uint8_t *step)
{
    const struct parset_file *is = &r->c->set.files[target];
    const struct slice_at *at = &r->c->at[is->first + k];
    uint64_t slice_len = r->c->set.slice_len;
    uint64_t offset = k * slice_len;
    uint64_t want = is->is.len - offset < slice_len ? is->is.len - offset : slice_len;
    uint32_t crc = 0;
    enum err err = OK;

    for (uint64_t from = 0; from < want && err == OK; from += COPY_STEP) {
        size_t len = want - from < COPY_STEP ? (size_t)(want - from) : COPY_STEP;

        err = slices_read(at, from, len, step);
        if (err == OK) {
            crc = par2_crc(crc, bytes_at(step, len));
            err = disk_out_write(r->outs[target], offset + from, bytes_at(step, len));
        }
    }
    if (err == OK && is->checks != NULL &&
        crc_padded(crc, slice_len - want) !=
            get_le32(is->checks + k * PAR2_CHECK_LEN + PAR2_MD5_LEN)) {
        err = ERR_CHANGED;
    }
    return err;
}

enum err repair_copy(struct repair *r, size_t target)
{
    const struct parset_file *is = &r->c->set.files[target];
    uint8_t *step = malloc(COPY_STEP);
    enum err err = step == NULL ? ERR_NO_MEMORY : OK;

    for (uint64_t k = 0; k < is->slices && err == OK; k++) {
        if (r->c->at[is->first + k].file != NULL) {
            err = copy_slice(r, target, k, step);
        }
    }
    free(step);
    return err;
}

struct copy_job {
    struct repair *r;
    size_t target;
    enum err err;
};

static void copy_task(void *arg)
{
    struct copy_job *job = arg;

    job->err = repair_copy(job->r, job->target);
}

static enum err copy_all(struct repair *r)
{
    size_t files = r->c->set.recovered;
    struct copy_job *jobs = calloc(files + 1, sizeof *jobs);
    struct crew_task *tasks = calloc(files + 1, sizeof *tasks);
    size_t count = 0;
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < files && err == OK; i++) {
        if (r->outs[i] != NULL) {
            jobs[count] = (struct copy_job){.r = r, .target = i};
            tasks[count] =
                (struct crew_task){.run = copy_task, .arg = &jobs[count], .kind = CREW_READ};
            count++;
        }
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
    if (err == OK) {
        err = copy_all(&r);
    }
    if (err == OK) {
        err = name_all(&r);
    }
    clear(&r);
    return err;
}
