/* daemon.ini:
 *
 *     [page]
 *     listen = 127.0.0.1          an IPv4 address of this machine, or off
 *     port = 8642                 0: any that is free
 *     names = nas.home, 10.0.0.5  what browsers call it
 *     certificate = /path.pem     TLS
 *     key = /path.pem
 *     [waits]
 *     reply = 60                  and more: docs/waits.md
 */
#include "app/daemon/daemon_config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/daemon/daemon_waits.h"

struct reading {
    struct web_reach *page;
    struct control_waits *waits;
    char *text;
};

static int wrong(const struct reading *reading, const char *sentence)
{
    (void)snprintf(reading->text, DAEMON_CONFIG_TEXT, "%s", sentence);
    return 0;
}

static int take_listen(const struct reading *reading, const char *value)
{
    struct web_reach *page = reading->page;
    struct in_addr address;

    if (strcmp(value, "off") == 0) {
        page->listen[0] = '\0';
        return 1;
    }
    if (strcmp(value, "localhost") == 0) {
        value = WEB_LOOPBACK;
    }
    if (strlen(value) >= sizeof(page->listen) || inet_pton(AF_INET, value, &address) != 1) {
        return wrong(reading, "listen is an IPv4 address of this machine, or off");
    }
    (void)snprintf(page->listen, sizeof(page->listen), "%s", value);
    return 1;
}

static int take_port(const struct reading *reading, const char *value)
{
    char *end = NULL;
    unsigned long port = strtoul(value, &end, 10);

    if (end == value || *end != '\0' || port > UINT16_MAX || (port != 0 && port < 1024)) {
        return wrong(reading, "port is a number from 1024 to 65535, or 0 for any that is free");
    }
    reading->page->port = (uint16_t)port;
    return 1;
}

/* Letters, digits, dots and hyphens: what a browser sends as Host, in lower case. */
static int take_names(const struct reading *reading, const char *value)
{
    struct web_reach *page = reading->page;

    page->names = 0;
    while (*(value += strspn(value, ", ")) != '\0') {
        size_t len = strcspn(value, ", ");

        if (page->names == WEB_NAMES_MAX || len >= WEB_NAME_MAX ||
            strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789.-") < len) {
            return wrong(reading, "names are up to 8 host names or addresses in lower case");
        }
        memcpy(page->name[page->names], value, len);
        page->name[page->names++][len] = '\0';
        value += len;
    }
    return 1;
}

static int take_path(const struct reading *reading, const char *value, char path[PATH_MAX])
{
    if (value[0] != '/' || strlen(value) >= PATH_MAX) {
        return wrong(reading, "certificate and key are absolute paths of PEM files");
    }
    (void)snprintf(path, PATH_MAX, "%s", value);
    return 1;
}

static int take_wait(const struct reading *reading, const char *name, const char *value)
{
    const char *sentence = daemon_waits_take(reading->waits, name, value);

    return sentence == NULL ? 1 : wrong(reading, sentence);
}

/* A line of [page]. */
static int take_page(const struct reading *reading, const char *name, const char *value)
{
    if (strcmp(name, "listen") == 0) {
        return take_listen(reading, value);
    }
    if (strcmp(name, "port") == 0) {
        return take_port(reading, value);
    }
    if (strcmp(name, "names") == 0) {
        return take_names(reading, value);
    }
    if (strcmp(name, "certificate") == 0) {
        return take_path(reading, value, reading->page->certificate);
    }
    if (strcmp(name, "key") == 0) {
        return take_path(reading, value, reading->page->key);
    }
    return wrong(
        reading, "there is no such setting; [page] has listen, port, names, certificate, key");
}

static int on_line(void *arg, const char *section, const char *name, const char *value)
{
    const struct reading *reading = arg;

    if (reading->text[0] != '\0') {
        return 0; /* the first mistake is told */
    }
    if (strcmp(section, "page") == 0) {
        return take_page(reading, name, value);
    }
    if (strcmp(section, "waits") == 0) {
        return take_wait(reading, name, value);
    }
    return wrong(reading, "[page] and [waits] are the only sections");
}

/* What belongs together. */
static bool is_whole(const struct web_reach *page, char text[DAEMON_CONFIG_TEXT])
{
    bool tls = page->certificate[0] != '\0';

    if (tls != (page->key[0] != '\0')) {
        (void)snprintf(text, DAEMON_CONFIG_TEXT,
            "daemon.ini: certificate and key of the page are needed both, or neither");
        return false;
    }
    if (page->listen[0] != '\0' && strcmp(page->listen, WEB_LOOPBACK) != 0 &&
        (!tls || page->names == 0)) {
        (void)snprintf(text, DAEMON_CONFIG_TEXT,
            "daemon.ini: other machines may reach the page at %s only with a certificate, its key "
            "and the names that browsers use",
            page->listen);
        return false;
    }
    return true;
}

enum err daemon_config_read(
    const char *state, struct daemon_config *config, char text[DAEMON_CONFIG_TEXT])
{
    struct reading reading = {&config->page, &config->waits, text};
    char path[PATH_MAX];
    FILE *file;
    int line;

    *config = (struct daemon_config){.page = {.listen = WEB_LOOPBACK, .port = WEB_PORT_DEFAULT}};
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
    return line == 0 && is_whole(&config->page, text) ? OK : ERR_BAD_REQUEST;
}
