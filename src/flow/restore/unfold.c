/* From entry to entry. One thing is looked at at a time; what takes long (segments, writes) is
 * handed on and comes to its end by itself. */
#include "flow/restore/unfold.h"

#include <stdlib.h>

#include "flow/restore/share_path.h"
#include "flow/restore/tree_walk.h"
#include "flow/restore/unfold_room.h"

enum { WRITES_MAX = 4096 }; /* requests to the disk under way, before more names are handed out */

/* --- what the states share --- */

static enum unfold_event fail(struct unfold *u, enum err err)
{
    u->state = UNFOLD_OVER;
    restore_ctx_fail(u->o.out->ctx, err, NULL);
    return UNFOLD_FAILED;
}

static void on_write(void *arg, enum err err)
{
    struct unfold *u = arg;

    u->came = ANSWER_CAME;
    u->answer = err;
    restore_ctx_wake(u->o.out->ctx);
}

/* Ask the writers, and go on in `state` with their answer. */
static enum err ask(struct unfold *u, const struct write_request *request, enum unfold_state state)
{
    u->came = ANSWER_NOT_YET;
    u->state = state;
    return write_submit(u->o.out->queue, request, on_write, u);
}

static bool whole_share(const struct unfold *u)
{
    return u->o.path_count == 0;
}

/* --- folders --- */

enum err unfold_folder(struct unfold *u, struct out_dir *parent, struct bytes path)
{
    struct write_request request = {.verb = WRITE_MKDIR, .path = path};
    enum err err = out_dir_new(u->o.out, parent, path, &u->record, &u->making);

    return err == OK ? ask(u, &request, UNFOLD_MADE) : err;
}

static enum err folder_walk(struct unfold *u, struct out_dir *dir)
{
    struct walk_options options = {out_dir_path(dir), dir->folder, WALK_RECURSIVE};

    u->dir = dir;
    u->state = UNFOLD_WALK;
    u->then = UNFOLD_WALK;
    return tree_walk_new(u->o.reader, &options, &u->walk);
}

/* The folder is there. */
static enum err state_made(struct unfold *u)
{
    struct out_dir *dir = u->making;

    if (u->answer != OK) {
        return u->answer;
    }
    u->making = NULL;
    u->o.out->result.directories++;
    if (u->made == MAKE_PARENT) {
        u->parents[u->parent_count++] = dir;
        u->state = UNFOLD_PATH;
        return OK;
    }
    if (u->made == MAKE_TO_WALK) {
        return folder_walk(u, dir);
    }
    u->dir = dir;
    u->state = UNFOLD_WALK;
    return OK;
}

/* --- files and names --- */

static enum err file_start(struct unfold *u)
{
    struct out_file *file;
    enum err err = out_file_new(u->o.out, u->dir, u->path, &u->record, &file);

    u->state = UNFOLD_FILE;
    if (err != OK) {
        return err;
    }
    if (u->link.type == RECORD_HARD_LINK) {
        out_file_extra(file);
    }
    return unfold_file_start(&u->file, file, &u->record);
}

static enum err file_entry(struct unfold *u)
{
    struct write_request look = {.verb = WRITE_LOOK, .path = u->path};

    if (u->o.out->conflict == OUT_KEEP_EXISTING) {
        return ask(u, &look, UNFOLD_LOOKED);
    }
    return file_start(u);
}

static enum err state_looked(struct unfold *u)
{
    if (u->answer == ERR_EXISTS) {
        u->o.out->result.kept_files++;
        u->state = u->then;
        return OK;
    }
    return u->answer == OK ? file_start(u) : u->answer;
}

static enum err symlink_entry(struct unfold *u)
{
    struct write_request request = {.verb = WRITE_SYMLINK,
        .path = u->path,
        .text = u->record.text,
        .mtime_ns = u->record.mtime_ns};

    u->state = u->then;
    return out_symlink(u->o.out, u->dir, &request);
}

/* The folder we are in, or one around it, with this id. */
static struct out_dir *open_folder(const struct unfold *u, uint64_t folder)
{
    struct out_dir *dir = u->dir;

    while (dir != NULL && dir->folder != folder) {
        dir = dir->parent;
    }
    return dir;
}

