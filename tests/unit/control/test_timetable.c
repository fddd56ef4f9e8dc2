/* Hours of the week. */
#include "app/control/timetable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* Monday to Friday by day; Sunday night into Monday; the whole of Saturday; a row never reached. */
static const char list[] =
    "[{\"days\":[1,2,3,4,5],\"from\":\"08:00\",\"to\":\"18:30\",\"upload_rate\":1024,"
    "\"download_rate\":null},"
    "{\"days\":[7],\"from\":\"22:00\",\"to\":\"06:00\",\"upload_rate\":0,\"download_rate\":2048},"
    "{\"days\":[6],\"from\":\"09:00\",\"to\":\"09:00\",\"upload_rate\":4096,\"download_rate\":0},"
    "{\"days\":[1],\"from\":\"09:00\",\"to\":\"10:00\",\"upload_rate\":9999,\"download_rate\":0}]";

static const struct {
    int day, hour, minute;
    int row; /* -1: none */
} moments[] = {
    {1, 7, 59, -1},
    {1, 8, 0, 0},
    {1, 9, 30, 0}, /* the first row that holds decides */
    {1, 18, 29, 0},
    {1, 18, 30, -1},
    {5, 12, 0, 0},
    {6, 8, 59, -1},
    {6, 9, 0, 2},
    {6, 23, 59, 2},
    {7, 0, 0, 2}, /* it began on Saturday and holds 24 hours */
    {7, 8, 59, 2},
    {7, 9, 0, -1},
    {7, 21, 59, -1},
    {7, 22, 0, 1},
    {1, 0, 0, 1},
    {1, 5, 59, 1},
    {1, 6, 0, -1},
    {2, 0, 0, -1},
    {2, 5, 0, -1},
};

static void the_right_row_holds(void **state)
{
    json_t *rows = json_loads(list, 0, NULL);
    struct timetable timetable;

    (void)state;
    assert_int_equal(timetable_read(rows, &timetable), OK);
    assert_int_equal(timetable.rows[0].up, 1024);
    assert_int_equal(timetable.rows[0].down, 0);
    assert_int_equal(timetable.rows[1].up, TIMETABLE_PAUSE);
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        const struct timetable_row *row =
            timetable_at(&timetable, moments[i].day, moments[i].hour * 60 + moments[i].minute);

        print_message("day %d %02d:%02d\n", moments[i].day, moments[i].hour, moments[i].minute);
        assert_ptr_equal(row, moments[i].row < 0 ? NULL : &timetable.rows[moments[i].row]);
    }
    json_decref(rows);
}

/* Every minute of the week against a dumb twin: rows painted on an array. */
static void every_minute_of_the_week(void **state)
{
    json_t *rows = json_loads(list, 0, NULL);
    struct timetable timetable;
    static int week[7 * TIMETABLE_DAY];

    (void)state;
    assert_int_equal(timetable_read(rows, &timetable), OK);
    for (size_t i = timetable.count; i-- > 0;) { /* so that the first is painted last */
        const struct timetable_row *row = &timetable.rows[i];
        int length = row->to - row->from + (row->to <= row->from ? TIMETABLE_DAY : 0);

        for (int day = 1; day <= 7; day++) {
            for (int m = 0; (row->days & 1U << day) != 0 && m < length; m++) {
                week[((day - 1) * TIMETABLE_DAY + row->from + m) % (7 * TIMETABLE_DAY)] =
                    (int)i + 1;
            }
        }
    }
    for (int m = 0; m < 7 * TIMETABLE_DAY; m++) {
        const struct timetable_row *row =
            timetable_at(&timetable, m / TIMETABLE_DAY + 1, m % TIMETABLE_DAY);

        assert_int_equal(row == NULL ? 0 : row - timetable.rows + 1, week[m]);
    }
    json_decref(rows);
}

#define ROW(days, from, to, up, down)                                                              \
    "[{\"days\":" days ",\"from\":\"" from "\",\"to\":\"" to "\",\"upload_rate\":" up              \
    ",\"download_rate\":" down "}]"

static const struct {
    const char *text;
    enum err err;
} lists[] = {
    {"[]", OK},
    {ROW("[1]", "00:00", "23:59", "null", "null"), OK},
    {ROW("[1]", "24:00", "23:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[1]", "00:60", "23:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[1]", "0:00", "23:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[1]", "00:00", "2x:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[0]", "00:00", "23:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[8]", "00:00", "23:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[]", "00:00", "23:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[1,2,3,4,5,6,7,1]", "00:00", "23:59", "null", "null"), ERR_BAD_REQUEST},
    {ROW("[1]", "00:00", "23:59", "1023", "null"), ERR_BAD_REQUEST},
    {ROW("[1]", "00:00", "23:59", "-1", "null"), ERR_BAD_REQUEST},
    {ROW("[1]", "00:00", "23:59", "null", "\"5\""), ERR_BAD_REQUEST},
    {"[{\"days\":[1],\"from\":\"00:00\",\"to\":\"01:00\",\"upload_rate\":null}]", ERR_BAD_REQUEST},
    {"[5]", ERR_BAD_REQUEST},
    {"{}", ERR_BAD_REQUEST},
};

static void only_sound_lists_are_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_t *value = json_loads(lists[i].text, 0, NULL);
        struct timetable timetable;

        print_message("%s\n", lists[i].text);
        assert_non_null(value);
        assert_int_equal(timetable_read(value, &timetable), lists[i].err);
        json_decref(value);
    }
}

static void a_list_has_an_end(void **state)
{
    json_t *row = json_loads(ROW("[1]", "00:00", "23:59", "null", "null"), 0, NULL);
    json_t *rows = json_array();
    struct timetable timetable;

    (void)state;
    for (int i = 0; i < TIMETABLE_MAX; i++) {
        (void)json_array_append(rows, json_array_get(row, 0));
    }
    assert_int_equal(timetable_read(rows, &timetable), OK);
    (void)json_array_append(rows, json_array_get(row, 0));
    assert_int_equal(timetable_read(rows, &timetable), ERR_BAD_REQUEST);
    json_decref(rows);
    json_decref(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_row_holds),
        cmocka_unit_test(every_minute_of_the_week),
        cmocka_unit_test(only_sound_lists_are_taken),
        cmocka_unit_test(a_list_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
