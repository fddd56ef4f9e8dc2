/* One entry that is no folder: is something there already, is it right, who gives way? */
#include <string.h>

#include "flow/restore/share_path.h"
#include "flow/restore/tally.h"
#include "flow/restore/unfold_link.h"

static bool is_link(const struct unfold *u)
{
    return u->link.type == RECORD_HARD_LINK;
}

static enum restore_conflict rule_of(const struct unfold *u)
{
    return u->o.out->conflict;
}

/* Does this rule put the share's entry in the place of whatever file is there? */
static bool replaces_all(const struct unfold *u)
{
    return rule_of(u) == RESTORE_INTO_EMPTY || rule_of(u) == RESTORE_RESUME ||
           rule_of(u) == RESTORE_REPLACE;
}

/* --- names --- */

enum err unfold_place(struct unfold *u)
{
    struct bytes folder = out_dir_path(u->dir);
    enum err err;

    u->renames = 0;
    u->place.len = 0;
    err = buf_append(&u->place, folder);
    if (err == OK && folder.len > 0) {
        err = buf_append_byte(&u->place, '/');
    }
    return err == OK ? buf_append(&u->place, restore_name_last(u->path)) : err;
}

enum err unfold_next_name(struct unfold *u)
{
    struct buf other = {0};
    unsigned number = ++u->renames;
    enum err err = unfold_place(u);

    u->renames = number;
    if (err == OK && number > RESTORE_RENAMES_MAX) {
        err = ERR_EXISTS;
    }
    if (err == OK) {
        err = restore_name_other(buf_view(&u->place), number, &other);
    }
    if (err == OK) {
        u->place.len = 0;
        err = buf_append(&u->place, buf_view(&other));
    }
    buf_clear(&other);
    return err;
}

/* --- how an entry ends without being written --- */

void unfold_blocked(struct unfold *u, enum err why)
{
    struct restore_out *out = u->o.out;

    out->result.blocked_entries++;
    restore_out_note(out, LOG_WARN, u->path, err_text(why));
}

/* Counted as done: there is nothing more to do for it. */
static void count_done(struct unfold *u)
{
    struct progress *progress = &u->o.out->ctx->progress;

    if (u->record.type == RECORD_FILE && (u->o.tally == NULL || unfold_compares(u))) {
        progress->files_done++;
        progress->bytes_done += is_link(u) ? 0 : u->record.size;
        progress_changed(progress, &u->o.out->ctx->env.sink);
    }
}

static void end_kept(struct unfold *u)
{
    u->o.out->result.kept_files++;
    restore_out_note(u->o.out, LOG_INFO, u->path, "there is another one, which was kept");
    count_done(u);
    u->state = u->then;
}

static void end_right(struct unfold *u)
{
    if (is_link(u)) {
        unfold_link_remember(u);
    }
    u->o.out->result.verified_files++;
    count_done(u);
    u->state = u->then;
}

static void end_wrong(struct unfold *u)
{
    if (is_link(u) && u->first.len == 0) {
        unfold_link_remember(u);
    }
    unfold_wrong(u);
    count_done(u);
    u->state = u->then;
}

static void end_blocked(struct unfold *u, enum err why)
{
    unfold_blocked(u, why);
    u->state = u->then;
}

/* --- writing it --- */

static bool dir_fresh(const struct out_dir *dir)
{
    return dir->state == DIR_FRESH;
}

static void count_name(struct unfold *u)
{
    struct restore_out *out = u->o.out;

    if (u->renames > 0) {
        out->result.renamed_files++;
        restore_out_note(out, LOG_INFO, u->path, "there is another one; the new one has a number");
    }
}

static enum err file_start(struct unfold *u, int taken)
{
    struct out_file_options options = {.dir = u->dir,
        .path = buf_view(&u->place),
        .record = &u->record,
        .taken = taken == WRITE_OVER ? OUT_TAKE_OVER : OUT_TAKE_FREE,
        .totals = is_link(u) ? OUT_FILE_EXTRA : OUT_FILE_IN_TOTALS};
    struct out_file *file;
    enum err err = out_file_new(u->o.out, &options, &file);

    u->state = UNFOLD_FILE;
    return err == OK ? unfold_file_start(&u->file, file, &u->record) : err;
}

static enum err symlink_start(struct unfold *u, int taken)
{
    struct write_request request = {.verb = WRITE_SYMLINK,
        .path = buf_view(&u->place),
        .text = u->record.text,
        .mtime_ns = u->record.mtime_ns};

    request.taken = taken == WRITE_OVER ? WRITE_OVER : WRITE_NEW_NAME;
    u->state = u->then;
    return out_symlink(u->o.out, u->dir, &request);
}

