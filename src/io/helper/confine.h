/* What a process gives up for good. For helpers; a process that did this cannot go back. */
#ifndef IO_HELPER_CONFINE_H
#define IO_HELPER_CONFINE_H

#include "base/err.h"

/* Take from this thread, and from those it will start, all rights to files but those needed to
 * write regular files, folders, symlinks and hard links below the open folder `folder`; and TCP,
 * and signals to others, where the kernel knows how. No program that is run gets new privileges.
 * *version: Landlock's; 0: this kernel has none, and nothing was taken but the privileges.
 * At version 1 no hard link can be made from one folder into another. */
MUST_USE enum err confine_files(int folder, int *version);

/* Leave this process, all threads of it, the system calls that work on open files and folders
 * needs. A socket, a program, a process more, and looking into others kill it; the rest fails with
 * EPERM. New threads are not among what is left. */
MUST_USE enum err confine_calls(void);

#endif
