/* Rows of a week. */
#include "app/control/timetable.h"

#include <stdbool.h>
#include <string.h>

enum { DAYS = 7, RATE_MIN = 1024 };

/* "HH:MM" */
static enum err read_time(const json_t *value, int *minute)
{
    const char *text = json_string_value(value);

    if (text == NULL || strlen(text) != 5 || text[2] != ':') {
        return ERR_BAD_REQUEST;
    }
    for (int i = 0; i < 5; i++) {
        if (i != 2 && (text[i] < '0' || text[i] > '9')) {
            return ERR_BAD_REQUEST;
        }
    }
    *minute = ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
    return *minute < TIMETABLE_DAY && text[3] < '6' ? OK : ERR_BAD_REQUEST;
}

/* null: no limit; 0: nothing; else a rate. */
static enum err read_rate(const json_t *value, int64_t *rate)
{
    json_int_t number = json_integer_value(value);

    if (json_is_null(value)) {
        *rate = 0;
        return OK;
    }
    if (!json_is_integer(value) || (number != 0 && number < RATE_MIN)) {
        return ERR_BAD_REQUEST;
    }
    *rate = number == 0 ? TIMETABLE_PAUSE : number;
    return OK;
}

static enum err read_days(const json_t *list, unsigned *days)
{
    const json_t *day;
    size_t i;

    *days = 0;
    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > DAYS) {
        return ERR_BAD_REQUEST;
    }
    json_array_foreach(list, i, day)
    {
        if (!json_is_integer(day) || json_integer_value(day) < 1 ||
            json_integer_value(day) > DAYS) {
            return ERR_BAD_REQUEST;
        }
        *days |= 1U << json_integer_value(day);
    }
    return OK;
}

static enum err read_row(const json_t *object, struct timetable_row *row)
{
    enum err err = read_days(json_object_get(object, "days"), &row->days);

    if (err == OK) {
        err = read_time(json_object_get(object, "from"), &row->from);
    }
    if (err == OK) {
        err = read_time(json_object_get(object, "to"), &row->to);
    }
    if (err == OK) {
        err = read_rate(json_object_get(object, "upload_rate"), &row->up);
    }
    return err == OK ? read_rate(json_object_get(object, "download_rate"), &row->down) : err;
}

enum err timetable_read(const json_t *list, struct timetable *timetable)
{
    enum err err =
        json_is_array(list) && json_array_size(list) <= TIMETABLE_MAX ? OK : ERR_BAD_REQUEST;

    timetable->count = 0;
    while (err == OK && timetable->count < json_array_size(list)) {
        err = read_row(json_array_get(list, timetable->count), &timetable->rows[timetable->count]);
        timetable->count++;
    }
    if (err != OK) {
        timetable->count = 0;
    }
    return err;
}

static bool has_day(const struct timetable_row *row, int day)
{
    return (row->days & 1U << day) != 0;
}

static bool holds(const struct timetable_row *row, int day, int minute)
{
    int before = day > 1 ? day - 1 : DAYS;

    if (row->from < row->to) {
        return has_day(row, day) && minute >= row->from && minute < row->to;
    }
    return (has_day(row, day) && minute >= row->from) || (has_day(row, before) && minute < row->to);
}

const struct timetable_row *timetable_at(const struct timetable *timetable, int day, int minute)
{
    for (size_t i = 0; i < timetable->count; i++) {
        if (holds(&timetable->rows[i], day, minute)) {
            return &timetable->rows[i];
        }
    }
    return NULL;
}
