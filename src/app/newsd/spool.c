/* The spool's folder:
 *
 *     lock            held while a server runs
 *     key             16 random bytes in hex, for the names of articles
 *     groups          a newsgroup a line
 *     index           see spool_log.h
 *     tmp/            articles on their way in; emptied at start
 *     articles/aa/... one file an article, named by the hash of its Message-ID
 */
#include "app/newsd/spool_own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/random.h"
#include "codec/nntp/nntp_cmd.h"

enum { GROUPS_FILE_MAX = 1 << 20 };

static const char *const first_groups[] = {"alt.binaries.test", "alt.test"};

void spool_article_path(const uint8_t hash[SIPHASH_LEN], char path[SPOOL_PATH_LEN])
{
    int at = snprintf(path, SPOOL_PATH_LEN, "articles/%02x/", hash[0]);

    for (size_t i = 1; i < SIPHASH_LEN; i++) {
        at += snprintf(path + at, SPOOL_PATH_LEN - (size_t)at, "%02x", hash[i]);
    }
}

static enum err make_dir(int at, const char *name)
{
    return mkdirat(at, name, 0700) == 0 || errno == EEXIST ? OK : err_from_errno(errno);
}

/* Open `dir`, making it and what is missing above it. */
static enum err open_dir(const char *dir, int *fd)
{
    char path[4096];
    size_t len = strlen(dir);

    if (len == 0 || len >= sizeof(path)) {
        return ERR_NOT_FOUND;
    }
    memcpy(path, dir, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (path[i] == '/') {
            path[i] = '\0';
            (void)mkdir(path, 0755); /* a failure shows below */
            path[i] = '/';
        }
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return err_from_errno(errno);
    }
    *fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 ? err_from_errno(errno) : OK;
}

static enum err take_lock(struct spool *s)
{
    s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0) {
        return err_from_errno(errno);
    }
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? ERR_LOCKED : err_from_errno(errno);
    }
    return OK;
}

