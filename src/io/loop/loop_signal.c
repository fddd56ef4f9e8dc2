/* Signals as callbacks on the loop's thread. */
#include "io/loop/loop.h"

#include <stdlib.h>
#include <uv.h>

struct loop_signal {
    uv_signal_t uv;
    loop_fn fn;
    void *arg;
};

static void on_signal(uv_signal_t *uv, int number)
{
    struct loop_signal *signal = uv->data;

    (void)number;
    signal->fn(signal->arg);
}

static void on_closed(uv_handle_t *uv)
{
    free(uv->data);
}

enum err loop_signal_new(
    struct loop *loop, int number, loop_fn fn, void *arg, struct loop_signal **out)
{
    struct loop_signal *signal = calloc(1, sizeof(*signal));

    if (signal == NULL) {
        return ERR_NO_MEMORY;
    }
    if (uv_signal_init(loop_uv(loop), &signal->uv) != 0) {
        free(signal);
        return ERR_TOO_MANY_FILES;
    }
    signal->uv.data = signal;
    signal->fn = fn;
    signal->arg = arg;
    if (uv_signal_start(&signal->uv, on_signal, number) != 0) {
        loop_signal_free(signal);
        return ERR_SYSTEM;
    }
    *out = signal;
    return OK;
}

void loop_signal_free(struct loop_signal *signal)
{
    if (signal != NULL) {
        uv_close((uv_handle_t *)&signal->uv, on_closed);
    }
}
