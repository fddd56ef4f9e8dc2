/* Any bytes as daemon.ini: they are taken, or a sentence says what is wrong; and what was taken
 * keeps to the rules that other machines depend on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/daemon/daemon_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char folder[] = "/tmp/fuzz-config-XXXXXX";
static char file[sizeof(folder) + 16];

static void clean_up(void)
{
    (void)unlink(file);
    (void)rmdir(folder);
}

static void put(struct bytes text)
{
    FILE *out;

    if (file[0] == '\0') {
        if (mkdtemp(folder) == NULL || atexit(clean_up) != 0) {
            abort();
        }
        (void)snprintf(file, sizeof(file), "%s/daemon.ini", folder);
    }
    out = fopen(file, "w");
    if (out == NULL || fwrite(text.ptr, 1, text.len, out) != text.len || fclose(out) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct daemon_config config;
    char text[DAEMON_CONFIG_TEXT];
    enum err err;

    put(bytes_at(data, len));
    memset(text, 'x', sizeof(text));
    err = daemon_config_read(folder, &config, text);
    if (memchr(text, '\0', sizeof(text)) == NULL || (err != OK) != (text[0] != '\0')) {
        abort();
    }
    if (err == OK && config.page.listen[0] != '\0' &&
        strcmp(config.page.listen, WEB_LOOPBACK) != 0 &&
        (config.page.certificate[0] == '\0' || config.page.key[0] == '\0' ||
            config.page.names == 0)) {
        abort();
    }
    return 0;
}