/* A second name of a file. Where its first one is known and surely ours, a hard link is made, after
 * all files under way; else the file is written once more. */
static enum err hard_link_entry(struct unfold *u)
{
    struct out_dir *dir = open_folder(u, u->record.folder);
    struct write_request request = {.verb = WRITE_LINK, .path = u->path};
    struct buf text = {0};
    enum err err;

    u->link = u->record;
    if (dir == NULL || u->o.out->conflict == OUT_KEEP_EXISTING) {
        u->state = UNFOLD_LINK_COPY;
        return OK;
    }
    err = buf_append(&text, out_dir_path(dir));
    if (err == OK && text.len > 0) {
        err = buf_append_byte(&text, '/');
    }
    if (err == OK) {
        err = buf_append(&text, u->record.text);
    }
    if (err == OK) {
        request.text = buf_view(&text);
        err = ask(u, &request, UNFOLD_LINKED);
    }
    buf_clear(&text);
    return err;
}

static enum err state_linked(struct unfold *u)
{
    if (u->answer == ERR_NOT_FOUND) {
        u->state = UNFOLD_LINK_COPY;
        return OK;
    }
    u->o.out->result.files += u->answer == OK;
    u->o.out->ctx->progress.files_done += u->answer == OK;
    u->state = u->then;
    return u->answer;
}

static enum answer state_link_copy(struct unfold *u, enum err *err)
{
    enum answer answer = share_entry_find(u->o.reader, &u->link, &u->value, &u->record, err);

