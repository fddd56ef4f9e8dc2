/* Reading a set: scan all files, make sense of the packets, hash the recovery packets. */
#include "flow/par2files/parset.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_encoder.h"

enum { LANES = PAR2_MD5_LANES_MAX, STRIPE = 65536 };

/* ---- the hashes of recovery packets ---- */

struct proof {
    struct parset_seen **seen;
    size_t count; /* at most LANES */
    uint64_t slice_len;
    enum err err;
};

static enum err read_stripe(const struct proof *job, uint64_t from, size_t len, uint8_t *out)
{
    for (size_t i = 0; i < job->count; i++) {
        const struct parset_seen *seen = job->seen[i];
        struct slice_at at = {seen->file, seen->offset + PAR2_RECOVERY_LEN, job->slice_len};
        enum err err = slices_read(&at, from, len, out + i * len);

        if (err != OK) {
            return err;
        }
    }
    return OK;
}

static void prove(void *arg)
{
    struct proof *job = arg;
    size_t step = job->slice_len < STRIPE ? (size_t)job->slice_len : STRIPE;
    uint8_t *data = malloc(step * job->count);
    struct par2_md5 states[LANES];
    struct par2_md5 *md5[LANES];
    const uint8_t *in[LANES];

    job->err = data == NULL ? ERR_NO_MEMORY : OK;
    for (size_t i = 0; i < job->count; i++) {
        md5[i] = &states[i];
        par2_recovery_md5(&job->seen[i]->head.set, job->seen[i]->exponent, md5[i]);
    }
    for (uint64_t from = 0; from < job->slice_len && job->err == OK; from += step) {
        uint64_t rest = job->slice_len - from;
        size_t len = rest < step ? (size_t)rest : step;

        job->err = read_stripe(job, from, len, data);
        for (size_t i = 0; i < job->count; i++) {
            in[i] = data + i * len;
        }
        if (job->err == OK) {
            par2_md5_update_many(md5, in, len, job->count);
        }
    }
    for (size_t i = 0; i < job->count && job->err == OK; i++) {
        struct par2_id id = par2_md5_final(md5[i]);

        job->seen[i]->whole = par2_id_equal(&id, &job->seen[i]->head.md5);
    }
    free(data);
}

static enum err prove_all(
    struct parset *set, struct crew *crew, struct parset_seen **list, size_t count)
{
    size_t jobs_count = (count + LANES - 1) / LANES;
    struct proof *jobs = calloc(jobs_count + 1, sizeof *jobs);
    struct crew_task *tasks = calloc(jobs_count + 1, sizeof *tasks);
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < jobs_count && err == OK; i++) {
        size_t rest = count - i * LANES;

        jobs[i] = (struct proof){.seen = list + i * LANES,
            .count = rest < LANES ? rest : LANES,
            .slice_len = set->slice_len};
        tasks[i] = (struct crew_task){.run = prove, .arg = &jobs[i]};
        tasks[i].bytes = jobs[i].count * set->slice_len;
    }
    if (err == OK) {
        crew_run(crew, tasks, jobs_count);
    }
    for (size_t i = 0; i < jobs_count && err == OK; i++) {
        err = jobs[i].err;
    }
    free(jobs);
    free(tasks);
    return err;
}

static bool fits(const struct parset *set, const struct parset_seen *seen)
{
    return par2_id_equal(&seen->head.set, &set->id) &&
           seen->head.len == PAR2_RECOVERY_LEN + set->slice_len &&
           seen->exponent <= PAR2_EXPONENT_MAX;
}

/* ---- recovery slices ---- */

static int by_exponent(const void *a, const void *b)
{
    const struct parset_recovery *left = a;
    const struct parset_recovery *right = b;

    return (left->exponent > right->exponent) - (left->exponent < right->exponent);
}

