/* From names on the command line to folders and files. For this room only. */
#ifndef APP_PAR2_PAR2_NAMES_H
#define APP_PAR2_PAR2_NAMES_H

#include "app/par2/par2_options.h"

/* A list of strings that it owns. */
struct par2_list {
    char **list;
    size_t count;
};

MUST_USE enum err par2_list_add(struct par2_list *list, const char *text);
void par2_list_clear(struct par2_list *list);

struct par2_names {
    char *folder;           /* of the .par2 files, absolute */
    char *stem;             /* their name up to ".par2" or ".volX+Y.par2" */
    char *base;             /* absolute */
    struct par2_list files; /* create: relative to the base; else: other files, absolute */
    struct par2_list par2s; /* verify, repair: absolute */
};

/* Say on standard error what cannot be found. ERR_NOT_FOUND; ERR_BAD_REQUEST: nothing is left. */
MUST_USE enum err par2_names_find(const struct par2_options *options, struct par2_names *names);
void par2_names_clear(struct par2_names *names);

#endif
