/* Listing folders on a worker. */
#include "flow/index/index_job.h"

#include "flow/index/index_batch.h"

/* What reading a folder came to. */
enum listed { LISTED_ALL, LISTED_FULL };

enum err index_job_init(struct index_job *job, const struct ignore *ignore)
{
    index_rules_init(&job->rules, job->tops, ignore);
    job->batch = index_batch_new();
    return job->batch != NULL ? OK : ERR_NO_MEMORY;
}

void index_job_clear(struct index_job *job)
{
    for (size_t i = 0; i < INDEX_JOB_FOLDERS; i++) {
        buf_clear(&job->folders[i].path);
    }
    disk_dir_free(job->dir);
    job->dir = NULL;
    index_batch_free(job->batch);
    job->batch = NULL;
    buf_clear(&job->notes.text);
    buf_clear(&job->trouble);
    buf_clear(&job->place);
    index_rules_clear(&job->rules);
}

/* --- entries -----------------------------------------------------------------------------------
 */

static void fill_entry(struct bytes name, const struct disk_stat *stat, struct store_entry *entry)
{
    static const enum store_type types[] = {
        [DISK_FILE] = STORE_FILE,
        [DISK_DIRECTORY] = STORE_DIRECTORY,
        [DISK_SYMLINK] = STORE_SYMLINK,
    };

    *entry = (struct store_entry){
        .name = name,
        .type = types[stat->type],
        .mode = stat->mode,
        .size = stat->type == DISK_FILE ? stat->size : 0,
        .mtime_ns = stat->mtime_ns,
        .ctime_ns = stat->ctime_ns,
        .inode = stat->inode,
        .device = stat->device,
        .links = stat->type == DISK_FILE ? stat->links : 1,
    };
}

static void count_entry(struct index_job *job, const struct store_entry *entry)
{
    job->entries++;
    job->bytes += entry->size;
}

/* Read the target of a symlink. ERR_CHANGED: it is none any more, or gone. */
static enum err read_target(struct index_job *job, struct bytes name, struct buf *target)
{
    enum err err = disk_dir_readlink(job->dir, name, target);

    return err == ERR_NOT_FOUND || err == ERR_LIMIT ? ERR_CHANGED : err;
}

/* An entry with all that belongs to it, into the batch. */
static void add_entry(struct index_job *job, struct store_entry *entry, struct bytes target)
{
    entry->target = target;
    index_batch_add(job->batch, entry);
    count_entry(job, entry);
}

/* Why the entry cannot be in a share; NULL: it can. */
static const char *unfit(
    const struct index_job *job, struct bytes name, const struct disk_stat *stat)
{
    size_t folder = job->folders[job->at].path.len;

    if (stat->type == DISK_OTHER) {
        return "neither file, folder nor symlink";
    }
    if (name.len > NAME_MAX_LEN) {
        return "its name is too long";
    }
    if (folder + 1 + name.len > PATH_MAX_LEN) {
        return "its path in the share is longer than 4096 bytes";
    }
    return job->depth + 1 > PATH_DEPTH_MAX ? "it lies in more than 255 folders" : NULL;
}

/* An entry that is wanted, and all that it needs. */
static enum err keep_entry(struct index_job *job, struct bytes name, const struct disk_stat *stat)
{
    struct bytes folder = buf_view(&job->place);
    struct buf target = {0};
    struct store_entry entry;
    enum err err = OK;

    fill_entry(name, stat, &entry);
    if (stat->type == DISK_SYMLINK) {
        err = read_target(job, name, &target);
    }
    if (err == OK) {
        add_entry(job, &entry, buf_view(&target));
    } else if (err == ERR_CHANGED || err == ERR_PERMISSION) {
        index_note_skip(&job->notes, folder, name, err_text(err));
        err = OK;
    }
    buf_clear(&target);
    return err;
}

