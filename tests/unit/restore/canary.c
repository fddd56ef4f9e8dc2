#include "canary.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char canary_text[] = "nobody writes here";

static void path_to(struct rig *rig, const char *name, char out[256])
{
    (void)snprintf(out, 256, "%s/%s", rig->root, name);
}

void canary_make(struct rig *rig)
{
    char path[256];
    FILE *file;

    path_to(rig, "canary", path);
    assert_int_equal(mkdir(path, 0711), 0);
    path_to(rig, "canary/file", path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(canary_text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    path_to(rig, "canary", path);
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){{7, 0}, {7, 0}}, 0), 0);
}

static size_t entries_of(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count - 2;
}

bool canary_sings(struct rig *rig)
{
    char path[256], text[64] = {0};
    struct stat folder, file, target;
    size_t len;
    FILE *in;

    path_to(rig, "canary", path);
    if (lstat(path, &folder) != 0 || (folder.st_mode & 07777) != 0711 ||
        folder.st_mtim.tv_sec != 7 || entries_of(path) != 1) {
        return false;
    }
    path_to(rig, "canary/file", path);
    in = fopen(path, "r");
    if (in == NULL || lstat(path, &file) != 0 || file.st_nlink != 1) {
        return false;
    }
    len = fread(text, 1, sizeof(text) - 1, in);
    fclose(in);
    return len == strlen(canary_text) && strcmp(text, canary_text) == 0 &&
           entries_of(rig->root) == 1 + (size_t)(lstat(rig->target, &target) == 0);
}

/* Has anything in the target more rights than it may, or a type that it may not? */
static size_t strange;

static int look_at(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    bool known = S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) || S_ISLNK(st->st_mode);

    (void)path;
    (void)ftw;
    strange += type != FTW_NS && (!known || (st->st_mode & 07000) != 0);
    return 0;
}

size_t canary_strangers(struct rig *rig)
{
    strange = 0;
    (void)nftw(rig->target, look_at, 16, FTW_PHYS);
    return strange;
}
