/* One-shot timers over libuv. */
#include "io/loop/loop.h"

#include <stdlib.h>
#include <uv.h>

struct loop_timer {
    uv_timer_t uv;
    loop_fn fn;
    void *arg;
};

static void on_timer(uv_timer_t *uv)
{
    struct loop_timer *timer = uv->data;

    timer->fn(timer->arg);
}

enum err loop_timer_new(struct loop *loop, loop_fn fn, void *arg, struct loop_timer **out)
{
    struct loop_timer *timer = calloc(1, sizeof(*timer));

    if (timer == NULL) {
        return ERR_NO_MEMORY;
    }
    (void)uv_timer_init(loop_uv(loop), &timer->uv); /* cannot fail */
    timer->uv.data = timer;
    timer->fn = fn;
    timer->arg = arg;
    *out = timer;
    return OK;
}

/* libuv counts from the time this turn of the loop began; a turn that computed for long would cut
 * the timer short. */
void loop_timer_set(struct loop_timer *timer, uint64_t ms)
{
    uv_update_time(timer->uv.loop);
    (void)uv_timer_start(&timer->uv, on_timer, ms, 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
    (void)uv_timer_stop(&timer->uv);
}

static void on_closed(uv_handle_t *uv)
{
    free(uv->data);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer != NULL) {
        uv_close((uv_handle_t *)&timer->uv, on_closed);
    }
}
