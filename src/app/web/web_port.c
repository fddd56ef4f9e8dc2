/* Which port, tried and remembered. */
#include "app/web/web_port.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "io/disk/disk_file.h"

enum { TEXT_MAX = 16 };

static void path_of(const char *state, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%.4080s/page-port", state);
}

/* What was had last by somebody who wanted `wanted`: the file holds both. */
static uint16_t remembered(const char *state, uint16_t wanted)
{
    char path[PATH_MAX], *at, *end;
    struct buf text = {0};
    unsigned long had = 0, for_one = UINT16_MAX + 1UL;

    path_of(state, path);
    if (disk_slurp(path, TEXT_MAX, &text) == OK && buf_append_byte(&text, '\0') == OK) {
        had = strtoul((const char *)text.ptr, &at, 10);
        for_one = strtoul(at, &end, 10);
        had = end == at ? 0 : had;
    }
    buf_clear(&text);
    return had <= UINT16_MAX && for_one == wanted ? (uint16_t)had : 0;
}

static bool is_free(const char *listen_on, uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    bool good;

    if (fd < 0) {
        return false;
    }
    (void)inet_pton(AF_INET, listen_on, &at.sin_addr);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    good = bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1) == 0;
    (void)close(fd);
    return good;
}

uint16_t web_port_choose(const char *state, const char *listen_on, uint16_t wanted)
{
    uint16_t last = remembered(state, wanted);

    if (last != 0 && is_free(listen_on, last)) {
        return last;
    }
    if (wanted != 0 && is_free(listen_on, wanted)) {
        return wanted;
    }
    if (wanted != 0) {
        log_warn("web", "port %u is taken; the page gets another", (unsigned)wanted);
    }
    return 0;
}

void web_port_remember(const char *state, uint16_t wanted, uint16_t port)
{
    char path[PATH_MAX];
    struct buf text = {0};
    enum err err = OK;

    path_of(state, path);
    if (remembered(state, wanted) != port) {
        err = buf_printf(&text, "%u %u\n", (unsigned)port, (unsigned)wanted);
    }
    if (err == OK && text.len > 0) {
        err = disk_replace(path, buf_view(&text), 0600);
    }
    if (err != OK) {
        log_warn("web", "the page's port cannot be written down err=%s", err_name(err));
    }
    buf_clear(&text);
}
