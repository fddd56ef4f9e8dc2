/* Reading a tree that somebody else may be changing: list one folder, read ranges of one file.
 * Blocking: for workers. Paths are bytes, relative to `root`, "" is the root itself; no symlink
 * below the root is followed. */
#ifndef IO_DISK_DISK_READ_H
#define IO_DISK_DISK_READ_H

#include "base/bytes.h"
#include "io/disk/disk_stat.h"

/* Look at one path (not through a symlink at its end). `path` is absolute. */
MUST_USE enum err disk_stat_path(struct bytes path, struct disk_stat *stat);

/* Open a folder for listing. ERR_NOT_FOUND, ERR_NOT_DIRECTORY, ERR_PERMISSION ... */
struct disk_dir;
MUST_USE enum err disk_dir_open(struct bytes root, struct bytes path, struct disk_dir **dir);

/* The next entry in no particular order, without . and ..; *name dies with the next call.
 * ERR_NOT_FOUND: that was all. Entries that vanish between listing and stat are passed over. After
 * any other error *name says which entry could not be looked at (the next call goes on behind it),
 * or is empty: the listing is broken off. */
MUST_USE enum err disk_dir_next(struct disk_dir *dir, struct bytes *name, struct disk_stat *stat);

/* The folder's own stat. */
MUST_USE enum err disk_dir_stat(struct disk_dir *dir, struct disk_stat *stat);

/* Append the target of the symlink `name` in this folder to *target (at most 4,095 bytes). */
MUST_USE enum err disk_dir_readlink(struct disk_dir *dir, struct bytes name, struct buf *target);
void disk_dir_free(struct disk_dir *dir);

/* Open a regular file for reading; anything else is ERR_CHANGED. Opening never blocks on a fifo. */
struct disk_file;
MUST_USE enum err disk_file_open(struct bytes root, struct bytes path, struct disk_file **file);
MUST_USE enum err disk_file_stat(struct disk_file *file, struct disk_stat *stat);

/* Read up to `len` bytes at `offset`; *got < len only at the end of the file. Any thread, several
 * at a time. */
MUST_USE enum err disk_file_read(
    struct disk_file *file, uint64_t offset, uint8_t *out, size_t len, size_t *got);

/* Where the next data begins at or after `offset` (SEEK_DATA): ERR_NOT_FOUND: only a hole is left.
 */
MUST_USE enum err disk_file_next_data(struct disk_file *file, uint64_t offset, uint64_t *data);
void disk_file_free(struct disk_file *file);

#endif
