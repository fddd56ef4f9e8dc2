/* Attempts go on by number until a volume is published; after that they are random. */
#include "flow/publish/out_volume_loss.h"

#include "base/random.h"

enum err out_volume_next_attempt(struct out_volume *v, uint32_t index)
{
    uint32_t random;
    enum err err;

    if (v->state != STORE_VOLUME_HEALING) {
        err = v->attempts[index] < OUT_VOLUME_ATTEMPT_MAX ? OK : ERR_LIMIT;
        v->attempts[index] += err == OK;
        return err;
    }
    err = random_bytes(&random, sizeof(random));
    if (err == OK) {
        v->attempts[index] = random | OUT_VOLUME_ATTEMPT_PUBLISHED;
        v->dirty = 1;
    }
    return err;
}

enum err out_volume_lose(struct out_volume *v, uint32_t index)
{
    enum err err = out_volume_next_attempt(v, index);

    out_volume_set_state(v, index, STORE_PLANNED);
    return err == ERR_LIMIT ? OK : err;
}

void out_volume_abandon(struct out_volume *v, uint32_t index, uint32_t listed_attempt)
{
    v->attempts[index] = listed_attempt;
    out_volume_set_state(v, index, STORE_LOST);
}

void out_volume_give_up(struct out_volume *v, uint32_t index)
{
    out_volume_reopen(v);
    out_volume_set_state(v, index, STORE_PLANNED);
    out_volume_set_cid(v, index, &(struct cid){{0}});
    v->used[index] = 0;
}
