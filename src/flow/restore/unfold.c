/* From entry to entry. One thing is looked at at a time; what takes long (segments, writes) is
 * handed on and comes to its end by itself. */
#include "flow/restore/unfold.h"

#include <stdlib.h>

#include "flow/restore/share_path.h"
#include "flow/restore/tree_walk.h"
#include "flow/restore/unfold_room.h"

enum {
    WRITES_MAX = 4096,   /* requests to the disk under way, before more names are handed out */
    STEPS_A_TURN = 1024, /* before the loop gets a turn */
};

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

enum err unfold_ask(struct unfold *u, const struct write_request *request, enum unfold_state state)
{
    struct write_request asked = *request;

    asked.answer = &u->seen;
    u->seen = (struct write_answer){0};
    u->came = ANSWER_NOT_YET;
    u->state = state;
    return write_submit(u->o.out->queue, &asked, on_write, u);
}

static bool whole_share(const struct unfold *u)
{
    return u->o.path_count == 0;
}

/* --- folders --- */

/* Nothing is made in a folder that is not there, nor by a dry run. */
static bool folder_is_thought(const struct unfold *u, const struct out_dir *parent)
{
    return parent->state == DIR_BLOCKED || (u->o.tally != NULL && parent->state == DIR_FRESH);
}

/* Go on as if u->making had been made. */
static void think_folder(struct unfold *u, int state)
{
    u->making->state = state == DIR_BLOCKED ? DIR_BLOCKED : DIR_FRESH;
    u->making->end = DIR_LEAVE_AS_IS;
    u->came = ANSWER_CAME;
    u->answer = OK;
    u->seen = (struct write_answer){0};
    u->state = UNFOLD_MADE;
}

/* Does this rule put folders in the place of files? */
static bool takes_over(const struct unfold *u)
{
    enum restore_conflict rule = u->o.out->conflict;

    return rule == RESTORE_INTO_EMPTY || rule == RESTORE_RESUME || rule == RESTORE_REPLACE;
}

enum err unfold_folder(struct unfold *u, struct out_dir *parent, struct bytes path)
{
    struct write_request request = {
        .verb = u->o.tally != NULL ? WRITE_LOOK : WRITE_MKDIR, .path = path};
    enum err err = out_dir_new(u->o.out, parent, path, &u->record, &u->making);

    if (err != OK) {
        return err;
    }
    if (u->o.tally != NULL) {
        u->making->end = DIR_LEAVE_AS_IS;
    }
    if (folder_is_thought(u, parent)) {
        think_folder(u, parent->state);
        return OK;
    }
    if (restore_name_reserved(path)) {
        unfold_blocked(u, ERR_EXISTS);
        think_folder(u, DIR_BLOCKED);
        return OK;
    }
    request.taken = takes_over(u) ? WRITE_OVER : WRITE_NEW_NAME;
    return unfold_ask(u, &request, UNFOLD_MADE);
}

static enum err folder_walk(struct unfold *u, struct out_dir *dir)
{
    struct walk_options options = {
        .path = out_dir_path(dir), .folder = dir->folder, .depth = WALK_RECURSIVE};

    u->dir = dir;
    u->state = UNFOLD_WALK;
    u->then = UNFOLD_WALK;
    return tree_walk_new(u->o.reader, &options, &u->walk);
}

/* Is something in the way of the folder? In a dry run as in a real one; to comparing nothing is. */
static bool in_the_way(const struct unfold *u)
{
    if (u->seen.type == SEEN_NOTHING || u->seen.type == SEEN_FOLDER || unfold_compares(u)) {
        return false;
    }
    return !takes_over(u) || u->seen.type == SEEN_OTHER;
}

/* Something else has the folder's name: give it another one, or go through what is in it without
 * writing any of it. */
static enum err folder_blocked(struct unfold *u)
{
    struct out_dir *dir = u->making;
    struct out_dir *parent = dir->parent;
    enum err err = ERR_EXISTS;

    if (u->o.out->conflict == RESTORE_RENAME && u->made != MAKE_PARENT) {
        err = unfold_next_name(u);
    }
    if (err == OK) {
        dir->end = DIR_LEAVE_AS_IS;
        u->making = NULL;
        out_dir_drop(dir);
        return unfold_folder(u, parent, buf_view(&u->place));
    }
    if (err != ERR_EXISTS) {
        return err;
    }
    unfold_blocked(u, ERR_NOT_DIRECTORY);
    dir->state = DIR_BLOCKED;
    dir->end = DIR_LEAVE_AS_IS;
    u->answer = OK;
    u->seen.type = SEEN_NOTHING;
    return OK;
}

