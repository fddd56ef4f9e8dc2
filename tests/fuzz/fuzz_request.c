/* Any bytes as the body of a request: whatever JSON it is, what is taken from it is in its bounds.
 */
#include <stdlib.h>
#include <string.h>

#include "app/control/control_args.h"
#include "app/control/control_call.h"
#include "app/control/server_row.h"
#include "app/control/timetable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void need(bool good)
{
    if (!good) {
        abort();
    }
}

static void take_numbers(const json_t *args)
{
    static const char *const words[] = {"error", "warn", "info", NULL};
    int64_t number = 7;
    size_t limit = 0, place = 1;
    bool flag = true;

    if (control_args_int(args, "n", -3, 99, &number) == OK) {
        need(number >= -3 && number <= 99);
    }
    if (control_args_limit(args, &limit) == OK) {
        need(limit >= 1 && limit <= CONTROL_PAGE_MAX);
    }
    if (control_args_word(args, "level", words, &place) == OK) {
        need(place < 3);
    }
    if (control_args_bool(args, "yes", &flag) != OK) {
        need(flag);
    }
}

static void take_names(const json_t *args)
{
    struct buf name = {0}, cursor = {0};
    const char *text = NULL;
    json_t *again;

    if (control_args_text(args, "find", 40, &text) == OK) {
        need(strlen(text) <= 40);
    }
    if (control_args_name(args, "path", &name) == ERR_NO_ROW) {
        need(name.len == 0);
    }
    if (control_args_cursor(args, &cursor) == OK && cursor.len > 0) {
        again = control_cursor_json(buf_view(&cursor));
        need(json_is_string(again));
        json_decref(again);
    }
    buf_clear(&name);
    buf_clear(&cursor);
}

static void take_server(const json_t *args)
{
    struct store_provider row;
    struct timetable *timetable = malloc(sizeof(*timetable));

    if (server_row_parse(args, &row) == NULL) {
        need(servers_name_ok(row.name) && row.port != 0 && row.connections > 0);
        (void)server_row_password(args);
    }
    need(timetable != NULL);
    if (timetable_read(json_object_get(args, "timetable"), timetable) == OK) {
        need(timetable->count <= TIMETABLE_MAX);
        for (int day = 1; day <= 7; day++) {
            (void)timetable_at(timetable, day, 61 * day);
        }
    }
    free(timetable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    json_t *args = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(args)) {
        take_numbers(args);
        take_names(args);
        take_server(args);
    }
    json_decref(args);
    return 0;
}
