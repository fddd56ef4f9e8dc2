/* Formatting for people. */
#include "app/cli/cli_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/text.h"

enum err cli_text_bytes(uint64_t bytes, struct buf *out)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1024;
        unit++;
    }
    return unit == 0 ? buf_printf(out, "%" PRIu64 " B", bytes)
                     : buf_printf(out, "%.1f %s", value, units[unit]);
}

enum err cli_text_seconds(uint64_t seconds, struct buf *out)
{
    uint64_t minutes = seconds / 60;
    uint64_t hours = minutes / 60;

    if (seconds < 60) {
        return buf_printf(out, "%" PRIu64 " s", seconds);
    }
    if (hours == 0) {
        return buf_printf(out, "%" PRIu64 ":%02" PRIu64, minutes, seconds % 60);
    }
    if (hours < 48) {
        return buf_printf(
            out, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, hours, minutes % 60, seconds % 60);
    }
    return buf_printf(out, "%" PRIu64 " d %" PRIu64 " h", hours / 24, hours % 24);
}

enum err cli_text_count(uint64_t count, struct buf *out)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    enum err err = OK;

    for (int i = 0; i < len && err == OK; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            err = buf_append_byte(out, ',');
        }
        if (err == OK) {
            err = buf_append_byte(out, (uint8_t)digits[i]);
        }
    }
    return err;
}

enum err cli_text_time(int64_t seconds, struct buf *out)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    char text[32];

    if (seconds == 0 || localtime_r(&when, &tm) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm) == 0) {
        return buf_append_str(out, "never");
    }
    return buf_append_str(out, text);
}

enum err cli_text_name(const json_t *object, const char *key, struct buf *out)
{
    char key_base64[64];
    struct buf bytes = {0};
    const json_t *coded;
    const json_t *text = json_object_get(object, key);
    enum err err;

    (void)snprintf(key_base64, sizeof(key_base64), "%s_base64", key);
    coded = json_object_get(object, key_base64);
    if (!json_is_string(coded)) {
        return text_escape(bytes_at(json_string_value(text), json_string_length(text)), out);
    }
    err = text_base64_decode(bytes_at(json_string_value(coded), json_string_length(coded)), &bytes);
    if (err == OK) {
        err = text_escape(buf_view(&bytes), out);
    }
    buf_clear(&bytes);
    return err;
}
