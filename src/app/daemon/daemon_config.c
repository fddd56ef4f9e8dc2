/* daemon.ini:
 *
 *     [page]
 *     listen = 127.0.0.1     or off
 *     port = 8642            0: any that is free
 *     [waits]
 *     reply = 60             and more: docs/waits.md
 */
#include "app/daemon/daemon_config.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/daemon/daemon_waits.h"
#include "app/web/web.h"

struct reading {
    struct daemon_config *config;
    char *text;
};

static int wrong(const struct reading *reading, const char *sentence)
{
    (void)snprintf(reading->text, DAEMON_CONFIG_TEXT, "%s", sentence);
    return 0;
}

static int take_listen(const struct reading *reading, const char *value)
{
    if (strcmp(value, "off") == 0) {
        reading->config->page = false;
        return 1;
    }
    if (strcmp(value, "127.0.0.1") == 0 || strcmp(value, "localhost") == 0) {
        reading->config->page = true;
        return 1;
    }
    return wrong(reading,
        "the web page is for this machine only: listen is 127.0.0.1 or off; to reach it from "
        "another machine, forward the port with ssh -L");
}

static int take_port(const struct reading *reading, const char *value)
{
    char *end = NULL;
    unsigned long port = strtoul(value, &end, 10);

    if (end == value || *end != '\0' || port > UINT16_MAX || (port != 0 && port < 1024)) {
        return wrong(reading, "port is a number from 1024 to 65535, or 0 for any that is free");
    }
    reading->config->port = (uint16_t)port;
    return 1;
}

static int take_wait(const struct reading *reading, const char *name, const char *value)
{
    const char *sentence = daemon_waits_take(&reading->config->waits, name, value);

    return sentence == NULL ? 1 : wrong(reading, sentence);
}

static int on_line(void *arg, const char *section, const char *name, const char *value)
{
    const struct reading *reading = arg;

    if (reading->text[0] != '\0') {
        return 0; /* the first mistake is told */
    }
    if (strcmp(section, "page") == 0 && strcmp(name, "listen") == 0) {
        return take_listen(reading, value);
    }
    if (strcmp(section, "page") == 0 && strcmp(name, "port") == 0) {
        return take_port(reading, value);
    }
    if (strcmp(section, "waits") == 0) {
        return take_wait(reading, name, value);
    }
    return wrong(reading, "only listen and port of [page], and [waits], can be set here");
}

enum err daemon_config_read(
    const char *state, struct daemon_config *config, char text[DAEMON_CONFIG_TEXT])
{
    struct reading reading = {config, text};
    char path[PATH_MAX];
    FILE *file;
    int line;

    *config = (struct daemon_config){.page = true, .port = WEB_PORT_DEFAULT};
    control_waits_default(&config->waits);
    text[0] = '\0';
    (void)snprintf(path, sizeof(path), "%.4080s/daemon.ini", state);
    file = fopen(path, "re");
    if (file == NULL) {
        return errno == ENOENT ? OK : err_from_errno(errno);
    }
    line = ini_parse_file(file, on_line, &reading);
    (void)fclose(file);
    if (line != 0) {
        char sentence[DAEMON_CONFIG_TEXT];

        (void)snprintf(sentence, sizeof(sentence), "daemon.ini line %d: %.200s", line,
            text[0] != '\0' ? text : "this is not `name = value`");
        (void)snprintf(text, DAEMON_CONFIG_TEXT, "%s", sentence);
    }
    return line == 0 ? OK : ERR_BAD_REQUEST;
}
