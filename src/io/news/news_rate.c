/* Tokens flow in with the time and out with the bytes. */
#include "io/news/news_rate.h"

/* More than any line carries; so that no product below leaves 64 bits. */
static const int64_t flow_max = INT64_C(1) << 40;

enum { THOUSAND = 1000 };

static int64_t full(const struct rate *rate)
{
    return rate->flow * RATE_BUCKET_MS;
}

/* Bytes a second are thousandths of a byte a millisecond. */
static void fill(struct rate *rate, uint64_t now)
{
    uint64_t missing_ms = (uint64_t)((full(rate) - rate->balance) / rate->flow) + 1;

    if (now <= rate->at) {
        return;
    }
    if (now - rate->at >= missing_ms) {
        rate->balance = full(rate);
    } else {
        rate->balance += (int64_t)(now - rate->at) * rate->flow;
    }
    rate->at = now;
}

void rate_set(struct rate *rate, int64_t flow, uint64_t now)
{
    if (rate->flow > 0) {
        fill(rate, now);
    }
    rate->flow = flow > flow_max ? flow_max : flow;
    rate->balance = rate->balance > 0 || flow == 0 ? 0 : rate->balance;
    rate->at = now;
}

uint64_t rate_wait(struct rate *rate, size_t len, uint64_t now)
{
    int64_t need;

    if (rate->flow <= 0) {
        return rate->flow == 0 ? 0 : UINT64_MAX;
    }
    fill(rate, now);
    need = (int64_t)len * THOUSAND;
    need = need > full(rate) ? full(rate) : need;
    if (rate->balance >= need) {
        return 0;
    }
    return (uint64_t)((need - rate->balance + rate->flow - 1) / rate->flow);
}

void rate_charge(struct rate *rate, int64_t len)
{
    if (rate->flow > 0) {
        rate->balance -= len * THOUSAND;
        rate->balance = rate->balance > full(rate) ? full(rate) : rate->balance;
    }
}
