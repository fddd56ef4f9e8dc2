/* What the program's exit code says: one table. docs/cli.md tells it in words. */
#ifndef APP_CLI_CLI_EXIT_H
#define APP_CLI_CLI_EXIT_H

#include "base/err.h"

enum cli_exit {
    CLI_EXIT_OK = 0,
    CLI_EXIT_FAILED = 1,
    CLI_EXIT_USAGE = 2,      /* the command was not understood, a link is wrong */
    CLI_EXIT_NOT_FOUND = 3,  /* no such share, path, job, server */
    CLI_EXIT_SERVER = 4,     /* the news server: none, unreachable, refuses */
    CLI_EXIT_LOCAL = 5,      /* this machine: disk, permission, target */
    CLI_EXIT_LOST = 6,       /* articles are gone or damaged; part may be there */
    CLI_EXIT_BUSY = 7,       /* somebody else has it: a second daemon, a job in the wrong state */
    CLI_EXIT_REPAIRABLE = 8, /* check: articles are missing, and parity makes them good */
    CLI_EXIT_DIFFERS = 9,    /* get --verify: the target is not what the share says */
    CLI_EXIT_INTERRUPTED = 130,
};

/* The exit code for `err`. */
enum cli_exit cli_exit_code(enum err err);

/* The error of this name, "ERR_TIMEOUT"; ERR_BUG if there is none. */
enum err cli_exit_err(const char *name);

#endif
