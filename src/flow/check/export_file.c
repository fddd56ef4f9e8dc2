/* Names, slices, and what is beside them. */
#include "flow/check/export_file.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/par2files.h"
#include "io/disk/disk_draft.h"

enum {
    FILE_MODE = 0644,
    PAR2_MEMORY = 96 << 20,
    PAR2_TRIES = 3,
    DIGITS_MAX = 10,
    TEXT_MAX = EXPORT_NAME_MAX + 32,
};

struct export_file {
    atomic_uint holders;
    uint32_t number, k, m;
    struct volume_keys keys;
    struct buf cids;
    struct buf folder; /* ends with a NUL that it does not count */
    struct disk_root *root;
    struct disk_scratch *draft;
    bool named;                 /* the draft has its final name */
    char name[EXPORT_NAME_MAX]; /* at the end ... */
    char begun[TEXT_MAX];       /* ... and until then */
};

void export_file_name(uint32_t number, char name[EXPORT_NAME_MAX])
{
    (void)snprintf(name, EXPORT_NAME_MAX, EXPORT_PREFIX "%06u.sealed", (unsigned)number);
}

/* --- holding ---------------------------------------------------------------------------------- */

struct export_file *export_file_keep(struct export_file *f)
{
    atomic_fetch_add(&f->holders, 1);
    return f;
}

void export_file_drop(struct export_file *f)
{
    if (f == NULL || atomic_fetch_sub(&f->holders, 1) != 1) {
        return;
    }
    disk_scratch_drop(f->draft);
    disk_root_free(f->root);
    bytes_wipe(&f->keys, sizeof(f->keys));
    buf_clear(&f->cids);
    buf_clear(&f->folder);
    free(f);
}

struct disk_scratch *export_file_scratch(const struct export_file *f)
{
    return f->draft;
}

enum err export_file_new(
    struct bytes folder, const struct volume_info *volume, struct export_file **out)
{
    struct export_file *f = calloc(1, sizeof(*f));
    enum err err;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    atomic_init(&f->holders, 1);
    f->number = volume->number;
    f->k = volume->k;
    f->m = volume->m;
    f->keys = volume->keys;
    export_file_name(volume->number, f->name);
    (void)snprintf(f->begun, sizeof(f->begun), "%s" EXPORT_INCOMPLETE, f->name);
    err = buf_append(&f->cids, buf_view(&volume->cids));
    if (err == OK) {
        err = buf_append(&f->folder, folder);
    }
    if (err == OK) {
        err = buf_append_byte(&f->folder, '\0');
    }
    if (err != OK) {
        export_file_drop(f);
        return err;
    }
    f->folder.len--;
    *out = f;
    return OK;
}

/* --- the file --------------------------------------------------------------------------------- */

static enum err make_room(struct export_file *f)
{
    return disk_draft_resize(f->draft, ((uint64_t)f->k + f->m) * SEGMENT_LEN);
}

static enum err open_begun(struct export_file *f, enum export_found *found)
{
    uint64_t data = 0;
    enum err err = disk_draft_open(f->root, bytes_str(f->begun), DISK_DRAFT_MAKE, &f->draft);

    if (err == OK) {
        err = disk_draft_next_data(f->draft, 0, &data);
        *found = err == ERR_NOT_FOUND ? EXPORT_FOUND_NOTHING : EXPORT_FOUND_BEGUN;
        err = err == ERR_NOT_FOUND ? OK : err;
    }
    return err == OK ? make_room(f) : err;
}

enum err export_file_open(struct export_file *f, enum export_found *found)
{
    enum err err = f->root == NULL ? disk_root_open(buf_view(&f->folder), &f->root) : OK;

    if (err == OK) {
        err = disk_draft_open(f->root, bytes_str(f->name), DISK_DRAFT_THERE, &f->draft);
    }
    if (err == ERR_NOT_FOUND && f->root != NULL) {
        return open_begun(f, found);
    }
    *found = EXPORT_FOUND_NAMED;
    f->named = true;
    return err;
}

static enum err judge(struct export_file *f, struct sealer *sealer, uint32_t index, uint8_t *room)
{
    struct seal_place place = {.cid = volume_cid_at(buf_view(&f->cids), index), .index = index};

    return index < f->k ? seal_open(sealer, &f->keys, &place, room, room + SEGMENT_LEN)
                        : seal_check_parity(sealer, &f->keys, &place, room);
}

enum err export_file_check(struct export_file *f, struct sealer *sealer, uint32_t index,
    uint8_t *room, enum export_slice *slice)
{
    uint64_t from = (uint64_t)index * SEGMENT_LEN;
    uint64_t size = 0, data = 0;
    enum err err = disk_draft_size(f->draft, &size);

    *slice = EXPORT_SLICE_NONE;
    if (err == OK) {
        err = disk_draft_next_data(f->draft, from, &data);
    }
    if (err == ERR_NOT_FOUND || (err == OK && (data > from || from + SEGMENT_LEN > size))) {
        return OK; /* a sealed segment does not begin with a page of zeros */
    }
    if (err == OK) {
        err = disk_scratch_read(f->draft, from, room, SEGMENT_LEN);
    }
    if (err == OK) {
        err = judge(f, sealer, index, room);
        *slice = err == OK ? EXPORT_SLICE_RIGHT : EXPORT_SLICE_WRONG;
    }
    return err == ERR_BAD_SEAL ? OK : err;
}

