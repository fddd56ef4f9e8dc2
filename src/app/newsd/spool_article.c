/* Articles in the spool: found, read, written. An article exists from the moment its line is in the
 * index file; a file without a line is what a crash left of one that was never accepted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/newsd/spool_own.h"
#include "base/log.h"

enum { TMP_PATH_LEN = 40, FOLDER_LEN = sizeof("articles/xx") };

int64_t spool_find(const struct spool *s, struct bytes id)
{
    uint8_t hash[SIPHASH_LEN];

    siphash(s->key, id, hash);
    return spool_index_find(&s->index, hash);
}

enum err spool_read(const struct spool *s, int64_t row, struct spool_file *file)
{
    const struct spool_row *r = &s->index.rows[row];
    char path[SPOOL_PATH_LEN];
    struct stat st;
    int fd;

    spool_article_path(r->hash, path);
    fd = openat(s->dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? ERR_NO_ARTICLE : err_from_errno(errno);
    }
    if (fstat(fd, &st) != 0 || st.st_size != (off_t)r->len) {
        log_warn("newsd", "an article's file is damaged: %s", path);
        close(fd);
        return ERR_NO_ARTICLE;
    }
    *file = (struct spool_file){.fd = fd, .len = r->len, .head_len = r->head_len};
    return OK;
}

int spool_group_find(const struct spool *s, struct bytes name)
{
    return spool_index_group(&s->index, name);
}

int spool_group_count(const struct spool *s)
{
    return s->index.group_count;
}

const char *spool_group_name(const struct spool *s, int group)
{
    return s->index.groups[group].name;
}

uint32_t spool_group_high(const struct spool *s, int group)
{
    return s->index.groups[group].high;
}

int64_t spool_group_row(const struct spool *s, int group, uint32_t number)
{
    const struct spool_group *g = &s->index.groups[group];

    return number == 0 || number > g->high ? SPOOL_NONE : (int64_t)g->rows[number - 1] - 1;
}

static void tmp_path(const struct spool_draft *draft, char path[TMP_PATH_LEN])
{
    (void)snprintf(path, TMP_PATH_LEN, "tmp/%llu", (unsigned long long)draft->number);
}

enum err spool_draft_begin(struct spool *s, struct spool_draft *draft)
{
    char path[TMP_PATH_LEN];

    *draft = (struct spool_draft){.fd = -1, .number = ++s->drafts};
    tmp_path(draft, path);
    draft->fd = openat(s->dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return draft->fd < 0 ? err_from_errno(errno) : OK;
}

enum err spool_draft_write(struct spool_draft *draft, const struct bytes *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum err err = spool_write_all(draft->fd, parts[i]);

        if (err != OK) {
            return err;
        }
        draft->len += parts[i].len;
    }
    return OK;
}

void spool_draft_drop(struct spool *s, struct spool_draft *draft)
{
    char path[TMP_PATH_LEN];

    if (draft->fd < 0) {
        return;
    }
    tmp_path(draft, path);
    (void)unlinkat(s->dir, path, 0);
    close(draft->fd);
    *draft = (struct spool_draft){.fd = -1};
}

static void folder_of(const char *path, char folder[FOLDER_LEN])
{
    memcpy(folder, path, FOLDER_LEN - 1); /* paths are all of one form */
    folder[FOLDER_LEN - 1] = '\0';
}

/* Give the draft its name. Its folder is made when first needed. */
static enum err move_in(struct spool *s, const struct spool_draft *draft, const char *path)
{
    char from[TMP_PATH_LEN], folder[FOLDER_LEN];

    tmp_path(draft, from);
    if (renameat(s->dir, from, s->dir, path) == 0) {
        return OK;
    }
    folder_of(path, folder);
    if (errno != ENOENT || mkdirat(s->dir, folder, 0700) != 0 ||
        renameat(s->dir, from, s->dir, path) != 0) {
        return err_from_errno(errno);
    }
    return OK;
}

static enum err sync_folder(struct spool *s, const char *folder)
{
    int dir = openat(s->dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err err = dir < 0 || fsync(dir) != 0 ? err_from_errno(errno) : OK;

    if (dir >= 0) {
        close(dir);
    }
    return err;
}

/* The folder may be new, so the one above it too. */
static enum err sync_article(struct spool *s, int fd, const char *path)
{
    char folder[FOLDER_LEN];
    enum err err;

    folder_of(path, folder);
    err = fsync(fd) != 0 ? err_from_errno(errno) : OK;
    if (err == OK) {
        err = sync_folder(s, folder);
    }
    return err == OK ? sync_folder(s, "articles") : err;
}

/* A line that did not fit is cut off again, so that the next one starts a line. */
static enum err append_line(struct spool *s, const struct spool_entry *entry)
{
    struct buf line = {0};
    enum err err = spool_log_line(&s->index, entry, &line);

    if (err == OK) {
        err = spool_write_all(s->log, buf_view(&line));
        if (err == OK && s->sync == SPOOL_SYNC_EACH && fdatasync(s->log) != 0) {
            err = err_from_errno(errno);
        }
        if (err == OK) {
            s->log_len += line.len;
        } else if (ftruncate(s->log, (off_t)s->log_len) != 0) {
            log_error("newsd", "the index cannot be cut back: %s", err_text(err));
        }
    }
    buf_clear(&line);
    return err;
}

static enum err make_entry(
    struct spool *s, const struct spool_filing *filing, uint64_t len, struct spool_entry *entry)
{
    enum err err = OK;

    *entry =
        (struct spool_entry){.row = {.len = (uint32_t)len, .head_len = (uint32_t)filing->head_len}};
    siphash(s->key, filing->id, entry->row.hash);
    if (spool_index_find(&s->index, entry->row.hash) != SPOOL_NONE) {
        return ERR_DUPLICATE;
    }
    for (size_t i = 0; i < filing->group_count && err == OK; i++) {
        uint32_t number = s->index.groups[filing->groups[i]].high + 1;

        entry->places[entry->place_count++] =
            (struct spool_place){.group = filing->groups[i], .number = number};
        err = spool_index_reserve(&s->index, filing->groups[i], number);
    }
    return err;
}

/* Onto the disk: the file under its name, then its line; both or neither. */
static enum err store(struct spool *s, struct spool_draft *draft, const struct spool_entry *entry)
{
    char path[SPOOL_PATH_LEN];
    enum err err;

    spool_article_path(entry->row.hash, path);
    err = move_in(s, draft, path);
    if (err != OK) {
        return err;
    }
    if (s->sync == SPOOL_SYNC_EACH) {
        err = sync_article(s, draft->fd, path);
    }
    if (err == OK) {
        err = append_line(s, entry);
    }
    if (err != OK) {
        (void)unlinkat(s->dir, path, 0);
    }
    return err;
}

enum err spool_draft_commit(
    struct spool *s, struct spool_draft *draft, const struct spool_filing *filing)
{
    struct spool_entry entry;
    enum err err = make_entry(s, filing, draft->len, &entry);

    if (err == OK) {
        err = spool_index_reserve_row(&s->index);
    }
    if (err == OK) {
        err = store(s, draft, &entry);
    }
    if (err == OK) {
        err = spool_index_add(&s->index, &entry.row); /* has its room: cannot fail */
        for (size_t i = 0; i < entry.place_count; i++) {
            spool_index_file(
                &s->index, entry.places[i].group, entry.places[i].number, s->index.count - 1);
        }
    }
    spool_draft_drop(s, draft); /* its name in tmp/ is gone when it was moved */
    return err;
}
