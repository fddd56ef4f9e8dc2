/* As much of cmocka as the codec's unit tests use, for a machine that is only emulated and has no
 * cmocka. A failed assertion ends the program. */
#ifndef TESTS_TOOLS_CROSS_CMOCKA_H
#define TESTS_TOOLS_CROSS_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};

#define cmocka_unit_test(f)                                                                        \
    {                                                                                              \
#f, f                                                                                      \
    }

#define fail_msg(...)                                                                              \
    (fprintf(stderr, "%s:%d: ", __FILE__, __LINE__), fprintf(stderr, __VA_ARGS__),                 \
        fputc('\n', stderr), exit(1))
#define assert_true(c) ((c) ? (void)0 : (void)fail_msg("not so: %s", #c))
#define assert_false(c) assert_true(!(c))
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_int_equal(a, b) assert_true((long long)(a) == (long long)(b))
#define assert_int_not_equal(a, b) assert_true((long long)(a) != (long long)(b))
#define assert_in_range(v, from, to) assert_true((v) >= (from) && (v) <= (to))
#define assert_memory_equal(a, b, len) assert_true(memcmp(a, b, len) == 0)
#define assert_string_equal(a, b) assert_true(strcmp(a, b) == 0)

static inline int run_tests(const struct CMUnitTest *tests, size_t count, CMFixtureFunction setup,
    CMFixtureFunction teardown)
{
    void *state = NULL;

    if (setup != NULL && setup(&state) != 0) {
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        tests[i].run(&state);
        printf("right: %s\n", tests[i].name);
    }
    return teardown != NULL ? teardown(&state) : 0;
}

#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    run_tests(tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)

#endif
