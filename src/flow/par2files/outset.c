/* A volume is: recovery packets, among them copies of the common packets (the more slices, the
 * more copies, spread evenly, so that damage leaves one), and who made it. */
#include "flow/par2files/outset.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* ---- where things lie ---- */

static uint32_t copies_in(uint32_t count)
{
    uint32_t copies = 0;

    for (; count > 0; count >>= 1) {
        copies++;
    }
    return copies;
}

/* Copy k stands behind so many of the volume's recovery packets. */
static uint32_t copy_behind(uint32_t count, uint32_t k)
{
    return (uint32_t)((uint64_t)(k + 1) * count / copies_in(count));
}

static uint64_t packet_at(const struct outset *o, uint32_t count, uint32_t i)
{
    uint64_t before = 0;

    for (uint32_t k = 0; k < copies_in(count) && copy_behind(count, k) <= i; k++) {
        before++;
    }
    return before * o->common_len + i * (PAR2_RECOVERY_LEN + o->slice_len);
}

static uint64_t copy_at(const struct outset *o, uint32_t count, uint32_t k)
{
    return copy_behind(count, k) * (PAR2_RECOVERY_LEN + o->slice_len) + (uint64_t)k * o->common_len;
}

static uint64_t file_len(const struct outset *o, uint32_t count)
{
    uint64_t copies = count == 0 ? 1 : copies_in(count);

    return copies * o->common_len + count * (PAR2_RECOVERY_LEN + o->slice_len) + o->creator_len;
}

/* ---- opening ---- */

static enum err name_file(
    struct outset *o, const struct par2files_create *options, struct bytes volumes, size_t i)
{
    struct buf name = {0};
    enum err err;

    if (i + 1 == o->file_count) {
        err = buf_printf(&name, "%s.par2", options->stem);
    } else {
        err = volumes_name(options->stem, (const struct volume *)(const void *)volumes.ptr,
            o->file_count - 1, i, &name);
    }
    if (err == OK) {
        err = buf_append_byte(&name, '\0');
    }
    if (err == OK) {
        o->files[i].name = strdup((const char *)name.ptr);
        err = o->files[i].name == NULL ? ERR_NO_MEMORY : OK;
    }
    buf_clear(&name);
    return err;
}

static enum err check_free(const struct outset *o, char **taken)
{
    struct disk_stat stat;

    for (size_t i = 0; i < o->file_count; i++) {
        enum err err = disk_root_stat(o->root, bytes_str(o->files[i].name), &stat);

        if (err == OK) {
            *taken = strdup(o->files[i].name);
            return ERR_EXISTS;
        }
        if (err != ERR_NOT_FOUND) {
            return err;
        }
    }
    return OK;
}

static enum err open_file(struct outset *o, size_t i)
{
    struct outset_file *file = &o->files[i];
    enum err err =
        disk_out_open(o->root, bytes_str(file->name), file_len(o, file->volume.count), &file->out);

    for (uint32_t k = 0; k < file->volume.count && err == OK; k++) {
        uint32_t exponent = file->volume.first + k;
        struct outset_slice *slice = &o->slices[exponent - o->first_exponent];

        slice->out = file->out;
        slice->offset = packet_at(o, file->volume.count, k);
        par2_recovery_md5(&o->set, exponent, &slice->md5);
    }
    return err;
}

enum err outset_open(
    struct outset *o, const struct par2files_create *options, struct bytes volumes, char **taken)
{
    enum err err = disk_root_find(bytes_str(options->place.folder), &o->root);

    if (err != OK) {
        return err;
    }
    o->mode = options->place.mode;
    o->file_count = volumes.len / sizeof(struct volume) + 1;
    o->files = calloc(o->file_count, sizeof *o->files);
    o->slices = calloc(o->slice_count + 1, sizeof *o->slices);
    if (o->files == NULL || o->slices == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < o->file_count && err == OK; i++) {
        if (i + 1 < o->file_count) {
            memcpy(&o->files[i].volume, volumes.ptr + i * sizeof(struct volume),
                sizeof(struct volume));
        }
        err = name_file(o, options, volumes, i);
    }
    if (err == OK) {
        err = check_free(o, taken);
    }
    for (size_t i = 0; i < o->file_count && err == OK; i++) {
        err = open_file(o, i);
    }
    return err;
}

