/* A helper for tests: it does what it is asked, also what it may not. */
#ifndef TESTS_UNIT_HELPER_FAR_SIDE_H
#define TESTS_UNIT_HELPER_FAR_SIDE_H

#include <stdint.h>

enum trial {
    SUM,      /* of the data's bytes; and how many */
    HANG,     /* never answer */
    BAD_SIZE, /* an answer of another length */
    DIE,
    WHO, /* its pid */
    FDS, /* how many descriptors does it have, of these: sockets */
    /* what is tried inside the folder */
    IN_WRITE,
    IN_MKDIR,
    IN_SYMLINK,
    IN_LINK,
    IN_RENAME,
    IN_TRUNCATE,
    IN_LIST,
    IN_FCHMOD,
    /* and outside: paths from the folder and from the root */
    OUT_READ,
    OUT_WRITE,
    OUT_DOTS,
    OUT_MKDIR,
    OUT_UNLINK,
    OUT_SYMLINK,
    OUT_LINK_IN,
    OUT_RENAME_IN,
    OUT_LIST,
    OUT_CHMOD,
    OUT_TRUNCATE,
    IN_FIFO,
    IN_DEVICE,
    IN_RMDIR,
    /* calls */
    CALL_CODE,
    CALL_SIGNAL,
    CALL_SETUID,
    CALL_ROOM,
    KILLS_SOCKET,
    KILLS_PAIR,
    KILLS_EXEC,
    KILLS_FORK,
    KILLS_PTRACE,
    KILLS_KILL,
};

struct request {
    uint32_t trial;
    int32_t pid;      /* the near side's */
    char outside[64]; /* absolute: a folder beside the helper's, with a file "f" and a folder "d" */
};

struct answer {
    int32_t code; /* 0, or errno */
    uint64_t value;
    uint64_t more;
};

/* Be the helper; what the process ends with. */
int far_side(void);

#endif
