/* Memory for secrets: zeros, nobody else's, locked, in no dump, fenced, and wiped. */
#include "base/secret.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PIECES = 400, ROUNDS = 20000, LARGE = 300000 };

/* A sanitizer turns mlock() into nothing: tests/e2e/test_hardened sees what is really locked. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LOCKS = 0 };
#else
enum { LOCKS = 1 };
#endif

struct piece {
    uint8_t *at;
    size_t len;
    uint8_t fill;
};

static bool holds(const uint8_t *at, size_t len, uint8_t byte)
{
    return len == 0 || (at[0] == byte && memcmp(at, at + 1, len - 1) == 0);
}

/* Many pieces come and go, each full of a byte of its own: nobody ever touches another's, and what
 * is new is all zeros. */
static void pieces_are_ones_own(void **state)
{
    static struct piece pieces[PIECES];
    uint32_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct piece *p;

        seed = seed * 1664525U + 1013904223U;
        p = &pieces[(seed >> 8) % PIECES];
        if (p->at != NULL) {
            assert_true(holds(p->at, p->len, p->fill));
            secret_free(p->at);
            p->at = NULL;
            continue;
        }
        p->len = 1 + (seed >> 16) % (i % 100 == 0 ? 40000 : 700);
        p->fill = (uint8_t)(1 + i % 255);
        p->at = secret_new(p->len);
        assert_non_null(p->at);
        assert_int_equal((uintptr_t)p->at % 16, 0);
        assert_true(holds(p->at, p->len, 0));
        memset(p->at, p->fill, p->len);
    }
    for (size_t i = 0; i < PIECES; i++) {
        secret_free(pieces[i].at);
    }
    assert_null(secret_new(0));
    secret_free(NULL);
}

/* What the kernel says of the pages that hold `at`: locked (lo), in no dump (dd). */
static bool has_flag(const void *at, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "re");
    char line[512];
    bool here = false, found = false;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        uintptr_t from, to;

        if (sscanf(line, "%lx-%lx ", &from, &to) == 2) { /* NOLINT(cert-err34-c): ours to read */
            here = (uintptr_t)at >= from && (uintptr_t)at < to;
        } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
            found = found || strstr(line, flag) != NULL;
        }
    }
    (void)fclose(file);
    return found;
}

static void pages_stay_where_they_are(void **state)
{
    uint8_t *small = secret_new(100), *large = secret_new(LARGE);
    char *text = secret_text("a password");
    struct rlimit limit;

    (void)state;
    assert_string_equal(text, "a password");
    assert_true(has_flag(small, " dd"));
    assert_true(has_flag(large + LARGE - 1, " dd"));
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    if (LOCKS && (limit.rlim_cur >= 2 * LARGE || geteuid() == 0)) {
        assert_true(has_flag(small, " lo"));
        assert_true(has_flag(large, " lo"));
        assert_true(has_flag(text, " lo"));
    }
    secret_free(small);
    secret_free(large);
    secret_free(text);
}

/* Beyond the pages of a piece there is nothing. */
static void there_is_a_fence(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    volatile uint8_t *large = secret_new(LARGE);
    pid_t child = fork();
    int status = 0;

    (void)state;
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL);
        (void)close(STDERR_FILENO);
        large[(LARGE + page - 1) / page * page] = 1;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    secret_free((void *)(uintptr_t)large);
}

/* Where a piece was, there are zeros: read the page, not the piece, which a sanitizer guards. */
static void what_is_given_back_is_wiped(void **state)
{
    uint8_t *keep = secret_new(64), *gone = secret_new(64), *again;

    (void)state;
    memset(gone, 0x5a, 64);
    secret_free(gone);
    again = secret_new(64);
    assert_ptr_equal(again, gone); /* the first that fits */
    assert_true(holds(again, 64, 0));
    secret_free(again);
    secret_free(keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_ones_own),
        cmocka_unit_test(pages_stay_where_they_are),
        cmocka_unit_test(there_is_a_fence),
        cmocka_unit_test(what_is_given_back_is_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
