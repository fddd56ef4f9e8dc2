/* The worked examples of docs/format.md, section 10: the golden values of these tests, so that the
 * page and the program cannot drift apart. A line is `    name = hex` (more hex on lines that are
 * indented by 8) or `    name = "text"`. */
#ifndef TESTS_GOLDEN_FORMAT_FORMAT_EXAMPLE_H
#define TESTS_GOLDEN_FORMAT_FORMAT_EXAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

#ifndef TEST_DATA_DIR /* the build names it; so that this header compiles alone */
#define TEST_DATA_DIR "tests"
#endif

enum { FORMAT_LINE_MAX = 4096 };

static inline void format_append_hex(const char *hex, struct buf *out)
{
    static const char digits[] = "0123456789abcdef";

    for (; *hex != '\0' && strchr(digits, *hex) != NULL; hex += 2) {
        const char *high = strchr(digits, hex[0]);
        const char *low = hex[1] == '\0' ? NULL : strchr(digits, hex[1]);

        assert_true(high != NULL && low != NULL);
        assert_int_equal(
            buf_append_byte(out, (uint8_t)((high - digits) << 4 | (low - digits))), OK);
    }
    assert_true(*hex == '\n' || *hex == '\0');
}

/* Append the value of a line that begins with `value`: hex, or text in quotes. */
static inline void format_append(const char *value, struct buf *out)
{
    if (value[0] == '"') {
        assert_int_equal(buf_append(out, bytes_at(value + 1, strcspn(value + 1, "\""))), OK);
    } else {
        format_append_hex(value, out);
    }
}

/* Append the example called `name` to *out; the test fails when the page has none. */
static inline void format_example(const char *name, struct buf *out)
{
    FILE *page = fopen(TEST_DATA_DIR "/../docs/format.md", "r");
    char line[FORMAT_LINE_MAX];
    size_t len = strlen(name);
    bool found = false;

    assert_non_null(page);
    while (fgets(line, sizeof(line), page) != NULL) {
        if (found && strncmp(line, "        ", 8) == 0) {
            format_append_hex(line + 8, out);
        } else if (found) {
            break;
        } else if (strncmp(line, "    ", 4) == 0 && strncmp(line + 4, name, len) == 0 &&
                   strncmp(line + 4 + len, " = ", 3) == 0) {
            found = true;
            format_append(line + 4 + len + 3, out);
        }
    }
    (void)fclose(page);
    if (!found || out->len == 0) {
        fail_msg("docs/format.md has no example \"%s\"", name);
        abort();
    }
}

/* Is this exactly the example? */
static inline void format_assert(const char *name, struct bytes got)
{
    struct buf want = {0};

    format_example(name, &want);
    if (!bytes_equal(got, buf_view(&want))) {
        fail_msg("not what docs/format.md says: \"%s\"", name);
    }
    buf_clear(&want);
}

/* The bytes from `first` on that the examples use for keys and ids. */
static inline void format_count_up(uint8_t first, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(first + i);
    }
}

#endif
