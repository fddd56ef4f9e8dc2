/* Events for eyes: their texts were made safe when they were kept. */
#include "app/control/event_view.h"

#include "base/log.h"

json_t *event_view(const struct store_event *event)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    int level = event->level >= 0 && event->level <= LOG_DEBUG ? event->level : LOG_DEBUG;

    return json_pack("{s:I, s:I, s:I, s:s, s:s%}", "id", (json_int_t)event->id, "job",
        (json_int_t)event->job, "time_ns", (json_int_t)event->time_ns, "level", levels[level],
        "text", (const char *)event->text.ptr, event->text.len);
}
