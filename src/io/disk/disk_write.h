/* Writing a tree below one root and nowhere else: every path is resolved with
 * openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS) from the root's descriptor; files appear under
 * their names only when complete. Blocking: for workers; any thread. Paths are bytes, relative,
 * without "." and ".." components; "" is the root itself. */
#ifndef IO_DISK_DISK_WRITE_H
#define IO_DISK_DISK_WRITE_H

#include "base/bytes.h"
#include "io/disk/disk_stat.h"

struct disk_root;

/* Open the target folder `path` (absolute), making it and its parents where missing.
 * ERR_NOT_DIRECTORY: something else has that name. */
MUST_USE enum err disk_root_open(struct bytes path, struct disk_root **root);
void disk_root_free(struct disk_root *root);

/* Has the root no entries (but our own leftovers)? ERR_NOT_EMPTY if it has. */
MUST_USE enum err disk_root_check_empty(struct disk_root *root);

/* Bytes that can still be written to its file system. */
MUST_USE enum err disk_root_space(struct disk_root *root, uint64_t *bytes);

/* Make a folder, mode 0700 for now. An existing folder is fine; ERR_NOT_DIRECTORY if it is
 * something else. */
MUST_USE enum err disk_root_mkdir(struct disk_root *root, struct bytes path);

/* Give a folder its final mode (& 0777) and mtime: when nothing will be written into it any more.
 */
MUST_USE enum err disk_root_finish_dir(
    struct disk_root *root, struct bytes path, uint32_t mode, int64_t mtime_ns);

/* Look at what lies at `path`. ERR_NOT_FOUND: nothing. */
MUST_USE enum err disk_root_stat(struct disk_root *root, struct bytes path, struct disk_stat *stat);

/* Make a symlink with that mtime. ERR_EXISTS: the name is taken. */
MUST_USE enum err disk_root_symlink(
    struct disk_root *root, struct bytes path, struct bytes target, int64_t mtime_ns);

/* Make `path` a hard link to the finished file `existing`, both below the root. */
MUST_USE enum err disk_root_link(struct disk_root *root, struct bytes existing, struct bytes path);

/* A file being written under a temporary name (".usenetsync-" and random letters) in its own
 * folder. `size` is made with truncate, so what is never written is a hole of zeros. The folder
 * must exist. */
struct disk_out;
MUST_USE enum err disk_out_open(
    struct disk_root *root, struct bytes path, uint64_t size, struct disk_out **out);

/* Write at an offset. Several threads may write different ranges. ERR_DISK_FULL ... */
MUST_USE enum err disk_out_write(struct disk_out *out, uint64_t offset, struct bytes data);

/* Set mode (& 0777) and mtime, make it durable, give it its name. ERR_EXISTS: the name is taken
 * (the temporary file is removed). Frees *out in every case. */
MUST_USE enum err disk_out_commit(struct disk_out *out, uint32_t mode, int64_t mtime_ns);

/* Remove the temporary file; NULL is allowed. */
void disk_out_abort(struct disk_out *out);

#endif
