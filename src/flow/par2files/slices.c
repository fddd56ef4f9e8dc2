/* Reading and hashing slices a stripe at a time, so that what is read is hashed while the cache
 * still has it. */
#include "flow/par2files/slices.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_crc.h"

enum { ALIGN = 64, SLICES_MAX = 4096 };

enum err slices_read(const struct slice_at *at, uint64_t from, size_t len, uint8_t *out)
{
    size_t want = 0;
    size_t got = 0;
    enum err err = OK;

    if (at->file != NULL && from < at->len) {
        want = at->len - from < len ? (size_t)(at->len - from) : len;
        err = disk_file_read(at->file, at->offset + from, out, want, &got);
    }
    if (err == OK && got < want) {
        err = ERR_CHANGED;
    }
    memset(out + got, 0, len - got);
    return err;
}

size_t slices_per_task(uint64_t slice_len)
{
    uint64_t fit = SLICES_TASK / slice_len;

    fit = fit < SLICES_LANES ? SLICES_LANES : fit / SLICES_LANES * SLICES_LANES;
    return (size_t)(fit < SLICES_MAX ? fit : SLICES_MAX);
}

/* ---- hashing ---- */

struct hashing {
    struct slices_hash *job;
    struct par2_md5 *states;
    struct par2_md5 **md5;
    const uint8_t **in;
    uint32_t *crc;
    uint8_t *scratch;
};

static void hash_stripe(struct hashing *h, size_t from, size_t len)
{
    struct slices_hash *job = h->job;
    size_t pitch = job->into != NULL ? job->slice_len : len;
    uint8_t *out = job->into != NULL ? job->into + from : h->scratch;

    for (size_t i = 0; i < job->count; i++) {
        enum err err = slices_read(&job->at[i], from, len, out + i * pitch);

        if (err != OK) {
            job->unread[i] = 1;
            job->err = err;
        }
        h->in[i] = out + i * pitch;
        h->crc[i] = par2_crc(h->crc[i], bytes_at(h->in[i], len));
    }
    par2_md5_update_many(h->md5, h->in, len, job->count);
}

static void hash_all(struct hashing *h)
{
    struct slices_hash *job = h->job;

    for (size_t i = 0; i < job->count; i++) {
        h->md5[i] = &h->states[i];
        par2_md5_init(h->md5[i]);
        job->unread[i] = job->at[i].file == NULL;
    }
    for (size_t from = 0; from < job->slice_len; from += SLICES_STRIPE) {
        size_t rest = job->slice_len - from;

        hash_stripe(h, from, rest < SLICES_STRIPE ? rest : SLICES_STRIPE);
    }
    for (size_t i = 0; i < job->count; i++) {
        struct par2_id id = par2_md5_final(h->md5[i]);
        uint8_t *check = job->checks + i * PAR2_CHECK_LEN;

        memcpy(check, id.b, sizeof id.b);
        put_le32(check + sizeof id.b, h->crc[i]);
    }
}

void slices_hash(void *arg)
{
    struct slices_hash *job = arg;
    size_t stripe = job->slice_len < SLICES_STRIPE ? job->slice_len : SLICES_STRIPE;
    struct hashing h = {.job = job};

    job->err = OK;
    h.states = calloc(job->count, sizeof *h.states);
    h.md5 = calloc(job->count, sizeof(struct par2_md5 *));
    h.in = calloc(job->count, sizeof *h.in);
    h.crc = calloc(job->count, sizeof *h.crc);
    h.scratch = malloc(job->into != NULL ? 1 : stripe * job->count);
    if (h.states == NULL || h.md5 == NULL || h.in == NULL || h.crc == NULL || h.scratch == NULL) {
        job->err = ERR_NO_MEMORY;
    } else {
        hash_all(&h);
    }
    free(h.states);
    free(h.md5);
    free(h.in);
    free(h.crc);
    free(h.scratch);
}

/* ---- columns ---- */

void slices_load(void *arg)
{
    struct slices_load *job = arg;

    job->err = OK;
    for (size_t i = 0; i < job->count && job->err == OK; i++) {
        job->err = slices_read(&job->at[i], job->from, job->len, job->into + i * job->len);
    }
}

/* Large pages were tried: where memory is scattered, the kernel takes longer to find them than they
 * save. */
enum err slices_memory(size_t len, uint8_t **out)
{
    size_t whole = len / ALIGN * ALIGN + ALIGN;

    if (whole < len) {
        return ERR_NO_MEMORY;
    }
    *out = aligned_alloc(ALIGN, whole);
    return *out == NULL ? ERR_NO_MEMORY : OK;
}
