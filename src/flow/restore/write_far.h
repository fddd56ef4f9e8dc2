/* What travels between a restore and its helper. Both are this very program, so it is the structs
 * as they are, without what they point to. */
#ifndef FLOW_RESTORE_WRITE_FAR_H
#define FLOW_RESTORE_WRITE_FAR_H

#include "flow/restore/write_near.h"

enum { FAR_FORGOTTEN_MAX = 16 };

/* A call begins so. Behind it: its requests. */
struct far_front {
    uint32_t count; /* of requests, 1 .. WRITE_TOGETHER */
    uint32_t forgotten_count;
    uint32_t forgotten[FAR_FORGOTTEN_MAX]; /* files to be closed first */
};

/* Behind it: the path, the text. */
struct far_request {
    struct write_request request; /* without any pointer */
    uint32_t path_len, text_len;
    uint64_t data_len; /* what is its of the call's data */
    uint32_t file;     /* its number, 0: none */
};

_Static_assert(sizeof(struct far_front) <= HELPER_REQUEST_MAX - WRITE_MESSAGE_MAX, "it fits");

/* Of each request, in a row. Nothing in it is believed before it was looked at. */
struct far_answer {
    int32_t err;
    uint32_t type, mode, text, target;
    uint32_t file; /* OPEN, READ: its number */
    uint64_t size, space, version;
    int64_t mtime_ns;
};
_Static_assert(WRITE_TOGETHER * sizeof(struct far_answer) <= HELPER_ANSWER_MAX, "they fit");

#endif
