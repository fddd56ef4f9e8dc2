/* One try at a time, on a thread of its own: Argon2id is slow on purpose. */
#include "app/web/web_password.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "codec/seal/seal_password.h"
#include "io/disk/disk_file.h"
#include "io/loop/workers.h"

enum { MS = 1000000, FILE_MAX = sizeof(struct seal_password) };

struct web_password {
    char *path;
    struct workers *workers; /* one */
    struct work_job job;
    bool busy; /* `job` is under way: the worker has the next four */
    bool setting;
    struct buf text;
    struct seal_password trial;
    enum err err;

    bool is_set;
    struct seal_password kept;
    unsigned wrong; /* in a row */
    uint64_t not_before_ms;
    web_password_fn done; /* NULL: nobody waits */
    void *arg;
};

/* The file is the salt and the hash, nothing else. */
static void load(struct web_password *password)
{
    struct buf file = {0};
    enum err err = disk_slurp(password->path, FILE_MAX, &file);

    if (err == OK && file.len == sizeof(password->kept)) {
        memcpy(&password->kept, file.ptr, sizeof(password->kept));
        password->is_set = true;
    } else if (err != ERR_NOT_FOUND) {
        log_error("web", "the page's password cannot be read err=%s", err_name(err));
    }
    buf_wipe(&file);
}

enum err web_password_new(struct loop *loop, const char *path, struct web_password **out)
{
    struct web_password *password = calloc(1, sizeof(*password));
    enum err err = ERR_NO_MEMORY;

    if (password != NULL && (password->path = strdup(path)) != NULL) {
        err = workers_new(loop, 1, &password->workers);
    }
    if (err != OK) {
        web_password_free(password);
        return err;
    }
    load(password);
    *out = password;
    return OK;
}

void web_password_free(struct web_password *password)
{
    if (password == NULL) {
        return;
    }
    if (password->workers != NULL) {
        workers_free(password->workers);
    }
    buf_wipe(&password->text);
    free(password->path);
    bytes_wipe(password, sizeof(*password));
    free(password);
}

bool web_password_is_set(const struct web_password *password)
{
    return password->is_set;
}

static void on_worker(void *arg)
{
    struct web_password *password = arg;

    password->err = password->setting
                        ? seal_password_make(buf_view(&password->text), &password->trial)
                        : seal_password_check(buf_view(&password->text), &password->trial);
}

static void keep(struct web_password *password)
{
    if (password->err == OK) {
        password->err =
            disk_replace(password->path, bytes_at(&password->trial, sizeof(password->trial)), 0600);
    }
    if (password->err == OK) {
        password->kept = password->trial;
        password->is_set = true;
    }
}

static void slow_down(struct web_password *password)
{
    unsigned doublings = password->wrong < 16 ? password->wrong : 16;
    uint64_t pause = (uint64_t)WEB_PASSWORD_PAUSE_MS << doublings;

    password->wrong++;
    password->not_before_ms =
        clock_mono_ns() / MS +
        (pause < WEB_PASSWORD_PAUSE_MAX_MS ? pause : (uint64_t)WEB_PASSWORD_PAUSE_MAX_MS);
}

static void on_home(void *arg)
{
    struct web_password *password = arg;
    web_password_fn done = password->done;

    password->busy = false;
    password->done = NULL;
    buf_wipe(&password->text);
    if (password->setting) {
        keep(password);
    } else if (password->err == OK) {
        password->wrong = 0;
    } else {
        slow_down(password);
    }
    if (done != NULL) {
        done(password->arg, password->err);
    }
}

static enum err begin(struct web_password *password, struct bytes text, bool setting)
{
    enum err err = password->busy ? ERR_LIMIT : buf_append(&password->text, text);

    if (err == OK) {
        password->busy = true;
        password->setting = setting;
        password->job.run = on_worker;
        password->job.done = on_home;
        password->job.arg = password;
        workers_submit(password->workers, &password->job);
    }
    return err;
}

enum err web_password_try(struct web_password *password, struct bytes text, uint64_t now_ms,
    web_password_fn done, void *arg)
{
    enum err err = OK;

    if (text.len > WEB_PASSWORD_MAX) {
        return ERR_BAD_REQUEST;
    }
    if (password->busy || now_ms < password->not_before_ms) {
        return ERR_LIMIT;
    }
    /* where none is set, a random one stands in: it takes as long, and is never right */
    if (password->is_set) {
        password->trial = password->kept;
    } else {
        err = random_bytes(&password->trial, sizeof(password->trial));
    }
    if (err == OK) {
        err = begin(password, text, false);
    }
    if (err == OK) {
        password->done = done;
        password->arg = arg;
    }
    return err;
}

enum err web_password_set(
    struct web_password *password, struct bytes text, web_password_fn done, void *arg)
{
    enum err err = text.len < WEB_PASSWORD_MIN || text.len > WEB_PASSWORD_MAX ? ERR_BAD_REQUEST
                   : password->busy                                           ? ERR_LIMIT
                                                                              : OK;

    if (err == OK) {
        err = random_bytes(password->trial.salt, sizeof(password->trial.salt));
    }
    if (err == OK) {
        err = begin(password, text, true);
    }
    if (err == OK) {
        password->done = done;
        password->arg = arg;
    }
    return err;
}

void web_password_leave(struct web_password *password, const void *arg)
{
    if (password->arg == arg) {
        password->done = NULL;
    }
}
