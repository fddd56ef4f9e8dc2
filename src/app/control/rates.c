/* A sample a second of the bytes that moved to and from the news servers. */
#include "app/control/rates.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/control/settings.h"
#include "base/clock.h"
#include "io/news/news_watch.h"
#include "io/store/store_setting.h"

enum { SAMPLE_MS = 1000, NS_IN_MS = 1000000, POSTED_MIN = 8 << 20, POSTED_MS_MIN = 2000 };

static const char row_name[] = "posting_rate";

struct rates {
    struct loop_timer *timer;
    uint64_t at_ms;     /* of the last sample */
    uint64_t out, in;   /* counted until then */
    int64_t posting;    /* bytes a second; 0: not known */
    size_t next, count; /* of the ring */
    struct {
        int64_t up, down;
    } ring[RATES_KEPT];
};

/* A server that was removed takes its count with it: nothing, rather than less than nothing. */
static int64_t rate_of(uint64_t before, uint64_t now, uint64_t ms)
{
    return now > before && ms > 0 ? (int64_t)((double)(now - before) * 1000.0 / (double)ms) : 0;
}

static void on_timer(void *arg)
{
    struct control *control = arg;
    struct rates *rates = control->rates;
    uint64_t now = clock_mono_ns() / NS_IN_MS;
    struct net_moved moved = news_moved(control->news);

    rates->ring[rates->next].up = rate_of(rates->out, moved.out, now - rates->at_ms);
    rates->ring[rates->next].down = rate_of(rates->in, moved.in, now - rates->at_ms);
    rates->next = (rates->next + 1) % RATES_KEPT;
    rates->count += rates->count < RATES_KEPT;
    rates->out = moved.out;
    rates->in = moved.in;
    rates->at_ms = now;
    loop_timer_set(rates->timer, SAMPLE_MS);
}

static int64_t load_posting(struct control *control)
{
    struct buf value = {0};
    int64_t rate = 0;

    if (store_setting_get(control->store, row_name, &value) == OK &&
        buf_append_byte(&value, '\0') == OK) {
        rate = strtoll((const char *)value.ptr, NULL, 10);
    }
    buf_clear(&value);
    return rate > 0 ? rate : 0;
}

enum err rates_new(struct control *control)
{
    struct rates *rates = calloc(1, sizeof(*rates));
    enum err err = rates != NULL ? OK : ERR_NO_MEMORY;

    if (err != OK) {
        return err;
    }
    control->rates = rates;
    rates->at_ms = clock_mono_ns() / NS_IN_MS;
    rates->posting = load_posting(control);
    err = loop_timer_new(control->loop, on_timer, control, &rates->timer);
    if (err == OK) {
        loop_timer_set(rates->timer, SAMPLE_MS);
    }
    return err;
}

void rates_free(struct control *control)
{
    if (control->rates != NULL) {
        loop_timer_free(control->rates->timer);
        free(control->rates);
        control->rates = NULL;
    }
}

/* The sample `back` seconds before the newest. */
static size_t sample(const struct rates *rates, size_t back)
{
    return (rates->next + RATES_KEPT - 1 - back) % RATES_KEPT;
}

struct rates_now rates_now(const struct control *control)
{
    const struct rates *rates = control->rates;
    size_t count = rates->count < RATES_NOW ? rates->count : RATES_NOW;
    struct rates_now now = {0};

    for (size_t i = 0; i < count; i++) {
        now.up += rates->ring[sample(rates, i)].up;
        now.down += rates->ring[sample(rates, i)].down;
    }
    if (count > 0) {
        now.up /= (int64_t)count;
        now.down /= (int64_t)count;
    }
    return now;
}

json_t *rates_json(const struct control *control, size_t seconds)
{
    const struct rates *rates = control->rates;
    json_t *up = json_array(), *down = json_array();
    size_t count = rates->count < seconds ? rates->count : seconds;

    for (size_t i = count; i-- > 0;) {
        (void)json_array_append_new(up, json_integer(rates->ring[sample(rates, i)].up));
        (void)json_array_append_new(down, json_integer(rates->ring[sample(rates, i)].down));
    }
    return json_pack("{s:I, s:o, s:o}", "end", (json_int_t)time(NULL), "up", up, "down", down);
}

void rates_note_posting(struct control *control, uint64_t bytes, uint64_t ms)
{
    char text[24];

    if (bytes < POSTED_MIN || ms < POSTED_MS_MIN) {
        return;
    }
    control->rates->posting = (int64_t)((double)bytes * 1000.0 / (double)ms);
    (void)snprintf(text, sizeof(text), "%" PRId64, control->rates->posting);
    if (store_setting_put(control->store, &(struct store_setting){row_name, bytes_str(text)}, 1) !=
        OK) {
        return; /* it is only for estimates after the next start */
    }
}

int64_t rates_posting(const struct control *control)
{
    struct settings_limits limits;
    int64_t rate = control->rates->posting;

    settings_limits_get(control, &limits);
    return limits.upload_rate > 0 && limits.upload_rate < rate ? limits.upload_rate : rate;
}
