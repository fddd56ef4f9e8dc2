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

/* The same, but nothing is made. ERR_NOT_FOUND: it is not there. */
MUST_USE enum err disk_root_find(struct bytes path, struct disk_root **root);
void disk_root_free(struct disk_root *root);

/* The same of a folder that is open: its descriptor, borrowed; and one that is handed over. */
int disk_root_fd(const struct disk_root *root);
MUST_USE enum err disk_root_take(int folder, struct disk_root **root);

/* Has the root no entries (but our own leftovers)? ERR_NOT_EMPTY if it has. */
MUST_USE enum err disk_root_check_empty(struct disk_root *root);

/* Bytes that can still be written to its file system. */
MUST_USE enum err disk_root_space(struct disk_root *root, uint64_t *bytes);

/* Make a folder, mode 0700 for now. An existing folder is fine; ERR_NOT_DIRECTORY if it is
 * something else. */
MUST_USE enum err disk_root_mkdir(struct disk_root *root, struct bytes path);

/* Give a folder its final mode (& 0777) and mtime: when nothing will be written into it any more.
 * The root is made durable, too.
 */
MUST_USE enum err disk_root_finish_dir(
    struct disk_root *root, struct bytes path, uint32_t mode, int64_t mtime_ns);

/* Look at what lies at `path`. ERR_NOT_FOUND: nothing. */
MUST_USE enum err disk_root_stat(struct disk_root *root, struct bytes path, struct disk_stat *stat);

/* Make a symlink with that mtime. ERR_EXISTS: the name is taken. */
MUST_USE enum err disk_root_symlink(
    struct disk_root *root, struct bytes path, struct bytes target, int64_t mtime_ns);

/* The same, but a file or symlink that has the name is replaced, in one step. ERR_IS_DIRECTORY. */
MUST_USE enum err disk_root_symlink_over(
    struct disk_root *root, struct bytes path, struct bytes target, int64_t mtime_ns);

/* Append the target of the symlink at `path` to *target. */
MUST_USE enum err disk_root_readlink(struct disk_root *root, struct bytes path, struct buf *target);

/* Remove a file or symlink; never a folder (ERR_IS_DIRECTORY). */
MUST_USE enum err disk_root_remove(struct disk_root *root, struct bytes path);

/* Make sure that we may list and write the folder at `path`, whatever its mode says. */
MUST_USE enum err disk_root_unlock_dir(struct disk_root *root, struct bytes path);

/* Make `path` a hard link to the finished file `existing`, both below the root. */
MUST_USE enum err disk_root_link(struct disk_root *root, struct bytes existing, struct bytes path);

/* The same, replacing a file or symlink in one step; nothing happens if it is that file already. */
MUST_USE enum err disk_root_link_over(
    struct disk_root *root, struct bytes existing, struct bytes path);

/* A file being written under a temporary name (".usenetsync-" and random letters) in its own
 * folder, locked as long as we live, so that a later run sees which ones are left over. `size` is
 * made with truncate, so what is never written is a hole of zeros. The folder must exist.
 * ERR_FILE_TOO_LARGE: no file of that size can be here. */
struct disk_out;
MUST_USE enum err disk_out_open(
    struct disk_root *root, struct bytes path, uint64_t size, struct disk_out **out);

/* Write at an offset. Several threads may write different ranges. ERR_DISK_FULL ... */
MUST_USE enum err disk_out_write(struct disk_out *out, uint64_t offset, struct bytes data);

/* A commit in steps, for many files at once: settle all of them, then make all of them durable,
 * then commit each; a commit does what was left out. One sync of a local file system costs hardly
 * more than one fsync.
 *
 * Settle: set mode (& 0777) and mtime; nothing may be written into it any more. */
MUST_USE enum err disk_out_settle(struct disk_out *out, uint32_t mode, int64_t mtime_ns);

/* Settled files, of which some may be NULL. errs[i]: what became of outs[i]. */
void disk_out_make_durable(struct disk_out *const *outs, size_t count, enum err *errs);

/* Set mode (& 0777) and mtime, make it durable, give it its name. ERR_EXISTS: the name is taken
 * (the temporary file is removed). Frees *out in every case. */
MUST_USE enum err disk_out_commit(struct disk_out *out, uint32_t mode, int64_t mtime_ns);

/* The same, but a file or symlink that has the name is replaced, in one step. */
MUST_USE enum err disk_out_commit_over(struct disk_out *out, uint32_t mode, int64_t mtime_ns);

/* Remove the temporary file; NULL is allowed. */
void disk_out_abort(struct disk_out *out);

#endif
