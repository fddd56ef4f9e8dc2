/* What both sides of a helper know of one another. */
#ifndef IO_HELPER_HELPER_LOCAL_H
#define IO_HELPER_HELPER_LOCAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "io/helper/helper.h"

/* The helper finds its socket to us here; the other descriptors come through it. */
enum { HELPER_CONTROL = 0 };

/* The first words, with the descriptors of the folder, of the memory, and of each channel. */
struct helper_hello {
    uint32_t channels;
    uint32_t answer_len;
    uint64_t room;
};
enum { HELPER_FIRST_FDS = 2, HELPER_FDS_MAX = HELPER_FIRST_FDS + HELPER_CHANNELS_MAX };

/* The answer to them: from here on it is confined. */
struct helper_ready {
    int32_t err;
    int32_t landlock;
};

/* In front of each request: how much lies in the channel's memory. */
struct helper_front {
    uint64_t data_len;
};

/* The far ends: ours only until they are sent. -1: none. */
struct helper_ends {
    int control;
    int memory;
    int channel[HELPER_CHANNELS_MAX];
};

struct helper {
    pid_t pid;
    struct helper_ends far;
    int control;
    int landlock;
    unsigned channels, patience_ms;
    size_t room, answer_len;
    uint8_t *memory; /* `room` bytes for each channel */
    int channel[HELPER_CHANNELS_MAX];
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t returned;
    uint32_t idle;               /* a bit for each channel */
    atomic_uint_fast64_t end_ns; /* by the clock, when it is killed; 0: not at all */
    atomic_bool lost;            /* it ended by itself, or said nonsense */
};

/* Make what it will get, and start the process. What was made before an error is in *helper. */
MUST_USE enum err helper_spawn(struct helper *helper, const struct helper_options *options);

/* Close the far ends, as far as there are any. */
void helper_close_far(struct helper *helper);

#endif
