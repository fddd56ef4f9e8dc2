/* The MD5s of files that lie in memory, many side by side. For this room only. */
#ifndef FLOW_PAR2FILES_FILEHASH_H
#define FLOW_PAR2FILES_FILEHASH_H

#include "codec/par2/par2_md5.h"

struct filehash_part {
    struct par2_md5 *md5;
    struct bytes data;
};

struct filehash {
    struct filehash_part *parts; /* used up */
    size_t count;
};

/* A task: give each part its bytes. */
void filehash_run(void *arg);

#endif
