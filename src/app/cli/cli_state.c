/* Paths of the state folder and the socket. */
#include "app/cli/cli_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0700 };

/* Make `path` (absolute) and what lies above it. */
static enum err make_folders(const char *path)
{
    char part[PATH_MAX];

    (void)snprintf(part, sizeof(part), "%s/", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, FOLDER_MODE) != 0 && errno != EEXIST && errno != EROFS) {
            return err_from_errno(errno);
        }
        *slash = '/';
    }
    return OK;
}

/* --state, else $XDG_STATE_HOME/usenetsync, else ~/.local/state/usenetsync; made absolute. */
static enum err pick_folder(const char *given, char path[PATH_MAX])
{
    const char *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char here[PATH_MAX];
    int len;

    if (given != NULL && given[0] == '/') {
        len = snprintf(path, PATH_MAX, "%s", given);
    } else if (given != NULL) {
        if (given[0] == '\0' || getcwd(here, sizeof(here)) == NULL) {
            return ERR_NOT_FOUND;
        }
        len = snprintf(path, PATH_MAX, "%s/%s", here, given);
    } else if (xdg != NULL && xdg[0] == '/') {
        len = snprintf(path, PATH_MAX, "%s/usenetsync", xdg);
    } else if (home != NULL && home[0] == '/') {
        len = snprintf(path, PATH_MAX, "%s/.local/state/usenetsync", home);
    } else {
        return ERR_NOT_FOUND;
    }
    return len < PATH_MAX - 1 ? OK : ERR_LIMIT;
}

/* A folder of ours: not somebody else's, no symlink. */
static enum err check_ours(const char *path)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        return err_from_errno(errno);
    }
    if (!S_ISDIR(st.st_mode)) {
        return ERR_NOT_DIRECTORY;
    }
    return st.st_uid == geteuid() ? OK : ERR_PERMISSION;
}

/* FNV-1a: only to give each state folder its own short name. */
static uint64_t short_hash(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325U;

    for (; *text != '\0'; text++) {
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3U;
    }
    return hash;
}

/* The runtime folder is private: nobody else can put a socket there. */
static enum err runtime_socket(struct cli_state *state)
{
    const char *xdg = getenv("XDG_RUNTIME_DIR");
    char folder[PATH_MAX];
    struct stat st;
    int len = xdg != NULL && xdg[0] == '/'
                  ? snprintf(folder, sizeof(folder), "%s/usenetsync", xdg)
                  : snprintf(folder, sizeof(folder), "/tmp/usenetsync-%u", (unsigned)geteuid());
    enum err err;

    if (len >= (int)sizeof(folder)) {
        return ERR_LIMIT;
    }
    err = make_folders(folder);
    if (err == OK) {
        err = check_ours(folder);
    }
    if (err == OK && (stat(folder, &st) != 0 || (st.st_mode & 077) != 0)) {
        err = ERR_PERMISSION;
    }
    if (err != OK) {
        return err;
    }
    len = snprintf(state->socket, sizeof(state->socket), "%.80s/%016" PRIx64 ".sock", folder,
        short_hash(state->folder));
    return strlen(folder) <= 80 && len < (int)sizeof(state->socket) ? OK : ERR_LIMIT;
}

enum err cli_state_init(struct cli_state *state, const char *given)
{
    char path[PATH_MAX];
    enum err err = pick_folder(given, path);
    size_t len;

    if (err == OK) {
        err = make_folders(path);
    }
    if (err == OK && realpath(path, state->folder) == NULL) {
        err = err_from_errno(errno);
    }
    if (err == OK) {
        err = check_ours(state->folder);
    }
    if (err != OK) {
        return err;
    }
    len = strlen(state->folder);
    if (len + sizeof("/daemon.sock") > sizeof(state->socket)) {
        return runtime_socket(state);
    }
    memcpy(state->socket, state->folder, len);
    memcpy(state->socket + len, "/daemon.sock", sizeof("/daemon.sock"));
    return OK;
}
