/* A window of a slice's length goes over the file byte by byte; where its CRC is a slice's, the MD5
 * decides, and the window jumps on by its length. Behind the file's end there are zeros, as behind
 * every last slice. */
#include "flow/par2files/finder.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"

enum { FILTER_BITS = 19, AHEAD = 1 << 20 };

static size_t filter_bit(uint32_t crc)
{
    return crc >> (32 - FILTER_BITS);
}

enum err finder_init(struct finder *f, const struct parset *set)
{
    *f = (struct finder){.slice_len = (size_t)set->slice_len, .slices = set->slices};
    for (f->head_count = 64; f->head_count < 2 * f->slices; f->head_count *= 2) {
    }
    f->filter = calloc((size_t)1 << (FILTER_BITS - 3), 1);
    f->heads = calloc(f->head_count, sizeof *f->heads);
    f->next = calloc(f->slices + 1, sizeof *f->next);
    f->checks = calloc(f->slices + 1, sizeof(uint8_t *));
    if (f->filter == NULL || f->heads == NULL || f->next == NULL || f->checks == NULL) {
        return ERR_NO_MEMORY;
    }
    par2_crc_window_init(&f->window, set->slice_len);
    for (size_t i = 0; i < set->recovered; i++) {
        const struct parset_file *file = &set->files[i];

        for (uint64_t k = 0; file->checks != NULL && k < file->slices; k++) {
            const uint8_t *check = file->checks + k * PAR2_CHECK_LEN;
            uint32_t crc = get_le32(check + PAR2_MD5_LEN);
            size_t slice = (size_t)(file->first + k);
            uint32_t *head = &f->heads[crc & (f->head_count - 1)];

            f->checks[slice] = check;
            f->next[slice] = *head;
            *head = (uint32_t)slice + 1;
            f->filter[filter_bit(crc) / 8] |= (uint8_t)(1U << filter_bit(crc) % 8);
        }
    }
    return OK;
}

void finder_clear(struct finder *f)
{
    free(f->filter);
    free(f->heads);
    free(f->next);
    free(f->checks);
    *f = (struct finder){.slices = 0};
}

/* ---- a file ---- */

struct view {
    struct finder_job *job;
    uint8_t *data; /* file bytes from `base` on, zeros behind the end */
    uint64_t base;
    size_t cap;  /* two slices, or one and AHEAD */
    uint64_t at; /* where the window is */
    uint32_t crc;
    enum { CRC_UNKNOWN, CRC_KNOWN } state;
    uint64_t looked; /* offsets looked at since the last leap */
};

/* Have the window and the byte behind it in memory. */
static enum err fill(struct view *v)
{
    struct slice_at rest = {v->job->file, v->at, v->job->size - v->at};
    size_t need = v->job->finder->slice_len + 1;

    if (v->data != NULL && v->at >= v->base && v->at - v->base + need <= v->cap) {
        return OK;
    }
    if (v->data == NULL) {
        v->cap = v->job->finder->slice_len;
        v->cap += v->cap > AHEAD ? v->cap : AHEAD;
        v->data = malloc(v->cap);
    }
    v->base = v->at;
    return v->data == NULL ? ERR_NO_MEMORY : slices_read(&rest, 0, v->cap, v->data);
}

static enum err add_hit(struct view *v, size_t slice)
{
    size_t len = v->job->finder->slice_len;
    uint64_t rest = v->job->size - v->at;
    struct finder_hit hit = {(uint32_t)slice, {v->job->file, v->at, rest < len ? rest : len}};

    return buf_append(&v->job->hits, bytes_at(&hit, sizeof hit));
}

/* Is the window a slice, or several that are the same? */
static enum err look_up(struct view *v, const uint8_t *window, bool *found)
{
    const struct finder *f = v->job->finder;
    struct par2_id id;
    bool hashed = false;
    enum err err = OK;

    *found = false;
    if ((f->filter[filter_bit(v->crc) / 8] & 1U << filter_bit(v->crc) % 8) == 0) {
        return OK;
    }
    for (uint32_t n = f->heads[v->crc & (f->head_count - 1)]; n != 0 && err == OK;
         n = f->next[n - 1]) {
        const uint8_t *check = f->checks[n - 1];

        if (get_le32(check + PAR2_MD5_LEN) != v->crc) {
            continue;
        }
        if (!hashed) {
            id = par2_md5_of(bytes_at(window, f->slice_len));
            hashed = true;
        }
        if (memcmp(check, id.b, sizeof id.b) == 0) {
            *found = true;
            err = add_hit(v, n - 1);
        }
    }
    return err;
}

static bool is_known(const struct finder_job *job, uint64_t at)
{
    uint64_t place = at / job->finder->slice_len;

    return job->known != NULL && at % job->finder->slice_len == 0 && place < job->known_count &&
           job->known[place] != 0;
}

static void leap(struct view *v, uint64_t by)
{
    v->at += by;
    v->state = CRC_UNKNOWN;
}

/* The slice before ends here, so the next one should begin here: half of what is looked at lies
 * before this place. */
static void leap_slice(struct view *v)
{
    leap(v, v->job->finder->slice_len);
    v->looked = v->job->leeway;
}

/* Nothing is here: look one byte on, or around the place where the next slice should begin. */
static void slide(struct view *v, const uint8_t *window)
{
    const struct finder *f = v->job->finder;
    uint64_t span = 2 * v->job->leeway;

    v->looked++;
    if (span > 0 && span < f->slice_len && v->looked >= span) {
        leap(v, f->slice_len - span + 1);
        v->looked = 0;
        return;
    }
    v->crc = par2_crc_slide(&f->window, v->crc, window[0], window[f->slice_len]);
    v->at++;
}

static enum err step(struct view *v)
{
    const struct finder *f = v->job->finder;
    const uint8_t *window = v->data + (v->at - v->base);
    bool found;
    enum err err;

    if (v->state == CRC_UNKNOWN) {
        v->crc = par2_crc(0, bytes_at(window, f->slice_len));
        v->state = CRC_KNOWN;
    }
    err = look_up(v, window, &found);
    if (found) {
        leap_slice(v);
    } else {
        slide(v, window);
    }
    return err;
}

void finder_run(void *arg)
{
    struct finder_job *job = arg;
    struct view v = {.job = job, .state = CRC_UNKNOWN, .looked = job->leeway};

    job->err = OK;
    while (v.at < job->size && job->err == OK) {
        if (is_known(job, v.at)) {
            leap_slice(&v);
            continue;
        }
        job->err = fill(&v);
        if (job->err == OK) {
            job->err = step(&v);
        }
    }
    free(v.data);
}