enum err export_file_reopen(struct export_file *f)
{
    struct disk_draft_name name = {bytes_str(f->name), bytes_str(f->begun), FILE_MODE};
    enum err err = disk_draft_rename(f->draft, f->root, &name);

    f->named = err != OK;
    return err == OK ? make_room(f) : err;
}

enum err export_file_leave(struct export_file *f)
{
    struct disk_draft_name name = {bytes_str(f->begun), bytes_str(f->begun), FILE_MODE};

    return disk_draft_rename(f->draft, f->root, &name);
}

/* --- PAR2 ------------------------------------------------------------------------------------- */

/* The two files that PAR2 programs expect. */
struct par2_names {
    char stem[EXPORT_NAME_MAX];
    char index[TEXT_MAX], slices[TEXT_MAX];
    struct buf index_path, slices_path;
};

static enum err put_path(const struct export_file *f, const char *name, struct buf *path)
{
    enum err err = buf_append(path, buf_view(&f->folder));

    if (err == OK) {
        err = buf_append_byte(path, '/');
    }
    if (err == OK) {
        err = buf_append_str(path, name);
    }
    return err == OK ? buf_append_byte(path, '\0') : err;
}

static enum err names_init(struct par2_names *n, const struct export_file *f)
{
    char count[DIGITS_MAX + 1];
    int digits = snprintf(count, sizeof(count), "%u", (unsigned)f->m);
    enum err err;

    (void)snprintf(n->stem, sizeof(n->stem), EXPORT_PREFIX "%06u", (unsigned)f->number);
    (void)snprintf(n->index, sizeof(n->index), "%s.par2", n->stem);
    (void)snprintf(n->slices, sizeof(n->slices), "%s.vol%0*u+%s.par2", n->stem, digits, 0U, count);
    err = put_path(f, n->index, &n->index_path);
    return err == OK ? put_path(f, n->slices, &n->slices_path) : err;
}

static struct par2files_place place_of(const struct export_file *f)
{
    return (struct par2files_place){
        .base = (const char *)f->folder.ptr,
        .folder = (const char *)f->folder.ptr,
        .memory = PAR2_MEMORY,
        .mode = FILE_MODE,
    };
}

/* Are both there, and do they say what the file is? */
static enum err look_at_par2(
    const struct export_file *f, const struct par2_names *names, bool *right)
{
    const char *const paths[] = {
        (const char *)names->index_path.ptr, (const char *)names->slices_path.ptr};
    struct disk_stat stat;
    struct par2files_check check = {
        .place = place_of(f),
        .action = PAR2FILES_VERIFY,
        .par2s = paths,
        .par2_count = f->m > 0 ? 2 : 1,
    };
    struct par2files_report report = {.state = PAR2FILES_LOST};
    enum err err = disk_root_stat(f->root, bytes_str(names->index), &stat);

    if (err == OK && f->m > 0) {
        err = disk_root_stat(f->root, bytes_str(names->slices), &stat);
    }
    if (err == OK) {
        err = par2files_check(&check, &report);
    }
    *right = err == OK && report.state == PAR2FILES_INTACT && report.files == 1 &&
             report.slices == f->k && report.recovery_found == f->m;
    return err == ERR_NOT_FOUND || err_kind(err) == KIND_CORRUPT ? OK : err;
}

static enum err remove_par2(const struct export_file *f, const struct par2_names *names)
{
    enum err err = disk_root_remove(f->root, bytes_str(names->index));

    if (err == OK || err == ERR_NOT_FOUND) {
        err = disk_root_remove(f->root, bytes_str(names->slices));
    }
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err make_par2(const struct export_file *f, const struct par2_names *names)
{
    const char *const files[] = {f->name};
    struct par2files_create create = {
        .place = place_of(f),
        .stem = names->stem,
        .files = files,
        .file_count = 1,
        .slice_len = SEGMENT_LEN,
        .recovery_count = f->m,
        .volume_count = f->m > 0,
    };

    return par2files_create(&create);
}

/* Somebody may still be at it: a run that was broken off, and did not hear of it yet. */
static enum err see_to_par2(const struct export_file *f)
{
    struct par2_names names = {.stem = ""};
    bool right = false;
    enum err err = names_init(&names, f);

    for (int i = 0; i < PAR2_TRIES && err == OK && !right; i++) {
        err = look_at_par2(f, &names, &right);
        if (err != OK || right) {
            break;
        }
        err = remove_par2(f, &names);
        if (err == OK) {
            err = make_par2(f, &names);
        }
        right = err == OK;
        err = err == ERR_EXISTS && i + 1 < PAR2_TRIES ? OK : err;
    }
    buf_clear(&names.index_path);
    buf_clear(&names.slices_path);
    return err;
}

enum err export_file_complete(struct export_file *f)
{
    struct disk_draft_name name = {bytes_str(f->begun), bytes_str(f->name), FILE_MODE};
    enum err err = disk_draft_resize(f->draft, (uint64_t)f->k * SEGMENT_LEN);

    if (err == OK && !f->named) {
        err = disk_draft_rename(f->draft, f->root, &name);
        f->named = err == OK;
    }
    return err == OK ? see_to_par2(f) : err;
}
