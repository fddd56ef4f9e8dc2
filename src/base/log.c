/* The log's one door to the outside. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

enum { LOG_LINE_MAX = 1024 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum log_level shown = LOG_WARN;
static log_sink_fn sink_fn;
static void *sink_arg;

void log_setup(enum log_level level, log_sink_fn sink, void *arg)
{
    shown = level;
    sink_fn = sink;
    sink_arg = arg;
}

static void to_stderr(enum log_level level, const char *room, const char *line)
{
    struct timespec now;
    struct tm tm;
    char stamp[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
    fprintf(stderr, "%s.%03ldZ %s %s %s\n", stamp, now.tv_nsec / 1000000, level_names[level], room,
        line);
}

void log_write(enum log_level level, const char *room, const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list args;

    if (level > shown) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    pthread_mutex_lock(&lock);
    if (sink_fn != NULL) {
        sink_fn(sink_arg, level, room, line);
    } else {
        to_stderr(level, room, line);
    }
    pthread_mutex_unlock(&lock);
}
