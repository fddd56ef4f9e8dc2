/* daemon.ini: what it may say, and what is told when it says something else. */
#include "app/daemon/daemon_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/web/web.h"

static char folder[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/usenetsync-config-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static void path_of_file(char path[80])
{
    (void)snprintf(path, 80, "%s/daemon.ini", folder);
}

static int teardown(void **state)
{
    char path[80];

    (void)state;
    path_of_file(path);
    (void)unlink(path);
    return rmdir(folder);
}

static enum err read_text(
    const char *text, struct daemon_config *config, char said[DAEMON_CONFIG_TEXT])
{
    char path[80];
    FILE *file;

    path_of_file(path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return daemon_config_read(folder, config, said);
}

static const struct {
    const char *text;
    bool page;
    uint16_t port;
} good[] = {
    {"", true, WEB_PORT_DEFAULT},
    {"# nothing\n; at all\n\n", true, WEB_PORT_DEFAULT},
    {"[page]\n", true, WEB_PORT_DEFAULT},
    {"[page]\nport = 9000\n", true, 9000},
    {"[page]\nport=0", true, 0},
    {"[page]\nport = 65535 ; the last\n", true, 65535},
    {"[page]\nlisten = off\n", false, WEB_PORT_DEFAULT},
    {"[page]\nlisten = 127.0.0.1\nport = 1024\n", true, 1024},
    {"[page]\nlisten = off\nlisten = localhost\n", true, WEB_PORT_DEFAULT},
};

static void test_good(void **state)
{
    struct daemon_config config;
    char said[DAEMON_CONFIG_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        print_message("%s\n", good[i].text);
        assert_int_equal(read_text(good[i].text, &config, said), OK);
        assert_int_equal(config.page, good[i].page);
        assert_int_equal(config.port, good[i].port);
        assert_string_equal(said, "");
    }
}

static const struct {
    const char *text;
    const char *says;
} bad[] = {
    {"[page]\nlisten = 0.0.0.0\n", "line 2: the web page is for this machine only"},
    {"[page]\nlisten = ::1\n", "line 2: the web page is for this machine only"},
    {"[page]\nlisten =\n", "line 2: the web page is for this machine only"},
    {"[page]\n\nport = 80\n", "line 3: port is a number"},
    {"[page]\nport = 65536\n", "line 2: port is a number"},
    {"[page]\nport = -1\n", "line 2: port is a number"},
    {"[page]\nport = 9000x\n", "line 2: port is a number"},
    {"[page]\nport =\n", "line 2: port is a number"},
    {"[page]\nports = 9000\n", "line 2: only listen and port"},
    {"port = 9000\n", "line 1: only listen and port"},
    {"[waits]\nreply = 0\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nreply = 0.0001\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nreply = -1\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nreply = 86401\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nreply = nan\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nreply = 1s\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nreply =\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nreply = 1 2\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nconfirm = 1 2 3 4 5 6 7\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nconfirm = 1 x\n", "line 2: a wait is a number of seconds"},
    {"[waits]\npatience = 1\n", "line 2: there is no such wait"},
    {"[web]\nport = 9000\n", "line 2: only listen and port"},
    {"[page]\nport 9000\n", "line 2: this is not"},
    {"[page\n", "line 1: this is not"},
    {"[page]\nport = x\nlisten = y\n", "line 2: port is a number"},
};

static void test_bad(void **state)
{
    struct daemon_config config;
    char said[DAEMON_CONFIG_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        print_message("%s\n", bad[i].text);
        assert_int_equal(read_text(bad[i].text, &config, said), ERR_BAD_REQUEST);
        assert_non_null(strstr(said, bad[i].says));
    }
}

static void test_waits(void **state)
{
    static const char text[] = "[waits]\nreply = 0.25\nslowest_rate = 100000\nretry=2\n"
                               "confirm = 5 60  900 ; three\nread_back = .001\n";
    struct news_settings usual;
    struct daemon_config config;
    char said[DAEMON_CONFIG_TEXT];

    (void)state;
    news_settings_default(&usual);
    assert_int_equal(read_text(text, &config, said), OK);
    assert_int_equal(config.waits.news.reply_ms, 250);
    assert_int_equal(config.waits.news.slowest_rate, 100000);
    assert_int_equal(config.waits.news.retry_ms, 2000);
    assert_int_equal(config.waits.news.greeting_ms, usual.greeting_ms);
    assert_int_equal(config.waits.news.tries, usual.tries);
    assert_int_equal(config.waits.confirm_ms[0], 5000);
    assert_int_equal(config.waits.confirm_ms[1], 60000);
    assert_int_equal(config.waits.confirm_ms[2], 900000);
    assert_int_equal(config.waits.confirm_ms[3], 0);
    assert_int_equal(config.waits.read_back_ms[0], 1);
    assert_int_equal(config.waits.read_back_ms[1], 0);
}

static void test_no_file(void **state)
{
    struct daemon_config config;
    char said[DAEMON_CONFIG_TEXT];

    (void)state;
    assert_int_equal(daemon_config_read(folder, &config, said), OK);
    assert_true(config.page);
    assert_int_equal(config.port, WEB_PORT_DEFAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
        cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_file, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