/* ---- recovery slices ---- */

enum { STRIPE = 65536 };

void outset_write(void *arg)
{
    struct outset_write *job = arg;
    struct outset_slice *slices = &job->outset->slices[job->first];
    struct par2_md5 *md5[PAR2_MD5_LANES_MAX];
    const uint8_t *in[PAR2_MD5_LANES_MAX];

    job->err = OK;
    for (size_t at = 0; at < job->len; at += STRIPE) {
        size_t len = job->len - at < STRIPE ? job->len - at : STRIPE;

        for (size_t i = 0; i < job->count; i++) {
            md5[i] = &slices[i].md5;
            in[i] = job->data + i * job->len + at;
        }
        par2_md5_update_many(md5, in, len, job->count);
    }
    for (size_t i = 0; i < job->count && job->err == OK; i++) {
        job->err = disk_out_write(slices[i].out, slices[i].offset + PAR2_RECOVERY_LEN + job->from,
            bytes_at(job->data + i * job->len, job->len));
    }
}

/* ---- the end ---- */

static enum err write_heads(struct outset *o)
{
    enum err err = OK;

    for (size_t k = 0; k < o->slice_count && err == OK; k++) {
        struct par2_recovery packet = {.exponent = o->first_exponent + (uint32_t)k};
        uint8_t head[PAR2_RECOVERY_LEN];

        packet.slice.len = o->slice_len;
        par2_recovery_encode(&o->set, &packet, &o->slices[k].md5, head);
        err = disk_out_write(o->slices[k].out, o->slices[k].offset, bytes_at(head, sizeof head));
    }
    return err;
}

static enum err write_common(
    const struct outset *o, struct outset_file *file, struct bytes common, struct bytes creator)
{
    uint32_t count = file->volume.count;
    enum err err = OK;

    if (count == 0) {
        err = disk_out_write(file->out, 0, common);
    }
    for (uint32_t k = 0; k < copies_in(count) && err == OK; k++) {
        err = disk_out_write(file->out, copy_at(o, count, k), common);
    }
    if (err == OK) {
        err = disk_out_write(file->out, file_len(o, count) - creator.len, creator);
    }
    return err;
}

static enum err name_all(struct outset *o)
{
    int64_t now = clock_wall_ns();
    enum err err = OK;
    size_t done = 0;

    while (done < o->file_count && err == OK) {
        struct disk_out *out = o->files[done].out;

        o->files[done].out = NULL;
        err = disk_out_commit(out, o->mode, now);
        done += err == OK;
    }
    while (err != OK && done > 0) { /* all of them or none */
        done--;
        (void)(disk_root_remove(o->root, bytes_str(o->files[done].name)) == OK);
    }
    return err;
}

enum err outset_finish(struct outset *o, struct bytes common, struct bytes creator)
{
    enum err err = common.len == o->common_len && creator.len == o->creator_len ? OK : ERR_BUG;

    if (err == OK) {
        err = write_heads(o);
    }
    for (size_t i = 0; i < o->file_count && err == OK; i++) {
        err = write_common(o, &o->files[i], common, creator);
    }
    return err == OK ? name_all(o) : err;
}

void outset_clear(struct outset *o)
{
    for (size_t i = 0; i < o->file_count && o->files != NULL; i++) {
        disk_out_abort(o->files[i].out);
        free(o->files[i].name);
    }
    if (o->root != NULL) {
        disk_root_free(o->root);
    }
    free(o->files);
    free(o->slices);
    *o = (struct outset){.root = NULL};
}