static enum err link_start(struct unfold *u, int taken)
{
    struct write_request request = {
        .verb = WRITE_LINK, .path = buf_view(&u->place), .text = buf_view(&u->first)};

    request.taken = taken == WRITE_OVER ? WRITE_OVER : WRITE_NEW_NAME;
    return unfold_ask(u, &request, UNFOLD_LINKED);
}

/* A dry run counts instead. */
static enum err dry_start(struct unfold *u, int taken)
{
    struct restore_result *result = &u->o.out->result;

    result->replaced_files += taken == WRITE_OVER;
    result->symlinks += u->record.type == RECORD_SYMLINK;
    if (u->record.type != RECORD_FILE) {
        u->state = u->then;
        return OK;
    }
    result->files++;
    if (u->first.len > 0) { /* a hard link */
        u->state = u->then;
        return OK;
    }
    result->bytes += u->record.size;
    u->state = UNFOLD_COUNTED;
    return tally_start(u->o.tally, &u->record);
}

/* Write the entry at u->place, which is free, or is to be taken over. */
static enum err write_it(struct unfold *u, int taken)
{
    if (unfold_compares(u)) {
        end_wrong(u);
        return OK;
    }
    count_name(u);
    if (is_link(u) && u->first.len == 0) {
        unfold_link_remember(u);
    }
    if (u->o.tally != NULL) {
        return dry_start(u, taken);
    }
    if (u->record.type == RECORD_SYMLINK) {
        return symlink_start(u, taken);
    }
    return u->first.len > 0 ? link_start(u, taken) : file_start(u, taken);
}

/* --- deciding --- */

static enum err look(struct unfold *u)
{
    struct write_request request = {.verb = WRITE_LOOK, .path = buf_view(&u->place)};

    if (u->record.type == RECORD_SYMLINK) {
        request.text = u->record.text;
    }
    return unfold_ask(u, &request, UNFOLD_LOOKED);
}

static bool replaceable(const struct unfold *u)
{
    return u->seen.type == SEEN_FILE || u->seen.type == SEEN_SYMLINK;
}

/* Something else has the name. */
static enum err differs(struct unfold *u)
{
    enum err err;

    if (unfold_compares(u)) {
        end_wrong(u);
        return OK;
    }
    if (rule_of(u) == RESTORE_RENAME) {
        err = unfold_next_name(u);
        if (err == ERR_EXISTS) {
            end_blocked(u, err);
            return OK;
        }
        return err == OK ? look(u) : err;
    }
    if (rule_of(u) == RESTORE_KEEP_EXISTING ||
        (rule_of(u) == RESTORE_NEWER && u->seen.mtime_ns >= u->record.mtime_ns)) {
        end_kept(u);
        return OK;
    }
    if (!replaceable(u)) {
        end_blocked(u, u->seen.type == SEEN_FOLDER ? ERR_IS_DIRECTORY : ERR_EXISTS);
        return OK;
    }
    return write_it(u, WRITE_OVER);
}

static enum err verify_start(struct unfold *u)
{
    struct verify_options options = {.ctx = u->o.out->ctx,
        .reader = u->o.reader,
        .queue = u->o.out->queue,
        .path = buf_view(&u->place),
        .record = &u->record,
        .mode = replaces_all(u) && !unfold_compares(u) ? VERIFY_FIX_MODE : VERIFY_LEAVE_MODE};

    u->state = UNFOLD_VERIFY;
    return verify_file_new(&options, &u->verify);
}

/* The answer to look(). Another run may have been killed between making a symlink and setting its
 * time; that is no reason for a second one. */
static enum err state_looked(struct unfold *u)
{
    bool same_time = unfold_compares(u) || u->seen.mtime_ns == u->record.mtime_ns;

    if (u->answer != OK) {
        return u->answer;
    }
    if (u->seen.type == SEEN_NOTHING) {
        return write_it(u, WRITE_NEW_NAME);
    }
    if (rule_of(u) == RESTORE_KEEP_EXISTING && !unfold_compares(u)) {
        return differs(u);
    }
    if (u->record.type == RECORD_SYMLINK) {
        if (u->seen.text == WRITE_SAME && (same_time || rule_of(u) == RESTORE_RENAME)) {
            end_right(u);
            return OK;
        }
        return differs(u);
    }
    if (!same_time) {
        return differs(u);
    }
    if (u->seen.type != SEEN_FILE || u->seen.size != u->record.size) {
        return differs(u);
    }
    if (u->o.tally != NULL && !unfold_compares(u)) {
        end_right(u);
        return OK;
    }
    return verify_start(u);
}

static enum answer state_verify(struct unfold *u, enum err *err)
{
    enum err verdict = OK;
    enum answer answer = verify_file_step(u->verify, &verdict);