static void folder_count(struct unfold *u)
{
    struct restore_out *out = u->o.out;

    if (u->making->state == DIR_BLOCKED) {
        return;
    }
    out->result.directories++;
    if (u->made != MAKE_PARENT && u->renames > 0) {
        out->result.renamed_files++;
        restore_out_note(
            out, LOG_INFO, u->path, "there is a file of this name; the folder has a number");
    }
}

/* The folder is there. */
static enum err state_made(struct unfold *u)
{
    struct out_dir *dir = u->making;

    if ((u->answer == OK || u->answer == ERR_NOT_DIRECTORY) && in_the_way(u)) {
        enum err err = folder_blocked(u);

        if (err != OK || u->came == ANSWER_NOT_YET) {
            return err; /* another name is tried */
        }
    }
    if (u->answer != OK) {
        return u->answer;
    }
    if (u->seen.type == SEEN_FOLDER) {
        dir->state = DIR_USED;
    }
    if (unfold_compares(u) && u->made != MAKE_PARENT && u->seen.type != SEEN_FOLDER &&
        dir->state != DIR_BLOCKED) {
        unfold_wrong(u);
    }
    folder_count(u);
    u->making = NULL;
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

static enum err folder_entry(struct unfold *u)
{
    enum err err = unfold_place(u);

    u->made = u->walk == NULL ? MAKE_TO_WALK : MAKE_TO_ENTER;
    return err == OK ? unfold_folder(u, u->dir, buf_view(&u->place)) : err;
}

/* --- entries --- */

/* May this entry be handed out now, or is there too much under way? A hard link comes after the
 * files before it, and so does what may get the name that another one has taken. */
static bool entry_fits(const struct unfold *u)
{
    const struct restore_out *out = u->o.out;

    if (u->record.type == RECORD_HARD_LINK ||
        (out->conflict == RESTORE_RENAME && restore_name_numbered(u->path))) {
        return out->file_count == 0 && list_empty(&out->names);
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
    if (u->record.type == RECORD_DIRECTORY) {
        *err = folder_entry(u);
    } else if (u->dir->state == DIR_BLOCKED) {
        u->state = u->then; /* its folder was reported */
    } else {
        *err = unfold_entry(u);
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

static enum answer step_made(struct unfold *u, enum err *err)
{
    if (u->came == ANSWER_NOT_YET) {
        return ANSWER_WAIT;
    }
    *err = state_made(u);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer state_step(struct unfold *u, enum err *err)
{
    switch (u->state) {
    case UNFOLD_PATH:
        return unfold_path_step(u, err);
    case UNFOLD_ENTRY:
        return state_entry(u, err);
    case UNFOLD_MADE:
        return step_made(u, err);
    case UNFOLD_WALK:
        return state_walk(u, err);
    default:
        return unfold_entry_step(u, err);
    }
}

enum unfold_event unfold_step(struct unfold *u)
{
    unsigned steps = 0;
    enum err err = OK;

    while (u->state != UNFOLD_OVER) {
        if (++steps > STEPS_A_TURN) {
            restore_ctx_wake(u->o.out->ctx);
            return UNFOLD_WAITS;
        }
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
    dir->end = DIR_LEAVE_AS_IS; /* the very last thing, when the marker goes (WRITE_END) */
    dir->state = u->o.target == UNFOLD_FRESH ? DIR_FRESH : DIR_USED;
    if (whole_share(u)) {
        return folder_walk(u, dir);
    }
    u->parents[u->parent_count++] = dir;
    u->state = UNFOLD_PATH;
    u->then = UNFOLD_PATH;
    return OK;
}

/* A segment is an article first, then its payload. */
static size_t slots_in(size_t window)
{
    return window / (2 * (size_t)SEGMENT_LEN);
}

void unfold_set_window(struct unfold *u, size_t bytes)
{
    arrivals_set_slots(u->file.arrivals, slots_in(bytes));
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
    u->file.extents.ctx = ctx;
    u->file.extents.reader = options->reader;
    err = arrivals_new(ctx, slots_in(ctx->env.window_bytes), &u->file.arrivals);
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
    verify_file_free(u->verify);
    tree_walk_free(u->walk);
    arrivals_free(u->file.arrivals);
    buf_clear(&u->value);
    buf_clear(&u->place);
    buf_clear(&u->first);
    free(u->parents);
    free(u);
}
