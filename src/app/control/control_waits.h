/* How patient the daemon is with servers: every wait of the network and of publishing, in one
 * place. What daemon.ini can change (docs/waits.md). */
#ifndef APP_CONTROL_CONTROL_WAITS_H
#define APP_CONTROL_CONTROL_WAITS_H

#include "flow/publish/publish.h"

enum { CONTROL_CHECKS = 4 };

#define CONTROL_WAIT_NEVER UINT64_MAX

struct control_waits {
    struct news_settings news;
    uint64_t confirm_ms[PUBLISH_CONFIRM_ROUNDS];   /* as publish_options has them */
    uint64_t early_ms[PUBLISH_CONFIRM_ROUNDS];     /* the same */
    uint64_t read_back_ms[PUBLISH_READ_BACKS_MAX]; /* the same */
    /* A published share is checked: the first times so long after it was published, then so long
     * after each other; ends at the first 0. CONTROL_WAIT_NEVER first: it is not. */
    uint64_t check_ms[CONTROL_CHECKS];
    uint64_t alive_ms; /* its head is posted again that often */
};

/* Fill in what suits real servers. */
void control_waits_default(struct control_waits *waits);

#endif
