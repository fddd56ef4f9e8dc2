/* Folders for eyes. */
#include "io/disk/disk_browse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/disk/disk_local.h"

enum { MOUNT_LINE_MAX = 8192 };

struct disk_names {
    DIR *stream;
};

/* A path with its NUL. ERR_UNSAFE_PATH: it holds another one, or is not absolute. */
static enum err with_nul(struct bytes path, struct buf *text)
{
    enum err err = OK;

    if (path.len == 0 || path.ptr[0] != '/' || memchr(path.ptr, '\0', path.len) != NULL) {
        return ERR_UNSAFE_PATH;
    }
    err = buf_append(text, path);
    return err == OK ? buf_append_byte(text, '\0') : err;
}

enum err disk_resolve(struct bytes path, struct buf *real)
{
    char resolved[PATH_MAX];
    struct buf text = {0};
    enum err err = with_nul(path, &text);

    if (err == OK && realpath((const char *)text.ptr, resolved) == NULL) {
        err = err_from_errno(errno);
    }
    if (err == OK) {
        err = buf_append_str(real, resolved);
    }
    buf_clear(&text);
    return err;
}

/* --- names -------------------------------------------------------------------------------------
 */

enum err disk_names_open(struct bytes root, struct bytes path, struct disk_names **out)
{
    struct disk_names *names = calloc(1, sizeof(*names));
    int folder = -1, fd = -1;
    enum err err = names != NULL ? OK : ERR_NO_MEMORY;

    if (err == OK) {
        err = disk_open_absolute(root, O_PATH | O_DIRECTORY, &folder);
    }
    if (err == OK) {
        err = disk_open_below(folder, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, &fd);
        (void)close(folder);
    }
    if (err == OK) {
        names->stream = fdopendir(fd);
        if (names->stream == NULL) {
            err = err_from_errno(errno);
            (void)close(fd);
        }
    }
    if (err != OK) {
        free(names);
        return err;
    }
    *out = names;
    return OK;
}

void disk_names_free(struct disk_names *names)
{
    if (names != NULL) {
        (void)closedir(names->stream);
        free(names);
    }
}

static enum err look(const struct disk_names *names, const char *name, struct disk_stat *stat)
{
    struct stat st;

    if (fstatat(dirfd(names->stream), name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
        return err_from_errno(errno);
    }
    disk_stat_fill(&st, stat);
    return OK;
}

static enum disk_type type_of(const struct disk_names *names, const struct dirent *entry)
{
    struct disk_stat stat = {.type = DISK_OTHER};

    switch (entry->d_type) {
    case DT_DIR:
        return DISK_DIRECTORY;
    case DT_REG:
        return DISK_FILE;
    case DT_LNK:
        return DISK_SYMLINK;
    case DT_UNKNOWN:
        return look(names, entry->d_name, &stat) == OK ? stat.type : DISK_OTHER;
    default:
        return DISK_OTHER;
    }
}

enum err disk_names_next(struct disk_names *names, struct bytes *name, enum disk_type *type)
{
    const struct dirent *entry;

    do {
        errno = 0;
        entry = readdir(names->stream);
        if (entry == NULL) {
            return errno == 0 || errno == ENOENT ? ERR_NOT_FOUND : err_from_errno(errno);
        }
    } while (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    *name = bytes_str(entry->d_name);
    *type = type_of(names, entry);
    return OK;
}

/* A name of the folder itself, with its NUL. */
static enum err one_name(struct bytes name, char text[DISK_NAME_MAX + 1])
{
    struct bytes folder;
    enum err err = disk_split(name, &folder, text);

    return err == OK && folder.len > 0 ? ERR_UNSAFE_PATH : err;
}

enum err disk_names_look(
    struct disk_names *names, struct bytes name, struct disk_stat *stat, bool *readable)
{
    char text[DISK_NAME_MAX + 1];
    enum err err = one_name(name, text);
    int wanted;

    *readable = false;
    if (err == OK) {
        err = look(names, text, stat);
    }
    if (err != OK) {
        return err;
    }
    wanted = stat->type == DISK_DIRECTORY ? R_OK | X_OK : R_OK;
    *readable = stat->type == DISK_SYMLINK ||
                faccessat(dirfd(names->stream), text, wanted, AT_EACCESS) == 0;
    return OK;
}

enum err disk_names_stat(struct disk_names *names, struct disk_stat *stat)
{
    return look(names, ".", stat);
}

bool disk_names_writable(const struct disk_names *names)
{
    return faccessat(dirfd(names->stream), ".", W_OK | X_OK, AT_EACCESS) == 0;
}

enum err disk_names_make(struct disk_names *names, struct bytes name)
{
    char text[DISK_NAME_MAX + 1];
    enum err err = one_name(name, text);

    if (err == OK && mkdirat(dirfd(names->stream), text, 0777) != 0) {
        err = err_from_errno(errno);
    }
    return err;
}

/* --- space -------------------------------------------------------------------------------------
 */

enum err disk_space_get(struct bytes path, struct disk_space *space)
{
    struct buf text = {0};
    struct statvfs vfs;
    enum err err = with_nul(path, &text);

    if (err == OK && statvfs((const char *)text.ptr, &vfs) != 0) {
        err = err_from_errno(errno);
    }
    if (err == OK) {
        *space = (struct disk_space){
            .free = (uint64_t)vfs.f_bavail * vfs.f_frsize,
            .total = (uint64_t)vfs.f_blocks * vfs.f_frsize,
            .writable = faccessat(AT_FDCWD, (const char *)text.ptr, W_OK | X_OK, AT_EACCESS) == 0,
        };
    }
    buf_clear(&text);
    return err;
}

/* File systems that hold what people keep. */
static bool is_storage(const char *type)
{
    static const char *const types[] = {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs",
        "bcachefs", "jfs", "reiserfs", "vfat", "exfat", "ntfs", "ntfs3", "hfsplus", "udf",
        "iso9660", "fuseblk", "nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "virtiofs", "fuse.sshfs",
        "fuse.mergerfs", "fuse.rclone", "fuse.glusterfs"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The system's own places, and all below them. */
static bool is_system(const char *path)
{
    static const char *const places[] = {"/boot", "/efi", "/usr", "/var", "/etc", "/proc", "/sys",
        "/dev", "/lib", "/bin", "/sbin", "/tmp", "/snap", "/nix", "/opt"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        size_t len = strlen(places[i]);

        if (strncmp(path, places[i], len) == 0 && (path[len] == '/' || path[len] == '\0')) {
            return true;
        }
    }
    return strcmp(path, "/") == 0 ||
           (strncmp(path, "/run/", 5) == 0 && strncmp(path, "/run/media/", 11) != 0);
}

enum err disk_mounts_each(disk_mount_fn each, void *arg)
{
    FILE *file = setmntent("/proc/self/mounts", "re");
    char line[MOUNT_LINE_MAX];
    struct mntent mount;
    enum err err = OK;

    if (file == NULL) {
        return err_from_errno(errno);
    }
    while (err == OK && getmntent_r(file, &mount, line, sizeof(line)) != NULL) {
        struct stat st;

        if (is_storage(mount.mnt_type) && !is_system(mount.mnt_dir) &&
            access(mount.mnt_dir, R_OK | X_OK) == 0 && stat(mount.mnt_dir, &st) == 0 &&
            S_ISDIR(st.st_mode)) {
            err = each(arg, bytes_str(mount.mnt_dir));
        }
    }
    (void)endmntent(file);
    return err;
}
