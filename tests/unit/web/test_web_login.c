/* Tokens are good once and for a minute; sessions need both halves, end, and survive a restart. */
#include "app/web/web_login.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1800000000 };

static char folder[64], path[80];

static struct web_login *fresh(int64_t now)
{
    struct web_login *login = NULL;

    assert_int_equal(web_login_new(path, now, &login), OK);
    return login;
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/usenetsync-login-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/sessions", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

struct visitor {
    struct web_secret token;
    struct web_credentials who;
    struct web_session session;
};

static void log_in(struct web_login *login, int64_t now, struct visitor *v)
{
    assert_int_equal(web_login_token(login, now, &v->token), OK);
    assert_int_equal(web_login_begin(login, v->token.text, now, &v->who, &v->session), OK);
}

static enum err check(struct web_login *login, const struct visitor *v, int64_t now)
{
    struct web_session session = {0, 0};
    enum err err = web_login_check(login, &v->who, now, &session);

    assert_int_equal(session.id != 0, err == OK);
    return err;
}

static enum err check_texts(struct web_login *login, const char *cookie, const char *key)
{
    struct visitor v = {.session.id = 0};

    (void)snprintf(v.who.cookie.text, sizeof(v.who.cookie.text), "%s", cookie);
    (void)snprintf(v.who.key.text, sizeof(v.who.key.text), "%s", key);
    return check(login, &v, NOW);
}

static void test_token_is_good_once(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v, w;

    (void)state;
    log_in(login, NOW, &v);
    assert_int_equal(strlen(v.token.text), WEB_SECRET_TEXT);
    assert_int_equal(web_login_begin(login, v.token.text, NOW, &w.who, &w.session), ERR_LOGIN_LINK);
    assert_int_equal(web_login_tokens(login, NOW), 0);
    web_login_free(login);
}

static void test_token_ends_after_a_minute(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v;

    (void)state;
    assert_int_equal(web_login_token(login, NOW, &v.token), OK);
    assert_int_equal(web_login_tokens(login, NOW + WEB_TOKEN_SECONDS - 1), 1);
    assert_int_equal(
        web_login_begin(login, v.token.text, NOW + WEB_TOKEN_SECONDS, &v.who, &v.session),
        ERR_LOGIN_LINK);
    assert_int_equal(
        web_login_begin(login, v.token.text, NOW - 3600, &v.who, &v.session), ERR_LOGIN_LINK);
    assert_int_equal(
        web_login_begin(login, v.token.text, NOW + WEB_TOKEN_SECONDS - 1, &v.who, &v.session), OK);
    web_login_free(login);
}

static void test_only_so_many_tokens(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v;
    struct web_secret first, other;

    (void)state;
    assert_int_equal(web_login_token(login, NOW, &first), OK);
    for (int i = 0; i < WEB_TOKENS_MAX; i++) {
        assert_int_equal(web_login_token(login, NOW + 1, &other), OK);
    }
    assert_int_equal(web_login_tokens(login, NOW + 1), WEB_TOKENS_MAX);
    assert_int_equal(
        web_login_begin(login, first.text, NOW + 1, &v.who, &v.session), ERR_LOGIN_LINK);
    web_login_free(login);
}

static void test_wrong_tokens(void **state)
{
    static const char *const wrong[] = {"", "0", "no token at all",
        "0000000000000000000000000000000000000000000000000000000000000000"};
    struct web_login *login = fresh(NOW);
    struct visitor v;

    (void)state;
    assert_int_equal(web_login_token(login, NOW, &v.token), OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(web_login_begin(login, wrong[i], NOW, &v.who, &v.session), ERR_LOGIN_LINK);
    }
    v.token.text[WEB_SECRET_TEXT - 1] = '\0'; /* all but the last character */
    assert_int_equal(web_login_begin(login, v.token.text, NOW, &v.who, &v.session), ERR_LOGIN_LINK);
    web_login_free(login);
}

static void test_both_halves(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v, w;

    (void)state;
    log_in(login, NOW, &v);
    log_in(login, NOW, &w);
    assert_int_equal(check(login, &v, NOW), OK);
    assert_int_equal(check_texts(login, v.who.cookie.text, v.who.key.text), OK);
    assert_int_equal(check_texts(login, v.who.cookie.text, ""), ERR_NO_SESSION);
    assert_int_equal(check_texts(login, "", v.who.key.text), ERR_NO_SESSION);
    assert_int_equal(check_texts(login, "", ""), ERR_NO_SESSION);
    assert_int_equal(check_texts(login, v.who.cookie.text, w.who.key.text), ERR_NO_SESSION);
    assert_int_equal(check_texts(login, v.who.key.text, v.who.cookie.text), ERR_NO_SESSION);
    web_login_free(login);
}

static void test_sessions_end(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v, w;
    int64_t now = NOW;

    (void)state;
    log_in(login, NOW, &v);
    log_in(login, NOW, &w);
    while (now + WEB_SESSION_IDLE - 1 < NOW + WEB_SESSION_LIFE) { /* always in use */
        now += WEB_SESSION_IDLE - 1;
        assert_int_equal(web_login_check(login, &v.who, now, &v.session), OK);
    }
    assert_int_equal(v.session.expires, NOW + WEB_SESSION_LIFE);
    assert_int_equal(check(login, &v, NOW + WEB_SESSION_LIFE), ERR_NO_SESSION);
    assert_int_equal(check(login, &w, NOW + WEB_SESSION_IDLE), ERR_NO_SESSION);
    assert_int_equal(web_login_lasts(login, w.session.id, NOW + WEB_SESSION_IDLE), 0);
    web_login_free(login);
}

static void test_logout(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v, w;

    (void)state;
    log_in(login, NOW, &v);
    log_in(login, NOW, &w);
    assert_int_equal(web_login_end(login, v.session.id), 1);
    assert_int_equal(check(login, &v, NOW), ERR_NO_SESSION);
    assert_int_equal(check(login, &w, NOW), OK);
    assert_int_equal(web_login_token(login, NOW, &v.token), OK);
    assert_int_equal(web_login_end(login, 0), 1);
    assert_int_equal(check(login, &w, NOW), ERR_NO_SESSION);
    assert_int_equal(web_login_tokens(login, NOW), 0);
    web_login_free(login);
    login = fresh(NOW); /* the file forgot it too */
    assert_int_equal(check(login, &w, NOW), ERR_NO_SESSION);
    web_login_free(login);
}

static void test_restart(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v;
    struct stat st;

    (void)state;
    log_in(login, NOW, &v);
    web_login_free(login);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    login = fresh(NOW + 10);
    assert_int_equal(check(login, &v, NOW + 10), OK);
    web_login_free(login);
    login = fresh(NOW + 10 + WEB_SESSION_IDLE);
    assert_int_equal(check(login, &v, NOW + 10 + WEB_SESSION_IDLE), ERR_NO_SESSION);
    web_login_free(login);
}

static void test_damaged_file(void **state)
{
    static const char text[] = "x y 1 2\n\n"
                               "00 11 1800000000 1800000000\n"
                               "  1800000000 1800000000\n";
    FILE *file = fopen(path, "w");
    struct web_login *login;

    (void)state;
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    login = fresh(NOW);
    assert_int_equal(check_texts(login, "", ""), ERR_NO_SESSION);
    assert_int_equal(check_texts(login, "00", "11"), ERR_NO_SESSION);
    web_login_free(login);
}

/* The one that is idle longest makes place, and no other. */
static void test_only_so_many_sessions(void **state)
{
    struct web_login *login = fresh(NOW);
    struct visitor v[WEB_SESSIONS_MAX + 1];

    (void)state;
    for (int i = 0; i < WEB_SESSIONS_MAX; i++) {
        log_in(login, NOW + i, &v[i]);
    }
    assert_int_equal(check(login, &v[0], NOW + 100), OK); /* now the second is idle longest */
    log_in(login, NOW + 101, &v[WEB_SESSIONS_MAX]);
    for (int i = 0; i <= WEB_SESSIONS_MAX; i++) {
        assert_int_equal(check(login, &v[i], NOW + 102), i == 1 ? ERR_NO_SESSION : OK);
    }
    web_login_free(login);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_token_is_good_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_token_ends_after_a_minute, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_so_many_tokens, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_tokens, setup, teardown),
        cmocka_unit_test_setup_teardown(test_both_halves, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sessions_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_logout, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_so_many_sessions, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