    if (answer != ANSWER_READY) {
        *err = *err == ERR_NOT_FOUND ? ERR_BAD_FORMAT : *err;
        return answer;
    }
    *err = u->record.type == RECORD_FILE ? file_entry(u) : ERR_BAD_FORMAT;
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* --- entries --- */

/* May this entry be handed out now, or is there too much under way? */
static bool entry_fits(const struct unfold *u)
{
    const struct restore_out *out = u->o.out;

    if (u->record.type == RECORD_HARD_LINK) {
        return out->file_count == 0;
    }
    return out->file_count < OUT_FILES_MAX && write_queue_length(out->queue) < WRITES_MAX;
}

static void count_found(struct unfold *u)
{
    u->files += u->record.type == RECORD_FILE;
    u->directories += u->record.type == RECORD_DIRECTORY;
    u->symlinks += u->record.type == RECORD_SYMLINK;
    u->others += u->record.type == RECORD_HARD_LINK;
    u->bytes += u->record.size;
}

static enum answer state_entry(struct unfold *u, enum err *err)
{
    if (!entry_fits(u)) {
        return ANSWER_WAIT;
    }
    count_found(u);
    u->link.type = u->record.type;
    switch (u->record.type) {
    case RECORD_DIRECTORY:
        u->made = u->walk == NULL ? MAKE_TO_WALK : MAKE_TO_ENTER;
        *err = unfold_folder(u, u->dir, u->path);
        break;
    case RECORD_FILE:
        *err = file_entry(u);
        break;
    case RECORD_SYMLINK:
        *err = symlink_entry(u);
        break;
    case RECORD_HARD_LINK:
        *err = hard_link_entry(u);
        break;
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* The totals that the head signs are what was found (docs/format.md section 7). */
static enum err check_totals(const struct unfold *u)
{
    const struct head *head = share_reader_head(u->o.reader);

    if (u->files != head->files || u->directories != head->directories ||
        u->symlinks != head->symlinks || u->others != head->others || u->bytes != head->bytes) {
        return ERR_BAD_FORMAT;
    }
    return OK;
}

/* The folder of the current walk was left. */
static enum err walk_end(struct unfold *u)
{
    tree_walk_free(u->walk);
    u->walk = NULL;
    out_dir_drop(u->dir);
    u->dir = NULL;
    u->state = UNFOLD_PATH;
    u->then = UNFOLD_PATH;
    return whole_share(u) ? check_totals(u) : OK;
}

static enum answer state_walk(struct unfold *u, enum err *err)
{
    struct walk_item item;
    struct out_dir *left = u->dir;

    switch (tree_walk_step(u->walk, &item)) {
    case WALK_ENTRY:
        u->path = item.path;
        u->record = item.record;
        u->state = UNFOLD_ENTRY;
        return ANSWER_READY;
    case WALK_LEAVE:
        u->dir = left->parent;
        out_dir_drop(left);
        return ANSWER_READY;
    case WALK_WAIT:
        return ANSWER_WAIT;
    case WALK_END:
        *err = walk_end(u);
        return *err == OK ? ANSWER_READY : ANSWER_FAILED;
    case WALK_BAD:
        *err = item.err;
        break;
    }
    return ANSWER_FAILED;
}

/* --- the machine --- */

/* Has the answer to what was asked come? */
static enum answer came(struct unfold *u, enum err (*state)(struct unfold *u), enum err *err)
{
    if (u->came == ANSWER_NOT_YET) {
        return ANSWER_WAIT;
    }
    *err = state(u);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer state_file(struct unfold *u, enum err *err)
{
    enum answer answer = unfold_file_step(&u->file, err);

    if (answer == ANSWER_READY) {
        u->state = u->then;
    }
    return answer;
}

static enum answer state_step(struct unfold *u, enum err *err)
{
    switch (u->state) {
    case UNFOLD_PATH:
        return unfold_path_step(u, err);
    case UNFOLD_ENTRY:
        return state_entry(u, err);
    case UNFOLD_MADE:
        return came(u, state_made, err);
    case UNFOLD_LOOKED:
        return came(u, state_looked, err);
    case UNFOLD_LINKED:
        return came(u, state_linked, err);
    case UNFOLD_LINK_COPY:
        return state_link_copy(u, err);
    case UNFOLD_FILE:
        return state_file(u, err);
    case UNFOLD_WALK:
        return state_walk(u, err);
    case UNFOLD_OVER:
        break;
    }
    *err = ERR_BUG;
    return ANSWER_FAILED;
}

enum unfold_event unfold_step(struct unfold *u)
{
    enum err err = OK;

    while (u->state != UNFOLD_OVER) {
        switch (state_step(u, &err)) {
        case ANSWER_READY:
            break;
        case ANSWER_WAIT:
            return UNFOLD_WAITS;
        case ANSWER_FAILED:
            return fail(u, err);
        }
    }
    return UNFOLD_ENDED;
}

/* The target itself, as a folder that the rest lies in. */
static enum err start_top(struct unfold *u)
{
    const struct head *head = share_reader_head(u->o.reader);
    struct record top = {.type = RECORD_DIRECTORY,
        .mode = head->root_mode,
        .mtime_ns = head->root_mtime_ns,
        .folder = head->root};
    struct out_dir *dir;
    enum err err = unfold_parents_reserve(u);

    if (err == OK) {
        err = out_dir_new(u->o.out, NULL, bytes_str(""), &top, &dir);
    }
    if (err != OK) {
        return err;
    }
    if (!whole_share(u) || head->root_mode == 0) {
        dir->end = DIR_LEAVE_AS_IS;
    }
    if (whole_share(u)) {
        return folder_walk(u, dir);
    }
    u->parents[u->parent_count++] = dir;
    u->state = UNFOLD_PATH;
    u->then = UNFOLD_PATH;
    return OK;
}

enum err unfold_new(const struct unfold_options *options, struct unfold **out)
{
    struct unfold *u = calloc(1, sizeof(*u));
    struct restore_ctx *ctx = options->out->ctx;
    enum err err;

    if (u == NULL) {
        return ERR_NO_MEMORY;
    }
    u->o = *options;
    u->file.ctx = ctx;
    u->file.reader = options->reader;
    err = arrivals_new(ctx, ctx->env.window_bytes / (2 * (size_t)SEGMENT_LEN), &u->file.arrivals);
    if (err == OK) {
        err = start_top(u);
    }
    if (err != OK) {
        unfold_free(u);
        return err;
    }
    *out = u;
    return OK;
}

void unfold_free(struct unfold *u)
{
    if (u == NULL) {
        return;
    }
    unfold_file_clear(&u->file);
    tree_walk_free(u->walk);
    arrivals_free(u->file.arrivals);
    buf_clear(&u->value);
    free(u->parents);
    free(u);
}