static enum err read_small(int dir, const char *name, struct buf *out)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;
    enum err err = fd < 0 ? err_from_errno(errno) : OK;

    while (err == OK && n > 0) {
        err = out->len > GROUPS_FILE_MAX ? ERR_LIMIT : buf_reserve(out, 4096);
        if (err == OK) {
            n = read(fd, out->ptr + out->len, 4096);
            err = n < 0 ? err_from_errno(errno) : OK;
            out->len += n > 0 ? (size_t)n : 0;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return err;
}

enum err spool_write_all(int fd, struct bytes in)
{
    while (in.len > 0) {
        ssize_t n = write(fd, in.ptr, in.len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return err_from_errno(errno);
        }
        bytes_skip(&in, (size_t)n);
    }
    return OK;
}

/* A small file, whole or not at all. */
static enum err write_small(int dir, const char *name, struct bytes in)
{
    int fd = openat(dir, "tmp/small", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    enum err err = fd < 0 ? err_from_errno(errno) : spool_write_all(fd, in);

    if (err == OK && fsync(fd) != 0) {
        err = err_from_errno(errno);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (err == OK && renameat(dir, "tmp/small", dir, name) != 0) {
        err = err_from_errno(errno);
    }
    if (err == OK && fsync(dir) != 0) {
        err = err_from_errno(errno);
    }
    return err;
}

static enum err load_key(struct spool *s)
{
    struct buf text = {0};
    enum err err = read_small(s->dir, "key", &text);

    if (err == OK) {
        if (text.len != 2 * SIPHASH_LEN + 1) {
            err = ERR_BAD_FORMAT;
        }
        for (size_t i = 0; i < SIPHASH_LEN && err == OK; i++) {
            char pair[3] = {(char)text.ptr[2 * i], (char)text.ptr[2 * i + 1], '\0'};
            char *end;

            s->key[i] = (uint8_t)strtoul(pair, &end, 16);
            err = end == pair + 2 ? OK : ERR_BAD_FORMAT;
        }
    } else if (err == ERR_NOT_FOUND) {
        err = random_bytes(s->key, sizeof(s->key));
        for (size_t i = 0; i < SIPHASH_LEN && err == OK; i++) {
            err = buf_printf(&text, "%02x", s->key[i]);
        }
        if (err == OK) {
            err = buf_append_byte(&text, '\n');
        }
        if (err == OK) {
            err = write_small(s->dir, "key", buf_view(&text));
        }
    }
    buf_wipe(&text);
    return err;
}

static enum err add_group(struct spool *s, struct bytes name)
{
    if (!nntp_group_valid(name)) {
        log_error("newsd", "not a newsgroup's name: %.*s", (int)name.len, (const char *)name.ptr);
        return ERR_BAD_REQUEST;
    }
    return spool_index_group(&s->index, name) == SPOOL_NONE ? spool_index_add_group(&s->index, name)
                                                            : OK;
}

static enum err read_groups(struct spool *s)
{
    struct buf text = {0};
    enum err err = read_small(s->dir, "groups", &text);
    struct bytes rest = buf_view(&text);

    if (err == ERR_NOT_FOUND) {
        err = OK;
        for (size_t i = 0; i < sizeof(first_groups) / sizeof(*first_groups) && err == OK; i++) {
            err = add_group(s, bytes_str(first_groups[i]));
        }
    }
    while (err == OK && rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        struct bytes line = {rest.ptr, end == NULL ? rest.len : (size_t)(end - rest.ptr)};

        bytes_skip(&rest, line.len + 1);
        if (line.len > 0) {
            err = add_group(s, line);
        }
    }
    buf_clear(&text);
    return err;
}

/* Written again only when it would say something else. */
static enum err write_groups(struct spool *s)
{
    struct buf text = {0}, before = {0};
    enum err err = OK;

    for (int i = 0; i < s->index.group_count && err == OK; i++) {
        err = buf_printf(&text, "%s\n", s->index.groups[i].name);
    }
    if (err == OK && (read_small(s->dir, "groups", &before) != OK ||
                         !bytes_equal(buf_view(&text), buf_view(&before)))) {
        err = write_small(s->dir, "groups", buf_view(&text));
    }
    buf_clear(&text);
    buf_clear(&before);
    return err;
}

static enum err empty_tmp(struct spool *s)
{
    int fd = openat(s->dir, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (dir == NULL) {
        return err_from_errno(errno);
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)unlinkat(fd, entry->d_name, 0);
        }
    }
    closedir(dir);
    return OK;
}

static enum err open_log(struct spool *s)
{
    s->log = openat(s->dir, "index", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return s->log < 0 ? err_from_errno(errno) : spool_log_read(s->log, &s->index, &s->log_len);
}

static enum err open_inside(struct spool *s, const struct spool_options *options)
{
    static enum err (*const steps[])(struct spool *) = {
        take_lock, empty_tmp, load_key, read_groups, open_log};
    enum err err = make_dir(s->dir, "tmp");

    if (err == OK) {
        err = make_dir(s->dir, "articles");
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && err == OK; i++) {
        err = steps[i](s);
    }
    for (size_t i = 0; i < options->group_count && err == OK; i++) {
        err = add_group(s, bytes_str(options->groups[i]));
    }
    return err == OK ? write_groups(s) : err;
}

enum err spool_open(const struct spool_options *options, struct spool **out)
{
    struct spool *s = calloc(1, sizeof(*s));
    enum err err;

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->dir = s->lock = s->log = -1;
    s->sync = options->sync;
    err = open_dir(options->dir, &s->dir);
    if (err == OK) {
        err = open_inside(s, options);
    }
    if (err != OK) {
        log_error("newsd", "cannot open the spool %s: %s", options->dir, err_text(err));
        spool_close(s);
        return err;
    }
    *out = s;
    return OK;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void spool_close(struct spool *s)
{
    if (s == NULL) {
        return;
    }
    close_fd(s->log);
    close_fd(s->lock);
    close_fd(s->dir);
    spool_index_clear(&s->index);
    free(s);
}
