/* What a person should look at: Attention of docs/openapi.yaml, by a name that stays the same while
 * it is about the same thing. */
#ifndef APP_CONTROL_ATTENTION_H
#define APP_CONTROL_ATTENTION_H

#include "app/control/control_own.h"

enum { ATTENTION_JOBS_MAX = 20, ATTENTION_SHARES_MAX = 20 };

/* Of jobs and shares, from the catalogue: put into `list` when these changed. */
void attention_put_jobs(struct control *control, json_t *list);
void attention_put_shares(struct control *control, json_t *list);

/* Of what is in memory: servers, catalogue, the disk with `disk_free` bytes (-1: not known). */
void attention_put_now(struct control *control, json_t *list, int64_t disk_free);

#endif