/* One entry that the disk showed; there is room for it. */
static enum err take_entry(struct index_job *job, struct bytes name, const struct disk_stat *stat)
{
    enum ignore_kind kind = stat->type == DISK_DIRECTORY ? IGNORE_FOLDER : IGNORE_NO_FOLDER;
    const char *why;
    bool out = false;
    enum err err = index_rules_ask(&job->rules, name, kind, &out);

    if (err != OK || out || index_tops_excluded(job->tops, stat)) {
        return err; /* told to be left out, or our own state */
    }
    why = unfit(job, name, stat);
    if (why != NULL) {
        index_note_skip(&job->notes, buf_view(&job->place), name, why);
        return OK;
    }
    return keep_entry(job, name, stat);
}

/* --- folders -----------------------------------------------------------------------------------
 */

/* Errors that concern one entry and not the machine: the scan goes on without it. */
static bool is_entrys_own(enum err err)
{
    switch (err) {
    case ERR_PERMISSION:
    case ERR_NOT_FOUND:
    case ERR_NOT_DIRECTORY:
    case ERR_UNSAFE_PATH:
    case ERR_CHANGED:
    case ERR_SYSTEM:
        return true;
    default:
        return false;
    }
}

/* Say which path `err` is about. */
static enum err fail(struct index_job *job, struct bytes path, enum err err)
{
    job->trouble.len = 0;
    if (index_note_path(&job->trouble, path) != OK) {
        job->trouble.len = 0; /* the error alone must do */
    }
    return err;
}

/* Read entries of job->dir until its end or until the batch is full. An error that is not the
 * machine's ends the folder where it came. */
static enum err read_entries(struct index_job *job, enum listed *listed)
{
    enum err err = OK;

    *listed = LISTED_FULL;
    while (err == OK && !index_batch_full(job->batch)) {
        struct disk_stat stat;
        struct bytes name;

        err = disk_dir_next(job->dir, &name, &stat);
        if (err == OK) {
            err = take_entry(job, name, &stat);
        } else if (err == ERR_NOT_FOUND && name.len == 0) {
            *listed = LISTED_ALL;
            return OK;
        } else if (is_entrys_own(err)) {
            index_note_skip(&job->notes, buf_view(&job->place), name, err_text(err));
            *listed = name.len > 0 ? LISTED_FULL : LISTED_ALL;
            err = OK;
        }
        if (*listed == LISTED_ALL) {
            return OK;
        }
    }
    return err != OK ? fail(job, buf_view(&job->place), err) : OK;
}

/* The top of a share that is a list of paths. */
static enum err list_tops(struct index_job *job)
{
    struct buf target = {0};
    enum err err = OK;

    for (size_t i = 0; err == OK && i < job->tops->count; i++) {
        const struct index_top *top = &job->tops->tops[i];
        struct store_entry entry;

        if (index_batch_full(job->batch)) {
            err = ERR_LIMIT; /* thousands of paths in one share */
            break;
        }
        fill_entry(buf_view(&top->name), &top->stat, &entry);
        target.len = 0;
        if (top->stat.type == DISK_SYMLINK) {
            err = index_top_target(top, &target);
        }
        if (err == OK) {
            add_entry(job, &entry, buf_view(&target));
        } else {
            err = fail(job, buf_view(&top->path), err);
        }
    }
    buf_clear(&target);
    return err;
}

static size_t components(struct bytes path)
{
    size_t count = path.len > 0;

    for (size_t i = 0; i < path.len; i++) {
        count += path.ptr[i] == '/';
    }
    return count;
}

/* job->place becomes `rest` below the path `top`. */
static enum err set_place(struct index_job *job, const struct index_top *top, struct bytes rest)
{
    enum err err;

    job->place.len = 0;
    err = buf_append(&job->place, buf_view(&top->path));
    if (err == OK && rest.len > 0) {
        err = buf_append_byte(&job->place, '/');
    }
    return err == OK ? buf_append(&job->place, rest) : err;
}

