/* A log file that cannot fill the disk. base/log calls the sink one line at a time. */
#include "app/daemon/daemon_log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"

static struct {
    FILE *file;
    long len;
    char path[PATH_MAX];
} log_file;

static void open_file(void)
{
    struct stat st;

    log_file.file = fopen(log_file.path, "ae");
    log_file.len =
        log_file.file != NULL && fstat(fileno(log_file.file), &st) == 0 ? (long)st.st_size : 0;
}

static void rotate(void)
{
    char old[PATH_MAX + 2];

    (void)fclose(log_file.file);
    (void)snprintf(old, sizeof(old), "%s.1", log_file.path);
    (void)rename(log_file.path, old);
    open_file();
}

/* Nothing can be said about a log that cannot be written. */
static void to_file(void *arg, enum log_level level, const char *room, const char *line)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    struct timespec now;
    struct tm tm;
    char stamp[32];
    int len;

    (void)arg;
    if (log_file.file == NULL) {
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &tm);
    (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
    len = fprintf(log_file.file, "%s.%03ldZ %s %s %s\n", stamp, now.tv_nsec / 1000000, names[level],
        room, line);
    (void)fflush(log_file.file);
    log_file.len += len > 0 ? len : 0;
    if (log_file.len > DAEMON_LOG_MAX) {
        rotate();
    }
}

enum err daemon_log_start(const char *folder)
{
    int len = snprintf(log_file.path, sizeof(log_file.path), "%s/daemon.log", folder);

    if (len >= (int)sizeof(log_file.path)) {
        return ERR_LIMIT;
    }
    open_file();
    if (log_file.file == NULL) {
        return err_from_errno(errno);
    }
    log_setup(LOG_INFO, to_file, NULL);
    return OK;
}

void daemon_log_stop(void)
{
    log_setup(LOG_INFO, NULL, NULL);
    if (log_file.file != NULL) {
        (void)fclose(log_file.file);
        log_file.file = NULL;
    }
}