/* Prove those behind the first `done`. Where a broken one stands, packets may stand inside. */
static enum err prove_new(struct parset *set, struct crew *crew, size_t done)
{
    size_t count = set->seen.len / sizeof(struct parset_seen);
    struct parset_seen *seen = (void *)set->seen.ptr;
    struct parset_seen **list = calloc(count + 1, sizeof(struct parset_seen *));
    size_t fitting = 0;
    enum err err = list == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = done; i < count && err == OK; i++) {
        if (fits(set, &seen[i])) {
            list[fitting++] = &seen[i];
        }
    }
    if (err == OK) {
        crew_phase(crew, PROGRESS_LIST, fitting * set->slice_len);
        err = prove_all(set, crew, list, fitting);
    }
    free(list);
    for (size_t i = done; i < count && err == OK; i++) {
        struct parset_seen one = ((struct parset_seen *)(void *)set->seen.ptr)[i];

        if (!one.whole) { /* may append to `seen` */
            err = parset_scan(set, one.file, one.offset + 1, one.offset + one.head.len);
        }
    }
    return err;
}

static enum err collect(struct parset *set)
{
    size_t count = set->seen.len / sizeof(struct parset_seen);
    const struct parset_seen *seen = (const void *)set->seen.ptr;
    size_t kept = 0;

    set->recovery = calloc(count + 1, sizeof *set->recovery);
    if (set->recovery == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        if (seen[i].whole) {
            set->recovery[kept].exponent = seen[i].exponent;
            set->recovery[kept++].at =
                (struct slice_at){seen[i].file, seen[i].offset + PAR2_RECOVERY_LEN, set->slice_len};
        }
    }
    qsort(set->recovery, kept, sizeof *set->recovery, by_exponent);
    for (size_t i = 0; i < kept; i++) {
        if (i == 0 || set->recovery[i].exponent != set->recovery[i - 1].exponent) {
            set->recovery[set->recovery_count++] = set->recovery[i];
        }
    }
    return OK;
}

/* ---- all of it ---- */

static enum err read_file(struct parset *set, const char *path)
{
    char *folder = strdup(path);
    char *slash = folder == NULL ? NULL : strrchr(folder, '/');
    struct disk_file *file = NULL;
    struct disk_stat stat;
    enum err err = slash == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        slash[slash == folder] = '\0'; /* the root keeps its slash */
        err = disk_file_open(bytes_str(folder), bytes_str(strrchr(path, '/') + 1), &file);
    }
    if (err == OK) {
        set->opened[set->opened_count++] = file;
        err = disk_file_stat(file, &stat);
    }
    if (err == OK) {
        err = parset_scan(set, file, 0, stat.size);
    }
    free(folder);
    return err;
}

static enum err read_files(struct parset *set, const struct par2files_check *options)
{
    set->opened = calloc(options->par2_count + 1, sizeof(struct disk_file *));
    if (set->opened == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < options->par2_count; i++) {
        enum err err = read_file(set, options->par2s[i]);

        if (err == ERR_NO_MEMORY) {
            return err;
        }
        if (err != OK) {
            progress_event(
                options->place.sink, LOG_WARN, "%s: %s", options->par2s[i], err_text(err));
        }
    }
    return OK;
}

enum err parset_read(struct parset *set, const struct par2files_check *options, struct crew *crew)
{
    size_t done = 0;
    enum err err = read_files(set, options);

    if (err == OK) {
        err = parset_resolve(set);
    }
    while (err == OK && done < set->seen.len / sizeof(struct parset_seen)) {
        size_t now = set->seen.len / sizeof(struct parset_seen);

        err = prove_new(set, crew, done);
        done = now;
    }
    return err == OK ? collect(set) : err;
}

void parset_clear(struct parset *set)
{
    struct parset_packet *packets = (void *)set->packets.ptr;

    for (size_t i = 0; i < set->packets.len / sizeof *packets; i++) {
        buf_clear(&packets[i].bytes);
    }
    for (size_t i = 0; i < set->file_count && set->files != NULL; i++) {
        free(set->files[i].name);
    }
    for (size_t i = 0; i < set->opened_count; i++) {
        disk_file_free(set->opened[i]);
    }
    buf_clear(&set->packets);
    buf_clear(&set->seen);
    free(set->files);
    free(set->recovery);
    free(set->opened);
    free(set->index);
    *set = (struct parset){.slice_len = 0};
}