/* A folder of another file system than its path's, where the user does not want that. */
static enum err check_reach(struct index_job *job, const struct index_top *top)
{
    struct disk_stat stat;
    enum err err = disk_dir_stat(job->dir, &stat);

    if (err == OK && job->options->reach == INDEX_ONE_FILE_SYSTEM &&
        stat.device != top->stat.device) {
        disk_dir_free(job->dir);
        job->dir = NULL;
    }
    return err;
}

/* Rules that cannot be read may be there to keep something private: nothing of the folder is taken
 * then. */
static enum err read_rules(struct index_job *job, struct bytes path)
{
    enum err err = index_rules_enter(&job->rules, path);

    if (err != OK) {
        disk_dir_free(job->dir);
        job->dir = NULL;
    }
    return err;
}

/* Open the folder at hand. job->dir stays NULL when it is to be empty: it is gone, or nobody lets
 * us read it. Only a path of the share itself must be readable. */
static enum err open_folder(struct index_job *job)
{
    struct bytes path = buf_view(&job->folders[job->at].path);
    struct bytes rest;
    struct bytes bad = {0}; /* the trouble is with this file in it */
    const struct index_top *top = index_tops_find(job->tops, path, &rest);
    enum err err;

    if (top == NULL) {
        return OK;
    }
    job->depth = components(path);
    err = set_place(job, top, rest);
    if (err != OK) {
        return err;
    }
    err = disk_dir_open(buf_view(&top->path), rest, &job->dir);
    if (err == OK) {
        err = check_reach(job, top);
    }
    if (err == OK && job->dir != NULL) {
        err = read_rules(job, path);
        bad = err != OK ? bytes_str(INDEX_IGNORE_FILE) : bad;
    }
    if (err != OK && rest.len > 0 && (is_entrys_own(err) || err == ERR_LIMIT)) {
        index_note_skip(&job->notes, buf_view(&job->place), bad, err_text(err));
        return OK;
    }
    return err != OK ? fail(job, buf_view(&job->place), err) : OK;
}

static void close_folder(struct index_job *job)
{
    disk_dir_free(job->dir);
    job->dir = NULL;
    job->at++;
}

/* List the folder at hand as far as memory goes, and hand it to the batch. */
static enum err list_folder(struct index_job *job)
{
    uint64_t id = job->folders[job->at].id;
    enum listed listed = LISTED_ALL;
    enum err err = OK;

    job->first = true;
    if (id == STORE_ROOT_FOLDER && index_tops_virtual(job->tops)) {
        err = list_tops(job);
    } else {
        err = open_folder(job);
        if (err == OK && job->dir != NULL) {
            err = read_entries(job, &listed);
        }
    }
    if (err == OK && listed == LISTED_FULL) {
        job->more = true;
        return index_batch_loose(job, id, INDEX_PIECE_MORE);
    }
    if (err == OK) {
        err = index_batch_whole(job, id);
    }
    close_folder(job);
    return err;
}

/* Go on with a large folder, one stretch a run. */
static enum err list_more(struct index_job *job)
{
    uint64_t id = job->folders[job->at].id;
    enum listed listed;
    enum err err = read_entries(job, &listed);

    if (err == OK && listed == LISTED_FULL) {
        job->more = true;
        return index_batch_loose(job, id, INDEX_PIECE_MORE);
    }
    if (err == OK) {
        err = index_batch_loose(job, id, INDEX_PIECE_LAST);
    }
    close_folder(job);
    return err;
}

void index_job_run(void *arg)
{
    struct index_job *job = arg;
    enum err err = OK;

    job->more = false;
    if (job->dir != NULL) {
        err = list_more(job);
    }
    while (err == OK && !job->more && job->at < job->folder_count && !atomic_load(job->stop)) {
        err = list_folder(job);
    }
    if (err == OK && !job->more) {
        err = index_batch_flush(job);
    }
    job->err = err;
}
