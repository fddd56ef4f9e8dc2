/* Which slices lie where they should: all slices of all files side by side. A file whose slices all
 * have their hashes and that has its length is intact; the hash of the whole file is needed only
 * where the slices' hashes are not known. */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/check.h"

bool check_name_is_safe(const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, "/");

        if (len == 0 || (len == 1 && name[0] == '.') ||
            (len == 2 && name[0] == '.' && name[1] == '.')) {
            return false;
        }
        name += len;
        if (*name == '/') {
            name++;
            if (*name == '\0') {
                return false;
            }
        }
    }
    return true;
}

/* ---- opening ---- */

static enum err open_target(struct check *c, struct target *target)
{
    struct disk_stat stat;
    const char *name = target->is->name;
    enum err err = ERR_NOT_FOUND;

    target->state = TARGET_MISSING;
    if (name == NULL || !check_name_is_safe(name)) {
        return OK;
    }
    disk_file_free(target->file);
    target->file = NULL;
    err = disk_file_open(bytes_str(c->options->place.base), bytes_str(name), &target->file);
    if (err == OK) {
        err = disk_file_stat(target->file, &stat);
    }
    if (err == OK) {
        target->state = TARGET_DAMAGED;
        target->size = stat.size;
        target->mode = stat.mode;
        return OK;
    }
    if (err != ERR_NOT_FOUND && err != ERR_NO_MEMORY) {
        progress_event(c->options->place.sink, LOG_WARN, "%s: %s", name, err_text(err));
    }
    return err == ERR_NO_MEMORY ? err : OK;
}

/* Suppose that every slice that can lie in its place does. */
static void suppose(struct check *c, const struct target *target)
{
    for (uint64_t k = 0; k < target->is->slices; k++) {
        struct slice_at at = slices_of(target->file, target->is->is.len, c->set.slice_len, k);
        struct slice_at *slot = &c->at[target->is->first + k];

        *slot = (struct slice_at){.file = NULL};
        if (target->file != NULL && at.offset + at.len <= target->size) {
            *slot = at;
        }
    }
}

/* ---- hashing ---- */

static enum err hash_slices(struct check *c)
{
    size_t each = slices_per_task(c->set.slice_len);
    size_t count = (size_t)((c->set.slices + each - 1) / each);
    struct slices_hash *jobs = calloc(count + 1, sizeof *jobs);
    struct crew_task *tasks = calloc(count + 1, sizeof *tasks);
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        size_t first = i * each;
        size_t rest = (size_t)c->set.slices - first;

        jobs[i] = (struct slices_hash){.at = c->at + first,
            .count = rest < each ? rest : each,
            .slice_len = (size_t)c->set.slice_len,
            .checks = c->hashed + first * PAR2_CHECK_LEN,
            .unread = c->unread + first};
        tasks[i] = (struct crew_task){.run = slices_hash, .arg = &jobs[i], .kind = CREW_READ};
        tasks[i].bytes = jobs[i].count * c->set.slice_len;
    }
    if (err == OK) {
        crew_phase(&c->crew, PROGRESS_SCAN, c->set.slices * c->set.slice_len);
        crew_run(&c->crew, tasks, count);
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        err = jobs[i].err == ERR_NO_MEMORY ? ERR_NO_MEMORY : OK; /* the rest is damage */
    }
    free(jobs);
    free(tasks);
    return err;
}

/* Is the whole file what its packet says? */
static enum err hash_whole(const struct target *target, bool *right)
{
    enum { CHUNK = 1 << 20 };
    uint8_t *chunk = malloc(CHUNK);
    struct par2_md5 md5;
    struct par2_id id;
    size_t got = 1;
    enum err err = chunk == NULL ? ERR_NO_MEMORY : OK;

    par2_md5_init(&md5);
    for (uint64_t at = 0; at < target->size && err == OK && got > 0; at += got) {
        err = disk_file_read(target->file, at, chunk, CHUNK, &got);
        par2_md5_update(&md5, bytes_at(chunk, err == OK ? got : 0));
    }
    id = par2_md5_final(&md5);
    *right = err == OK && par2_id_equal(&id, &target->is->is.md5);
    free(chunk);
    return err == ERR_NO_MEMORY ? err : OK;
}

static enum err judge(struct check *c, struct target *target, bool recovered)
{
    const struct parset_file *is = target->is;
    bool right = is->checks != NULL && recovered;
    enum err err = OK;

    if (!right && target->file != NULL && target->size == is->is.len) {
        err = hash_whole(target, &right);
        target->found = right ? is->slices : 0;
        target->state = right ? TARGET_INTACT : target->state;
    }
    for (uint64_t k = 0; recovered && k < is->slices; k++) {
        uint64_t i = is->first + k;

        if (is->checks != NULL) {
            right = c->at[i].file != NULL && c->unread[i] == 0 &&
                    memcmp(c->hashed + i * PAR2_CHECK_LEN, is->checks + k * PAR2_CHECK_LEN,
                        PAR2_CHECK_LEN) == 0;
            target->found += right;
        }
        if (!right) {
            c->at[i].file = NULL;
        }
    }
    if (recovered && is->checks != NULL && target->file != NULL && target->size == is->is.len &&
        target->found == is->slices) {
        target->state = TARGET_INTACT;
    }
    return err;
}

enum err check_places(struct check *c)
{
    enum err err = OK;

    for (size_t i = 0; i < c->set.file_count && err == OK; i++) {
        struct target *target = &c->targets[i];

        target->is = &c->set.files[i];
        target->found = 0;
        err = open_target(c, target);
        if (i < c->set.recovered) {
            suppose(c, target);
        }
    }
    if (err == OK) {
        err = hash_slices(c);
    }
    for (size_t i = 0; i < c->set.file_count && err == OK; i++) {
        err = judge(c, &c->targets[i], i < c->set.recovered);
    }
    return err;
}
