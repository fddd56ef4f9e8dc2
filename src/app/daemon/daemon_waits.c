/* One table: a name, where its numbers go, how many there may be. Seconds become milliseconds. */
#include "app/daemon/daemon_waits.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MS = 1000, SECONDS_MAX = 24 * 60 * 60, YEAR = 366 * SECONDS_MAX, RATE_MAX = 1 << 30 };
enum {
    NUMBERS_MAX = PUBLISH_CONFIRM_ROUNDS > PUBLISH_READ_BACKS_MAX ? PUBLISH_CONFIRM_ROUNDS
                                                                  : PUBLISH_READ_BACKS_MAX,
};

#define NEWS(field) offsetof(struct control_waits, news.field)
#define PUBLISH(field) offsetof(struct control_waits, field)

static const struct wait_row {
    const char *name;
    size_t at;       /* of a uint64_t, or an array of them */
    size_t most;     /* numbers there may be; those that are not given become 0 */
    uint64_t factor; /* from what is written to what is kept */
    double max;
} rows[] = {
    {"dns", NEWS(dns_ms), 1, MS, SECONDS_MAX},
    {"connect", NEWS(connect_ms), 1, MS, SECONDS_MAX},
    {"handshake", NEWS(handshake_ms), 1, MS, SECONDS_MAX},
    {"greeting", NEWS(greeting_ms), 1, MS, SECONDS_MAX},
    {"reply", NEWS(reply_ms), 1, MS, SECONDS_MAX},
    {"progress", NEWS(progress_ms), 1, MS, SECONDS_MAX},
    {"slowest_rate", NEWS(slowest_rate), 1, 1, RATE_MAX},
    {"idle", NEWS(idle_close_ms), 1, MS, SECONDS_MAX},
    {"reconnect_first", NEWS(reconnect_min_ms), 1, MS, SECONDS_MAX},
    {"reconnect_longest", NEWS(reconnect_max_ms), 1, MS, SECONDS_MAX},
    {"probe", NEWS(limit_probe_ms), 1, MS, SECONDS_MAX},
    {"retry", NEWS(retry_ms), 1, MS, SECONDS_MAX},
    {"early", PUBLISH(early_ms), PUBLISH_CONFIRM_ROUNDS, MS, SECONDS_MAX},
    {"confirm", PUBLISH(confirm_ms), PUBLISH_CONFIRM_ROUNDS, MS, SECONDS_MAX},
    {"read_back", PUBLISH(read_back_ms), PUBLISH_READ_BACKS_MAX, MS, SECONDS_MAX},
    {"check", PUBLISH(check_ms), CONTROL_CHECKS, MS, YEAR},
    {"alive", PUBLISH(alive_ms), 1, MS, YEAR},
};

/* Read `value` into up to `row->most` numbers; 0: it is something else. */
static size_t read_numbers(const struct wait_row *row, const char *value, uint64_t *numbers)
{
    size_t count = 0;

    if (row->max == YEAR && strcmp(value, "never") == 0) {
        numbers[0] = CONTROL_WAIT_NEVER;
        return 1;
    }
    while (*value != '\0') {
        char *end = NULL;
        double number = strtod(value, &end);

        if (end == value || count == row->most || !(number > 0 && number <= row->max) ||
            number * (double)row->factor < 1 || (*end != '\0' && *end != ' ')) {
            return 0;
        }
        numbers[count++] = (uint64_t)(number * (double)row->factor + 0.5);
        value = end + strspn(end, " ");
    }
    return count;
}

const char *daemon_waits_take(struct control_waits *waits, const char *name, const char *value)
{
    uint64_t numbers[NUMBERS_MAX] = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct wait_row *row = &rows[i];

        if (strcmp(row->name, name) != 0) {
            continue;
        }
        if (read_numbers(row, value, numbers) == 0) {
            return "a wait is a number of seconds above 0, at most a day (slowest_rate: bytes a "
                   "second); early, confirm, read_back and check may have several; check and "
                   "alive may be up to a year, or never";
        }
        memcpy((char *)waits + row->at, numbers, row->most * sizeof(*numbers));
        return NULL;
    }
    return "there is no such wait; docs/waits.md lists them";
}
