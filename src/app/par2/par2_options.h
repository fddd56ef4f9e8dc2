/* What was asked for on the command line. For this room only. */
#ifndef APP_PAR2_PAR2_OPTIONS_H
#define APP_PAR2_PAR2_OPTIONS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "flow/par2files/par2files.h"

enum par2_command { PAR2_COMMAND_CREATE, PAR2_COMMAND_VERIFY, PAR2_COMMAND_REPAIR };

struct par2_options {
    enum par2_command command;
    struct par2files_create create; /* numbers only */
    const char *base;               /* as given; NULL: the .par2 file's folder */
    const char *archive;            /* -a; or the first name */
    char **names;                   /* what stands behind the options; borrowed */
    size_t name_count;
    uint64_t leeway; /* -S, if there is -N; else 0 */
    int quiet;
    int verbose;
    bool recurse;
    bool purge;
};

/* Read argv. ERR_BAD_REQUEST: it was said on standard error what is wrong. */
MUST_USE enum err par2_options_read(int argc, char **argv, struct par2_options *options);

#endif
