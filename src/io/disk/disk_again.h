/* What a second run over the same root needs: reading back what is there, removing what a broken
 * run left over, and a note at the top that says whose the root is. Blocking: for workers. */
#ifndef IO_DISK_DISK_AGAIN_H
#define IO_DISK_DISK_AGAIN_H

#include "io/disk/disk_write.h"

enum { DISK_NOTE_MAX = 4096 };

/* Is `name` what our temporary files are called: ".usenetsync-" and 16 of our letters? */
bool disk_again_is_temp(struct bytes name);

/* Remove the temporary files of dead processes from the folder at `path`, and nothing else: a
 * regular file of exactly our form that nobody holds the lock of. */
MUST_USE enum err disk_again_tidy(struct disk_root *root, struct bytes path);

/* A file below the root, for reading. ERR_CHANGED: not a regular file. Never blocks on a fifo. */
struct disk_in;
MUST_USE enum err disk_in_open(
    struct disk_root *root, struct bytes path, struct disk_stat *stat, struct disk_in **in);
void disk_in_free(struct disk_in *in);

/* Read exactly `len` bytes at `offset`. ERR_CHANGED: the file ends before. Any thread. */
MUST_USE enum err disk_in_read(struct disk_in *in, uint64_t offset, uint8_t *out, size_t len);

/* Where data begins at or after `offset`. ERR_NOT_FOUND: there is none. Any thread. */
MUST_USE enum err disk_in_next_data(struct disk_in *in, uint64_t offset, uint64_t *data);

/* Set the permission bits (& 0777) of the open file. */
MUST_USE enum err disk_in_chmod(struct disk_in *in, uint32_t mode);

/* Append what the note `name` in the root says. ERR_NOT_FOUND: there is none. ERR_CHANGED: the
 * name is something else's. */
MUST_USE enum err disk_note_read(struct disk_root *root, const char *name, struct buf *text);

/* Make the note, complete and durable from the moment it has its name, and hold its lock; a note
 * that is there is taken as it is. ERR_LOCKED: somebody else holds it. */
struct disk_note;
MUST_USE enum err disk_note_hold(
    struct disk_root *root, const char *name, struct bytes text, struct disk_note **note);

/* Replace the note's text by one of the same length. */
MUST_USE enum err disk_note_change(struct disk_note *note, struct bytes text);

/* Remove the note, after everything else in its file system has become durable. That it is gone is
 * durable, too, where the disk can. */
MUST_USE enum err disk_note_remove(struct disk_note *note);

/* Let go of it; the note stays. NULL is allowed. */
void disk_note_free(struct disk_note *note);

#endif
