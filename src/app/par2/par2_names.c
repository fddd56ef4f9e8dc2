/* Names: what par2cmdline would take them for. */
#include "app/par2/par2_names.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { SUFFIX_LEN = 5, DEPTH_MAX = 64 };

/* ---- lists ---- */

enum err par2_list_add(struct par2_list *list, const char *text)
{
    char *copy = strdup(text);
    char **more;

    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    if ((list->count & (list->count - 1)) == 0) { /* full: a power of two, or nothing */
        size_t room = list->count == 0 ? 1 : 2 * list->count;

        more = realloc(list->list, room * sizeof *more);
        if (more == NULL) {
            free(copy);
            return ERR_NO_MEMORY;
        }
        list->list = more;
    }
    list->list[list->count++] = copy;
    return OK;
}

void par2_list_clear(struct par2_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->list[i]);
    }
    free(list->list);
    *list = (struct par2_list){.list = NULL};
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct par2_list *list)
{
    size_t kept = 0;

    if (list->count == 0) {
        return;
    }
    qsort(list->list, list->count, sizeof *list->list, by_text);
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(list->list[i], list->list[kept]) == 0) {
            free(list->list[i]);
        } else {
            list->list[++kept] = list->list[i];
        }
    }
    list->count = kept + 1;
}

/* ---- words ---- */

static void complain(const char *name, const char *what)
{
    (void)fprintf(stderr, "usenetsync: par2: %s: %s\n", name, what);
}

static bool has_suffix(const char *name)
{
    size_t len = strlen(name);

    return len > SUFFIX_LEN && strcasecmp(name + len - SUFFIX_LEN, ".par2") == 0;
}

/* "x.vol012+34" ends where its last ".vol" begins. */
static void cut_volume(char *stem)
{
    char *dot = strrchr(stem, '.');
    const char *p;

    if (dot == NULL || strncasecmp(dot, ".vol", 4) != 0) {
        return;
    }
    p = dot + 4 + strspn(dot + 4, "0123456789");
    if (p == dot + 4 || (*p != '+' && *p != '-')) {
        return;
    }
    p++;
    if (*p != '\0' && strspn(p, "0123456789") == strlen(p)) {
        *dot = '\0';
    }
}

/* Split the archive's name into an existing folder and a stem. */
static enum err split(const char *archive, struct par2_names *names)
{
    char path[PATH_MAX];
    const char *slash = strrchr(archive, '/');
    int len = slash == NULL ? 1 : (int)(slash - archive + 1);

    if (snprintf(path, sizeof path, "%.*s", len, slash == NULL ? "." : archive) >=
        (int)sizeof path) {
        return ERR_NOT_FOUND;
    }
    names->folder = realpath(path, NULL);
    names->stem = strdup(slash == NULL ? archive : slash + 1);
    if (names->folder == NULL || names->stem == NULL) {
        complain(path, "no such folder");
        return ERR_NOT_FOUND;
    }
    if (has_suffix(names->stem)) {
        names->stem[strlen(names->stem) - SUFFIX_LEN] = '\0';
        cut_volume(names->stem);
    }
    if (names->stem[0] == '\0') {
        complain(archive, "not a name for .par2 files");
        return ERR_BAD_REQUEST;
    }
    return OK;
}

static enum err find_base(const struct par2_options *options, struct par2_names *names)
{
    names->base = options->base != NULL ? realpath(options->base, NULL) : strdup(names->folder);
    if (names->base == NULL) {
        complain(options->base != NULL ? options->base : names->folder, "no such folder");
        return ERR_NOT_FOUND;
    }
    return OK;
}

/* ---- create ---- */

static enum err add_source(struct par2_names *names, const char *path)
{
    size_t len = strcmp(names->base, "/") == 0 ? 0 : strlen(names->base);

    if (strncmp(path, names->base, len) != 0 || path[len] != '/') {
        complain(path, "is not below the base folder (-B) and is left out");
        return OK;
    }
    return par2_list_add(&names->files, path + len + 1);
}

static enum err add_folder(struct par2_names *names, const char *path, int depth);

static enum err add_entry(struct par2_names *names, const char *folder, const char *name, int depth)
{
    char path[PATH_MAX];
    struct stat st;

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path ||
        lstat(path, &st) != 0) {
        return OK;
    }
    if (S_ISREG(st.st_mode)) {
        return add_source(names, path);
    }
    return S_ISDIR(st.st_mode) ? add_folder(names, path, depth + 1) : OK;
}

