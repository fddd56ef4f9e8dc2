/* The new catalogue is made beside the damaged one and takes its name in one step, when it is
 * whole: a crash in the middle leaves things as they were. */
#include "app/control/control_recover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/control/control.h"
#include "app/control/jobs.h"
#include "base/log.h"
#include "io/store/store_rescue.h"

enum { NAME_ROOM = 64 };

struct recovery {
    char path[PATH_MAX], fresh[PATH_MAX];
    struct store *store; /* the new one */
    struct control_recovered *result;
};

static enum err take_share(void *arg, const struct store_share *found,
    const struct store_path *paths, size_t path_count, const struct store_settings *settings)
{
    struct recovery *r = arg;
    struct store_share share = *found;
    int64_t job;
    enum err err;

    share.adopting = found->version > 0;
    err = store_share_add(r->store, &share, paths, path_count, &share.id);
    if (err == OK) {
        err = store_share_set_settings(r->store, share.id, settings);
    }
    if (err == OK && share.adopting) {
        err = jobs_add_adopt(r->store, &share, &job);
        r->result->published += err == OK;
    }
    r->result->shares += err == OK;
    bytes_wipe(&share, sizeof(share));
    return err;
}

static enum err take_server(void *arg, const struct store_provider *provider)
{
    struct recovery *r = arg;
    enum err err = store_provider_put(r->store, provider);

    if (err == OK) {
        err = store_provider_spend(r->store, provider->name, provider->spent);
    }
    r->result->servers += err == OK;
    return err;
}

static void remove_fresh(const struct recovery *r)
{
    char path[PATH_MAX + NAME_ROOM];

    (void)unlink(r->fresh);
    (void)snprintf(path, sizeof(path), "%s-wal", r->fresh);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s-shm", r->fresh);
    (void)unlink(path);
}

static enum err make_fresh(struct recovery *r)
{
    enum err err;

    remove_fresh(r);
    err = store_open(r->fresh, &r->store);
    if (err == OK) {
        err = store_rescue(r->path, &(struct store_rescue){take_share, take_server, r});
    }
    if (err == OK) {
        err = store_sync(r->store);
    }
    store_close(r->store); /* merges its log: one file is left */
    return err;
}

static enum err move(const struct recovery *r, const char *suffix)
{
    char from[PATH_MAX + NAME_ROOM], to[PATH_MAX + NAME_ROOM];

    (void)snprintf(from, sizeof(from), "%s%s", r->path, suffix);
    (void)snprintf(to, sizeof(to), "%s%s", r->result->aside, suffix);
    return rename(from, to) == 0 || errno == ENOENT ? OK : err_from_errno(errno);
}

/* The damaged file gets its second name first. Its log goes before the new file comes, which must
 * never meet it. */
static enum err change_places(struct recovery *r)
{
    enum err err = link(r->path, r->result->aside) == 0 ? OK : err_from_errno(errno);

    if (err == OK) {
        err = move(r, "-wal");
    }
    if (err == OK) {
        err = move(r, "-shm");
    }
    if (err == OK && rename(r->fresh, r->path) != 0) {
        err = err_from_errno(errno);
    }
    return err;
}

static void name_aside(struct recovery *r)
{
    char stamp[NAME_ROOM] = "";
    time_t now = time(NULL);
    struct tm tm;

    if (gmtime_r(&now, &tm) != NULL) {
        (void)strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
    }
    (void)snprintf(
        r->result->aside, sizeof(r->result->aside), "%.4000s.damaged-%.30s", r->path, stamp);
}

/* OK: it is damaged. ERR_CANCELLED: it is sound. */
static enum err look(const struct recovery *r)
{
    atomic_int stop = 0;
    struct store *store = NULL;
    enum err err;

    if (access(r->path, F_OK) != 0) {
        return err_from_errno(errno);
    }
    err = store_check(r->path, &stop);
    if (err == OK) {
        err = store_open(r->path, &store);
        store_close(store);
    }
    return err == OK ? ERR_CANCELLED : err == ERR_STORE_CORRUPT ? OK : err;
}

enum err control_recover(const char *state, struct control_recovered *result)
{
    struct recovery r = {.result = result};
    enum err err;

    *result = (struct control_recovered){.shares = 0};
    (void)snprintf(r.path, sizeof(r.path), "%.3900s/" CONTROL_CATALOGUE, state);
    (void)snprintf(r.fresh, sizeof(r.fresh), "%.3900s/" CONTROL_CATALOGUE ".new", state);
    err = look(&r);
    if (err != OK) {
        return err == ERR_CANCELLED ? OK : err;
    }
    err = make_fresh(&r);
    if (err == OK) {
        name_aside(&r);
        err = change_places(&r);
    }
    if (err != OK) {
        remove_fresh(&r);
        result->aside[0] = '\0';
    } else {
        log_info(
            "control", "catalogue recovered shares=%u servers=%u", result->shares, result->servers);
    }
    return err;
}
