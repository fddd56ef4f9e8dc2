/* limit: how fast and with how much the daemon works. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cmd.h"

enum unit { UNIT_COUNT, UNIT_BYTES, UNIT_RATE };

static const struct {
    enum cli_option option;
    enum unit unit;
    const char *key, *words;
} rows[] = {
    {CLI_UP, UNIT_RATE, "upload_rate", "upload"},
    {CLI_DOWN, UNIT_RATE, "download_rate", "download"},
    {CLI_CONNECTIONS, UNIT_COUNT, "connections", "connections"},
    {CLI_WORKERS, UNIT_COUNT, "workers", "workers"},
    {CLI_NICE, UNIT_COUNT, "nice", "nice"},
    {CLI_MEMORY, UNIT_BYTES, "memory", "memory"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* "500K", "2M", "1G" or a number as a JSON number, "none" as null. What is neither becomes text,
 * for which the daemon has the sentence. */
static json_t *amount(const char *text, enum unit unit)
{
    static const char letters[] = "KMGT";
    char *end = NULL;
    long long value = strtoll(text, &end, 10);
    const char *letter;

    if (strcmp(text, "none") == 0) {
        return json_null();
    }
    if (end == text || value < 0) {
        return json_string(text);
    }
    if (*end != '\0' && unit != UNIT_COUNT && (letter = strchr(letters, *end)) != NULL) {
        int shift = 10 * (int)(letter - letters + 1);

        if (value > INT64_MAX >> shift) {
            return json_string(text);
        }
        value <<= shift;
        end++;
    }
    return *end == '\0' ? json_integer(value) : json_string(text);
}

json_t *cmd_size(const char *text)
{
    return text != NULL ? amount(text, UNIT_BYTES) : NULL;
}

/* What the options ask for; NULL: nothing, or no memory. */
static json_t *change_of(const struct cli_args *args)
{
    json_t *limits = json_object();

    for (size_t i = 0; i < ROWS; i++) {
        const char *given = args->value[rows[i].option];

        if (given != NULL) {
            (void)json_object_set_new(limits, rows[i].key, amount(given, rows[i].unit));
        }
    }
    return json_pack("{s:o}", "limits", limits);
}

static enum err show(const json_t *limits)
{
    struct buf line = {0};
    enum err err = OK;

    for (size_t i = 0; err == OK && i < ROWS; i++) {
        const json_t *value = json_object_get(limits, rows[i].key);

        line.len = 0;
        if (!json_is_integer(value)) {
            err = buf_append_str(&line, "none");
        } else if (rows[i].unit == UNIT_COUNT) {
            err = buf_printf(&line, "%" PRId64, (int64_t)json_integer_value(value));
        } else {
            err = cli_text_bytes((uint64_t)json_integer_value(value), &line);
        }
        if (err == OK && json_is_integer(value) && rows[i].unit == UNIT_RATE) {
            err = buf_append_str(&line, "/s");
        }
        (void)printf("%-11s %.*s\n", rows[i].words, (int)line.len, (const char *)line.ptr);
    }
    buf_clear(&line);
    return err;
}

int cmd_limit(struct cli *cli, const struct cli_args *args)
{
    json_t *answer = NULL;
    json_t *change = change_of(args);
    bool asks = json_object_size(json_object_get(change, "limits")) > 0;
    int code = cli_connect(cli, args);

    if (code == CLI_EXIT_OK &&
        cli_ask(cli, asks ? "POST" : "GET", "/api/settings", asks ? change : NULL, &answer) != OK) {
        code = cli_tell(cli, &cli->failure);
    }
    if (code == CLI_EXIT_OK && cli->json) {
        cli_print_json(json_object_get(answer, "limits"));
    } else if (code == CLI_EXIT_OK && show(json_object_get(answer, "limits")) != OK) {
        code = cli_tell_err(cli, ERR_NO_MEMORY, NULL, NULL);
    }
    json_decref(change);
    json_decref(answer);
    return code;
}
