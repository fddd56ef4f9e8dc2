/* The log: one line an event, `time level room what key=value ...`. Never keys, passwords or
 * contents. error = a person must act; warn = we coped; info = milestones; debug = for us. Codecs
 * do not log. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Called with each finished line (no newline), from any thread, one call at a time. */
typedef void (*log_sink_fn)(void *arg, enum log_level level, const char *room, const char *line);

/* Show lines up to `level`; NULL `sink` means stderr. Only app/ calls this, before threads start.
 */
void log_setup(enum log_level level, log_sink_fn sink, void *arg);

/* Write one line for `room`. */
void log_write(enum log_level level, const char *room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(room, ...) log_write(LOG_ERROR, room, __VA_ARGS__)
#define log_warn(room, ...) log_write(LOG_WARN, room, __VA_ARGS__)
#define log_info(room, ...) log_write(LOG_INFO, room, __VA_ARGS__)
#define log_debug(room, ...) log_write(LOG_DEBUG, room, __VA_ARGS__)

#endif
