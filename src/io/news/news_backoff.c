/* Waits that double, the number of connections that a server bears, the pace of new ones. */
#include "io/news/news_backoff.h"

enum { RAMP_PARTS = 20 }; /* new connections are this part of the shortest wait apart */

uint64_t backoff_next(uint64_t last, uint64_t min, uint64_t max)
{
    uint64_t wait = last > max / 2 ? max : last * 2;

    if (wait < min) {
        wait = min;
    }
    return wait > max ? max : wait;
}

uint64_t backoff_jitter(uint64_t wait, uint32_t dice)
{
    uint64_t eighth = wait / 8;

    return wait - eighth + dice % (2 * eighth + 1);
}

void gate_refused(struct gate *gate, unsigned open, uint64_t now, uint64_t probe_ms)
{
    if (gate->probing && open + 1 >= gate->allowed) {
        gate->allowed--; /* was at least 2: probes raise it */
    } else {
        gate->allowed = gate->allowed > 1 ? gate->allowed / 2 : 1;
    }
    gate->probing = false;
    gate->probe_at = now + probe_ms;
}

bool gate_probe(struct gate *gate, uint64_t now, uint64_t probe_ms)
{
    if (gate->allowed >= gate->max || now < gate->probe_at) {
        return false;
    }
    gate->allowed++;
    gate->probing = true;
    gate->probe_at = now + probe_ms;
    return true;
}

void pace_opened(struct pace *pace, uint64_t now, struct pace_limits limits)
{
    uint64_t next = now + limits.min / RAMP_PARTS;

    if (pace->open_at < next) {
        pace->open_at = next;
    }
}

void pace_ready(struct pace *pace)
{
    pace->failures = 0;
    pace->proven = true;
}

void pace_worked(struct pace *pace)
{
    pace->failures = 0;
    pace->wait = 0;
}

void pace_trouble(
    struct pace *pace, uint32_t epoch, uint64_t now, struct pace_limits limits, uint32_t dice)
{
    if (epoch != pace->epoch) {
        return; /* of the same trouble as one that was counted */
    }
    pace->epoch++;
    pace->wait = backoff_next(pace->wait, limits.min, limits.max);
    pace->open_at = now + backoff_jitter(pace->wait, dice);
}

void pace_failed(
    struct pace *pace, uint32_t epoch, uint64_t now, struct pace_limits limits, uint32_t dice)
{
    if (epoch == pace->epoch) {
        pace->failures++;
        pace->proven = false;
    }
    pace_trouble(pace, epoch, now, limits, dice);
}