    if (answer != ANSWER_READY) {
        return answer;
    }
    verify_file_free(u->verify);
    u->verify = NULL;
    if (verdict == OK) {
        end_right(u);
        return ANSWER_READY;
    }
    if (unfold_compares(u) && unfold_is_untold(verdict)) {
        unfold_blocked(u, verdict);
        count_done(u);
        u->state = u->then;
        return ANSWER_READY;
    }
    *err = verdict == ERR_NO_MEMORY ? verdict : differs(u);
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* --- hard links --- */

/* What has it all: u->record, u->link, u->place. */
static enum err begin(struct unfold *u)
{
    if (!dir_fresh(u->dir)) {
        return look(u);
    }
    u->seen = (struct write_answer){0}; /* nothing is there */
    return write_it(u, WRITE_NEW_NAME);
}

/* A file of which another name was written already. */
static enum answer link_to_stand_in(struct unfold *u, enum err *err)
{
    struct bytes path = {0};

    if (u->o.out->file_count > 0) {
        return ANSWER_WAIT; /* it may be one of them */
    }
    if (unfold_link_stand_in(u, &path)) {
        *err = buf_append(&u->first, path);
    }
    if (*err == OK) {
        *err = begin(u);
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer state_first(struct unfold *u, enum err *err)
{
    enum answer answer;

    if (!is_link(u)) {
        return link_to_stand_in(u, err);
    }
    answer = share_entry_find(u->o.reader, &u->link, &u->value, &u->record, err);

    if (answer != ANSWER_READY) {
        *err = *err == ERR_NOT_FOUND ? ERR_BAD_FORMAT : *err;
        return answer;
    }
    *err = u->record.type == RECORD_FILE
               ? unfold_link_find(u, replaces_all(u) ? LINK_ALL_CHECKED : LINK_OURS_ONLY)
               : ERR_BAD_FORMAT;
    if (*err == OK) {
        *err = begin(u);
    }
    return *err == OK ? ANSWER_READY : ANSWER_FAILED;
}

/* The other name is not there, or not a file, or the file system has no hard links, or not so many:
 * then its bytes are written once more. */
static enum err state_linked(struct unfold *u)
{
    struct restore_result *result = &u->o.out->result;

    if (u->answer == ERR_IS_DIRECTORY || u->answer == ERR_EXISTS) {
        end_blocked(u, u->answer);
        return OK;
    }
    if (u->answer != OK) {
        if (is_link(u)) {
            unfold_link_remember(u);
        }
        return file_start(u, WRITE_OVER);
    }
    result->files++;
    count_done(u);
    u->state = u->then;
    return OK;
}

/* --- the door --- */

enum err unfold_entry(struct unfold *u)
{
    struct bytes stand_in;
    enum err err = unfold_place(u);

    u->link = u->record;
    u->first.len = 0;
    if (err == OK && restore_name_reserved(buf_view(&u->place))) {
        end_blocked(u, ERR_EXISTS);
        return OK;
    }
    if (share_reader_head(u->o.reader)->others > 0) {
        u->o.out->links = OUT_LINKS;
    }
    if (err == OK && (is_link(u) || unfold_link_stand_in(u, &stand_in))) {
        u->state = UNFOLD_FIRST;
        return OK;
    }
    return err == OK ? begin(u) : err;
}

static enum answer done(enum err err, enum err *out)
{
    *out = err;
    return err == OK ? ANSWER_READY : ANSWER_FAILED;
}

static enum answer state_file(struct unfold *u, enum err *err)
{
    enum answer answer = unfold_file_step(&u->file, err);

    if (answer == ANSWER_READY) {
        u->state = u->then;
    }
    return answer;
}

static enum answer state_counted(struct unfold *u, enum err *err)
{
    enum answer answer = tally_step(u->o.tally, err);

    if (answer == ANSWER_FAILED && *err == ERR_ARTICLES_LOST) {
        u->o.out->result.lost_files++;
        answer = ANSWER_READY;
    }
    if (answer == ANSWER_READY) {
        u->state = u->then;
    }
    return answer;
}

enum answer unfold_entry_step(struct unfold *u, enum err *err)
{
    bool asked = u->state == UNFOLD_LOOKED || u->state == UNFOLD_LINKED;

    if (asked && u->came == ANSWER_NOT_YET) {
        return ANSWER_WAIT;
    }
    switch (u->state) {
    case UNFOLD_FIRST:
        return state_first(u, err);
    case UNFOLD_LOOKED:
        return done(state_looked(u), err);
    case UNFOLD_VERIFY:
        return state_verify(u, err);
    case UNFOLD_LINKED:
        return done(state_linked(u), err);
    case UNFOLD_FILE:
        return state_file(u, err);
    case UNFOLD_COUNTED:
        return state_counted(u, err);
    default:
        return done(ERR_BUG, err);
    }
}
