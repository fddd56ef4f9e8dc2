/* The helper of a restore: a process of its own, that does what the queue to the disk asks for
 * (write_queue.h), with rights to the target folder and to nothing else (io/helper). Decompressing
 * and checking of contents is done there, too. */
#ifndef FLOW_RESTORE_RESTORE_HELPER_H
#define FLOW_RESTORE_RESTORE_HELPER_H

/* The word by which the program knows that it is the helper. */
#define RESTORE_HELPER "restore-helper"

/* Be it. What the process must end with, by _exit(). */
int restore_helper_main(int argc, char **argv);

#endif
