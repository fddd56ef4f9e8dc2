/* The page stays where it was; takes what it wants when that is free; and goes elsewhere when not.
 */
#include "app/web/web_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define HERE "127.0.0.1"

static char folder[64];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/usenetsync-port-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    char path[80];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/page-port", folder);
    (void)unlink(path);
    return rmdir(folder);
}

/* Listen on any port: its number, and the socket that holds it. */
static uint16_t take_port(int *fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);

    assert_int_equal(inet_pton(AF_INET, HERE, &at.sin_addr), 1);
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(*fd >= 0);
    assert_int_equal(bind(*fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(*fd, 1), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
    return ntohs(at.sin_port);
}

/* One that is free now: it was just given back. */
static uint16_t free_port(void)
{
    int fd;
    uint16_t port = take_port(&fd);

    (void)close(fd);
    return port;
}

static void test_wanted(void **state)
{
    uint16_t wanted = free_port();
    int fd;

    (void)state;
    assert_int_equal(web_port_choose(folder, HERE, wanted), wanted);
    assert_int_equal(web_port_choose(folder, HERE, 0), 0);
    wanted = take_port(&fd);
    assert_int_equal(web_port_choose(folder, HERE, wanted), 0);
    (void)close(fd);
}

static void test_stays(void **state)
{
    int fd;
    uint16_t taken = take_port(&fd), had = free_port(), other = free_port();

    (void)state;
    web_port_remember(folder, taken, had); /* what was wanted was taken then, too */
    assert_int_equal(web_port_choose(folder, HERE, taken), had);
    (void)close(fd);
    assert_int_equal(web_port_choose(folder, HERE, taken), had); /* also when it is not any more */
    assert_int_equal(web_port_choose(folder, HERE, other), other);
    assert_int_equal(web_port_choose(folder, HERE, 0), 0);
    web_port_remember(folder, 0, had);
    assert_int_equal(web_port_choose(folder, HERE, 0), had);
}

static void test_had_is_taken_now(void **state)
{
    int fd;
    uint16_t had = take_port(&fd), wanted = free_port();

    (void)state;
    web_port_remember(folder, wanted, had);
    assert_int_equal(web_port_choose(folder, HERE, wanted), wanted);
    web_port_remember(folder, 0, had);
    assert_int_equal(web_port_choose(folder, HERE, 0), 0);
    (void)close(fd);
}

static void test_damaged_file(void **state)
{
    static const char *const texts[] = {
        "", "x", "99999999 0", "-5 0", "80", "1 2 3 4 5 6 7 8 9 0 1 2"};
    char path[80];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/page-port", folder);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        (void)fputs(texts[i], file);
        (void)fclose(file);
        assert_int_equal(web_port_choose(folder, HERE, 0), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_wanted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_had_is_taken_now, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
