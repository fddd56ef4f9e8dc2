/* Which servers may be sent a password. */
#include "app/control/servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *host;
    bool local;
} hosts[] = {
    {"localhost", true},
    {"LocalHost", true},
    {"127.0.0.1", true},
    {"127.255.255.254", true},
    {"::1", true},
    {"::ffff:127.0.0.9", true},
    {"128.0.0.1", false},
    {"126.255.255.255", false},
    {"0.0.0.0", false},
    {"::", false},
    {"::2", false},
    {"::ffff:128.0.0.1", false},
    {"10.0.0.1", false},
    {"news.example.com", false},
    {"localhost.example.com", false},
    {"127.0.0.1.example.com", false},
    {"127.1", false}, /* a name to be looked up, for all we know */
    {"", false},
};

static void only_this_machine_is_local(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (servers_host_is_local(hosts[i].host) != hosts[i].local) {
            fail_msg("\"%s\"", hosts[i].host);
        }
    }
}

static const struct {
    const char *what;
    struct store_provider row;
    bool ok;
} rows[] = {
    {"no user", {.host = "h", .user = ""}, true},
    {"in the clear over a network", {.host = "h", .user = "u"}, false},
    {"TLS", {.host = "h", .user = "u", .tls = 1}, true},
    {"the user wants it", {.host = "h", .user = "u", .plain_password = 1}, true},
    {"this machine", {.host = "127.0.0.1", .user = "u"}, true},
};

static void passwords_are_not_sent_in_the_clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (servers_password_ok(&rows[i].row) != rows[i].ok) {
            fail_msg("%s", rows[i].what);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_this_machine_is_local),
        cmocka_unit_test(passwords_are_not_sent_in_the_clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
