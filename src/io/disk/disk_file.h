/* Small files of our own: state folder, secrets, locks. Blocking, short. */
#ifndef IO_DISK_DISK_FILE_H
#define IO_DISK_DISK_FILE_H

#include "base/bytes.h"

/* Make a folder and its parents with `mode`; an existing folder is fine. */
MUST_USE enum err disk_make_dirs(const char *path, unsigned mode);

/* Replace the file at `path` by `data` as one step that survives a power cut: temporary file,
 * fsync, rename, fsync of the folder. */
MUST_USE enum err disk_replace(const char *path, struct bytes data, unsigned mode);

/* Append the whole file to *out. ERR_LIMIT: it is larger than `max`. */
MUST_USE enum err disk_slurp(const char *path, size_t max, struct buf *out);

/* Hold an exclusive lock on the file at `path` (made if missing) until disk_unlock() or the end of
 * the process. ERR_LOCKED: another process has it; *holder is then the pid it wrote, 0 if unknown.
 */
struct disk_lock;
MUST_USE enum err disk_lock(const char *path, struct disk_lock **lock, long *holder);
void disk_unlock(struct disk_lock *lock);

#endif