static enum err add_folder(struct par2_names *names, const char *path, int depth)
{
    DIR *dir = depth < DEPTH_MAX ? opendir(path) : NULL;
    struct dirent *entry;
    enum err err = OK;

    if (dir == NULL) {
        complain(path, "cannot be read");
        return ERR_NOT_FOUND;
    }
    while (err == OK && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            err = add_entry(names, path, entry->d_name, depth);
        }
    }
    (void)closedir(dir);
    return err;
}

static enum err add_named(
    const struct par2_options *options, struct par2_names *names, const char *name)
{
    char *path = realpath(name, NULL);
    struct stat st;
    enum err err = ERR_NOT_FOUND;

    if (path == NULL || stat(path, &st) != 0) {
        complain(name, "no such file");
    } else if (S_ISREG(st.st_mode)) {
        err = add_source(names, path);
    } else if (S_ISDIR(st.st_mode) && options->recurse) {
        err = add_folder(names, path, 0);
    } else {
        complain(name, "is not a file (-R takes folders) and is left out");
        err = OK;
    }
    free(path);
    return err;
}

/* Without files, the archive's name is the file: "x" is protected by "x.par2". */
static enum err find_sources(const struct par2_options *options, struct par2_names *names)
{
    size_t skip = options->archive == NULL ? 1 : 0;
    enum err err = OK;

    for (size_t i = skip; i < options->name_count && err == OK; i++) {
        err = add_named(options, names, options->names[i]);
    }
    if (err == OK && options->name_count == 1 && skip == 1 && !has_suffix(options->names[0])) {
        err = add_named(options, names, options->names[0]);
    }
    sort_unique(&names->files);
    if (err == OK && names->files.count == 0) {
        complain(names->stem, "there are no files to protect");
        err = ERR_BAD_REQUEST;
    }
    return err;
}

/* ---- verify, repair ---- */

static enum err add_neighbour(struct par2_names *names, const char *name)
{
    size_t len = strlen(names->stem);
    char path[PATH_MAX];

    if (strncmp(name, names->stem, len) != 0 || name[len] != '.' || !has_suffix(name) ||
        snprintf(path, sizeof path, "%s/%s", names->folder, name) >= (int)sizeof path) {
        return OK;
    }
    return par2_list_add(&names->par2s, path);
}

static enum err find_neighbours(struct par2_names *names)
{
    DIR *dir = opendir(names->folder);
    struct dirent *entry;
    enum err err = OK;

    if (dir == NULL) {
        return ERR_NOT_FOUND;
    }
    while (err == OK && (entry = readdir(dir)) != NULL) {
        err = add_neighbour(names, entry->d_name);
    }
    (void)closedir(dir);
    return err;
}

static enum err add_extra(struct par2_names *names, const char *name)
{
    char *path = realpath(name, NULL);
    struct stat st;
    enum err err = OK;

    if (path == NULL || stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        complain(name, "no such file; it is left out");
    } else {
        err = par2_list_add(has_suffix(path) ? &names->par2s : &names->files, path);
    }
    free(path);
    return err;
}

static enum err find_par2s(const struct par2_options *options, struct par2_names *names)
{
    enum err err = find_neighbours(names);

    for (size_t i = options->archive == NULL ? 1 : 0; i < options->name_count && err == OK; i++) {
        err = add_extra(names, options->names[i]);
    }
    sort_unique(&names->par2s);
    sort_unique(&names->files);
    if (err == OK && names->par2s.count == 0) {
        complain(names->stem, "there is no .par2 file of this name");
        err = ERR_NOT_FOUND;
    }
    return err;
}

enum err par2_names_find(const struct par2_options *options, struct par2_names *names)
{
    enum err err;

    *names = (struct par2_names){.stem = NULL};
    err = split(options->archive != NULL ? options->archive : options->names[0], names);
    if (err == OK) {
        err = find_base(options, names);
    }
    if (err != OK) {
        return err;
    }
    return options->command == PAR2_COMMAND_CREATE ? find_sources(options, names)
                                                   : find_par2s(options, names);
}

void par2_names_clear(struct par2_names *names)
{
    free(names->folder);
    free(names->stem);
    free(names->base);
    par2_list_clear(&names->files);
    par2_list_clear(&names->par2s);
}
