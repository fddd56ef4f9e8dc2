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
    const char *listen; /* "": no page */
    int port;
    int tls;
    const char *names; /* joined by spaces */
} good[] = {
    {"", "127.0.0.1", WEB_PORT_DEFAULT, 0, ""},
    {"# nothing\n; at all\n\n", "127.0.0.1", WEB_PORT_DEFAULT, 0, ""},
    {"[page]\n", "127.0.0.1", WEB_PORT_DEFAULT, 0, ""},
    {"[page]\nport = 9000\n", "127.0.0.1", 9000, 0, ""},
    {"[page]\nport=0", "127.0.0.1", 0, 0, ""},
    {"[page]\nport = 65535 ; the last\n", "127.0.0.1", 65535, 0, ""},
    {"[page]\nlisten = off\n", "", WEB_PORT_DEFAULT, 0, ""},
    {"[page]\nlisten = 127.0.0.1\nport = 1024\n", "127.0.0.1", 1024, 0, ""},
    {"[page]\nlisten = off\nlisten = localhost\n", "127.0.0.1", WEB_PORT_DEFAULT, 0, ""},
    {"[page]\nlisten = 0.0.0.0\nnames = nas.home,10.0.0.5 b\ncertificate = /c.pem\nkey = /k.pem\n",
        "0.0.0.0", WEB_PORT_DEFAULT, 1, "nas.home 10.0.0.5 b"},
    {"[page]\ncertificate = /c.pem\nkey = /k.pem\n", "127.0.0.1", WEB_PORT_DEFAULT, 1, ""},
};

static void test_good(void **state)
{
    struct daemon_config config;
    char said[DAEMON_CONFIG_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        char names[256] = "";
        size_t len = 0;

        print_message("%s\n", good[i].text);
        assert_int_equal(read_text(good[i].text, &config, said), OK);
        assert_string_equal(config.page.listen, good[i].listen);
        assert_int_equal(config.page.port, good[i].port);
        for (unsigned n = 0; n < config.page.names; n++) {
            len += (size_t)snprintf(
                names + len, sizeof(names) - len, "%s%s", n == 0 ? "" : " ", config.page.name[n]);
        }
        assert_string_equal(names, good[i].names);
        assert_int_equal(config.page.certificate[0] != '\0', good[i].tls);
        assert_int_equal(config.page.key[0] != '\0', good[i].tls);
        assert_string_equal(said, "");
    }
}

static const struct {
    const char *text;
    const char *says;
} bad[] = {
    {"[page]\nlisten = 0.0.0.0\n", "other machines may reach the page at 0.0.0.0 only with"},
    {"[page]\nlisten = 10.0.0.5\nnames = nas\n", "other machines may reach the page"},
    {"[page]\nlisten = 10.0.0.5\ncertificate = /c\nkey = /k\n", "other machines may reach"},
    {"[page]\nlisten = 127.0.0.2\n", "other machines may reach the page at 127.0.0.2"},
    {"[page]\ncertificate = /c\n", "needed both"},
    {"[page]\nkey = /k\n", "needed both"},
    {"[page]\ncertificate = c.pem\n", "line 2: certificate and key are absolute"},
    {"[page]\nkey = ~/k.pem\n", "line 2: certificate and key are absolute"},
    {"[page]\nnames = NAS\n", "line 2: names are"},
    {"[page]\nnames = a:8642\n", "line 2: names are"},
    {"[page]\nnames = a b c d e f g h i\n", "line 2: names are up to 8"},
    {"[page]\nlisten = ::1\n", "line 2: listen is an IPv4 address"},
    {"[page]\nlisten = nas.home\n", "line 2: listen is an IPv4 address"},
    {"[page]\nlisten =\n", "line 2: listen is an IPv4 address"},
    {"[page]\n\nport = 80\n", "line 3: port is a number"},
    {"[page]\nport = 65536\n", "line 2: port is a number"},
    {"[page]\nport = -1\n", "line 2: port is a number"},
    {"[page]\nport = 9000x\n", "line 2: port is a number"},
    {"[page]\nport =\n", "line 2: port is a number"},
    {"[page]\nports = 9000\n", "line 2: there is no such setting"},
    {"port = 9000\n", "line 1: [page] and [waits] are the only"},
    {"[web]\nport = 9000\n", "line 2: [page] and [waits] are the only"},
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
    {"[waits]\nconfirm = never\n", "line 2: a wait is a number of seconds"},
    {"[waits]\ncheck = 1 2 3 4 5\n", "line 2: a wait is a number of seconds"},
    {"[waits]\ncheck = 1 never\n", "line 2: a wait is a number of seconds"},
    {"[waits]\nalive = 31622401\n", "line 2: a wait is a number of seconds"},
    {"[waits]\npatience = 1\n", "line 2: there is no such wait"},
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
                               "confirm = 5 60  900 ; three\nread_back = .001\n"
                               "early = 1 60\ncheck = never\nalive = 31622400\n";
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
    assert_int_equal(config.waits.early_ms[1], 60000);
    assert_int_equal(config.waits.early_ms[2], 0);
    assert_int_equal(config.waits.read_back_ms[0], 1);
    assert_int_equal(config.waits.read_back_ms[1], 0);
    assert_true(config.waits.check_ms[0] == CONTROL_WAIT_NEVER);
    assert_true(config.waits.alive_ms == UINT64_C(31622400000));
}

static void test_no_file(void **state)
{
    struct daemon_config config;
    char said[DAEMON_CONFIG_TEXT];

    (void)state;
    assert_int_equal(daemon_config_read(folder, &config, said), OK);
    assert_string_equal(config.page.listen, WEB_LOOPBACK);
    assert_int_equal(config.page.port, WEB_PORT_DEFAULT);
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
