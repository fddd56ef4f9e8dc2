/* How patient the daemon is with servers: every wait of the network and of publishing, in one
 * place. What daemon.ini can change (docs/waits.md). */
#ifndef APP_CONTROL_CONTROL_WAITS_H
#define APP_CONTROL_CONTROL_WAITS_H

#include "flow/publish/publish.h"

struct control_waits {
    struct news_settings news;
    uint64_t confirm_ms[PUBLISH_CONFIRM_ROUNDS];   /* as publish_options has them */
    uint64_t read_back_ms[PUBLISH_READ_BACKS_MAX]; /* the same */
};

/* Fill in what suits real servers. */
void control_waits_default(struct control_waits *waits);

#endif
