/* Ignore rules: a table of what gitignore(5) promises, limits, patterns made to be slow, and, where
 * git is installed, hundreds of random rules and paths against `git check-ignore`. */
#include "flow/index/ignore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

static enum ignore_verdict judge(const char *rules, const char *path)
{
    struct ignore *ignore = NULL;
    enum ignore_verdict verdict;
    struct bytes in = bytes_str(path);
    enum ignore_kind kind = IGNORE_NO_FOLDER;

    if (in.len > 0 && in.ptr[in.len - 1] == '/') {
        kind = IGNORE_FOLDER;
        in.len--;
    }
    assert_int_equal(ignore_new(bytes_str(rules), &ignore), OK);
    verdict = ignore_match(ignore, in, kind);
    ignore_free(ignore);
    return verdict;
}

static const struct {
    const char *rules, *path; /* a folder ends with '/' */
    enum ignore_verdict want;
} rows[] = {
    {"", "a", IGNORE_SILENT},
    {"\n\n", "a", IGNORE_SILENT},
    {"a", "a", IGNORE_LEAVE_OUT},
    {"a", "b/a", IGNORE_LEAVE_OUT},
    {"a", "ab", IGNORE_SILENT},
    {"a\r\n", "a", IGNORE_LEAVE_OUT},
    {"\xef\xbb\xbf"
     "a",
        "a", IGNORE_LEAVE_OUT},
    /* comments, spaces, escapes */
    {"#a", "#a", IGNORE_SILENT},
    {"\\#a", "#a", IGNORE_LEAVE_OUT},
    {"a#b", "a#b", IGNORE_LEAVE_OUT},
    {"a  ", "a", IGNORE_LEAVE_OUT},
    {"a  ", "a  ", IGNORE_SILENT},
    {"a\\ ", "a ", IGNORE_LEAVE_OUT},
    {"a\\  ", "a ", IGNORE_LEAVE_OUT},
    {" a", " a", IGNORE_LEAVE_OUT},
    {"a b", "a b", IGNORE_LEAVE_OUT},
    {"a\t", "a", IGNORE_SILENT},
    {"\\!a", "!a", IGNORE_LEAVE_OUT},
    {"\\a", "a", IGNORE_LEAVE_OUT},
    {"a\\", "a", IGNORE_SILENT},
    {"a\\", "a\\", IGNORE_SILENT},
    {"a\\\\", "a\\", IGNORE_LEAVE_OUT},
    {"\\*", "*", IGNORE_LEAVE_OUT},
    {"\\*", "a", IGNORE_SILENT},
    /* what comes last decides */
    {"a\n!a", "a", IGNORE_KEEP},
    {"!a\na", "a", IGNORE_LEAVE_OUT},
    {"*\n!*.c", "x.c", IGNORE_KEEP},
    {"*\n!*.c", "x.h", IGNORE_LEAVE_OUT},
    {"!", "a", IGNORE_SILENT},
    /* folders */
    {"a/", "a", IGNORE_SILENT},
    {"a/", "a/", IGNORE_LEAVE_OUT},
    {"a/", "b/a/", IGNORE_LEAVE_OUT},
    {"a", "a/", IGNORE_LEAVE_OUT},
    {"/", "a/", IGNORE_SILENT},
    {"//", "a/", IGNORE_SILENT},
    {"a//", "a/", IGNORE_SILENT},
    /* anchors */
    {"/a", "a", IGNORE_LEAVE_OUT},
    {"/a", "b/a", IGNORE_SILENT},
    {"a/b", "a/b", IGNORE_LEAVE_OUT},
    {"a/b", "c/a/b", IGNORE_SILENT},
    {"/a/", "a/", IGNORE_LEAVE_OUT},
    {"a/*", "a/b", IGNORE_LEAVE_OUT},
    {"a/*", "a/b/c", IGNORE_SILENT},
    {"/*.c", "x.c", IGNORE_LEAVE_OUT},
    {"/*.c", "a/x.c", IGNORE_SILENT},
    /* stars */
    {"*", "a", IGNORE_LEAVE_OUT},
    {"*.o", "a/b.o", IGNORE_LEAVE_OUT},
    {"*.o", ".o", IGNORE_LEAVE_OUT},
    {"a*c", "abc", IGNORE_LEAVE_OUT},
    {"a*c", "ac", IGNORE_LEAVE_OUT},
    {"a*c", "a/c", IGNORE_SILENT},
    {"a*b*c", "axbxbxc", IGNORE_LEAVE_OUT},
    {"a?c", "abc", IGNORE_LEAVE_OUT},
    {"a?c", "ac", IGNORE_SILENT},
    {"a/?", "a//", IGNORE_SILENT},
    {"foo/*/bar", "foo/a/bar", IGNORE_LEAVE_OUT},
    {"foo/*/bar", "foo/a/b/bar", IGNORE_SILENT},
    {"**/a", "a", IGNORE_LEAVE_OUT},
    {"**/a", "b/c/a", IGNORE_LEAVE_OUT},
    {"**/a", "b/ca", IGNORE_SILENT},
    {"**/a/b", "x/a/b", IGNORE_LEAVE_OUT},
    {"a/**", "a/b/c", IGNORE_LEAVE_OUT},
    {"a/**", "a/", IGNORE_SILENT},
    {"a/**/b", "a/b", IGNORE_LEAVE_OUT},
    {"a/**/b", "a/x/y/b", IGNORE_LEAVE_OUT},
    {"a/**/b", "a/xb", IGNORE_SILENT},
    {"a/**/b", "ab", IGNORE_SILENT},
    {"/a/**b", "a/x/b", IGNORE_SILENT},
    {"/a/**b", "a/xb", IGNORE_LEAVE_OUT},
    {"**", "a/b", IGNORE_LEAVE_OUT},
    {"/**", "a/b", IGNORE_LEAVE_OUT},
    {"***", "a", IGNORE_LEAVE_OUT},
    {"/**/**/a", "a", IGNORE_LEAVE_OUT},
    {"/**/**/a", "b/a", IGNORE_LEAVE_OUT},
    {"/x/**/y/**/z", "x/y/z", IGNORE_LEAVE_OUT},
    {"/x/**/y/**/z", "x/1/y/2/3/z", IGNORE_LEAVE_OUT},
    {"/x/**/y/**/z", "x/1/2/3/z", IGNORE_SILENT},
    /* sets */
    {"[ab]", "a", IGNORE_LEAVE_OUT},
    {"[ab]", "c", IGNORE_SILENT},
    {"[a-c]", "b", IGNORE_LEAVE_OUT},
    {"[!a-c]", "b", IGNORE_SILENT},
    {"[^a-c]", "d", IGNORE_LEAVE_OUT},
    {"[]]", "]", IGNORE_LEAVE_OUT},
    {"[!]]", "]", IGNORE_SILENT},
    {"[a-]", "-", IGNORE_LEAVE_OUT},
    {"[-a]", "-", IGNORE_LEAVE_OUT},
    {"[\\]]", "]", IGNORE_LEAVE_OUT},
    {"[[:digit:]]", "7", IGNORE_LEAVE_OUT},
    {"[[:digit:]]", "x", IGNORE_SILENT},
    {"[[:blank:]]x", " x", IGNORE_LEAVE_OUT},
    {"[[:nonsense:]]", "n", IGNORE_SILENT},
    {"[[:digit]", "d", IGNORE_LEAVE_OUT},
    {"[[:digit]", ":", IGNORE_LEAVE_OUT},
    {"[a", "a", IGNORE_SILENT},
    {"[a", "[a", IGNORE_SILENT},
    {"x[!a]y/z", "x/y/z", IGNORE_SILENT},
    {"a/[!b]c", "a/xc", IGNORE_LEAVE_OUT},
    /* names are bytes */
    {"\xff?", "\xff\xfe", IGNORE_LEAVE_OUT},
    {"[\x80-\xff]", "\xc3", IGNORE_LEAVE_OUT},
    {"A", "a", IGNORE_SILENT},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum ignore_verdict got = judge(rows[i].rules, rows[i].path);

        if (got != rows[i].want) {
            fail_msg("\"%s\" on \"%s\": %d, not %d", rows[i].rules, rows[i].path, (int)got,
                (int)rows[i].want);
        }
    }
}

static void a_nul_ends_a_rule(void **state)
{
    struct ignore *ignore = NULL;

    (void)state;
    assert_int_equal(ignore_new(bytes_at("a\0b\nc", 5), &ignore), OK);
    assert_int_equal(ignore_match(ignore, bytes_str("a"), IGNORE_NO_FOLDER), IGNORE_LEAVE_OUT);
    assert_int_equal(ignore_match(ignore, bytes_str("b"), IGNORE_NO_FOLDER), IGNORE_SILENT);
    assert_int_equal(ignore_match(ignore, bytes_str("c"), IGNORE_NO_FOLDER), IGNORE_LEAVE_OUT);
    ignore_free(ignore);
}

static enum err try_text(size_t lines, size_t len)
{
    struct buf text = {0};
    struct ignore *ignore = NULL;
    enum err err;

    for (size_t i = 0; i < lines; i++) {
        for (size_t k = 0; k < len; k++) {
            assert_int_equal(buf_append_byte(&text, 'a'), OK);
        }
        assert_int_equal(buf_append_byte(&text, '\n'), OK);
    }
    err = ignore_new(buf_view(&text), &ignore);
    buf_clear(&text);
    ignore_free(ignore);
    return err;
}

static void limits(void **state)
{
    (void)state;
    assert_int_equal(try_text(IGNORE_RULES_MAX, 1), OK);
    assert_int_equal(try_text(IGNORE_RULES_MAX + 1, 1), ERR_LIMIT);
    assert_int_equal(try_text(1, IGNORE_PATTERN_MAX), OK);
    assert_int_equal(try_text(1, IGNORE_PATTERN_MAX + 1), ERR_LIMIT);
    assert_int_equal(try_text(IGNORE_TEXT_MAX / 1000 + 1, 999), ERR_LIMIT);
    assert_true(ignore_is_empty(NULL));
    assert_int_equal(ignore_match(NULL, bytes_str("a"), IGNORE_NO_FOLDER), IGNORE_SILENT);
}

/* What backtracking would need longer for than the world is old. */
static void nothing_is_slow(void **state)
{
    static const char *const parts[] = {"**/", "*a", "a*", "*/**/", "[ab]*", "**/a*/"};
    char path[4001];
    clock_t start = clock();

    (void)state;
    memset(path, 'a', 4000);
    for (size_t i = 0; i < 4000; i += 2) {
        path[i + 1] = i % 14 == 0 ? '/' : 'a';
    }
    path[3999] = 'a';
    path[4000] = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct buf rule = {0};

        while (rule.len + strlen(parts[i]) + 3 < 1000) {
            assert_int_equal(buf_append_str(&rule, parts[i]), OK);
        }
        assert_int_equal(buf_append(&rule, bytes_at("/b", 3)), OK);
        assert_int_equal(judge((char *)rule.ptr, path), IGNORE_SILENT);
        buf_clear(&rule);
    }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
}

/* --- against git -------------------------------------------------------------------------------
 */

enum { ROUNDS = 60, PATHS = 40, FILES = 4 };

static unsigned roll(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245U + 12345U;
    return (*seed >> 16) % below;
}

static void add(struct buf *out, const char *part)
{
    assert_int_equal(buf_append_str(out, part), OK);
}

static void random_rule(unsigned *seed, struct buf *out)
{
    static const char *const parts[] = {"a", "b", "ab", "*", "**", "/", "?", "[ab]", "[!a]", "\\a",
        "c", "/", "**/", "/**", "\\*", "[a-c]", "/", "d", " ", "\\ ", "[", "]", "\\", "-"};
    unsigned count = 1 + roll(seed, 6);

    if (roll(seed, 4) == 0) {
        add(out, "!");
    }
    if (roll(seed, 5) == 0) {
        add(out, "/");
    }
    for (unsigned i = 0; i < count; i++) {
        add(out, parts[roll(seed, sizeof(parts) / sizeof(parts[0]))]);
    }
    if (roll(seed, 4) == 0) {
        add(out, "/");
    }
}

static void random_path(unsigned *seed, struct buf *out)
{
    static const char *const names[] = {
        "a", "b", "ab", "aa", "abc", "c", "d", "a b", "ba", "*", "a ", "cab"};
    unsigned count = 1 + roll(seed, 4);

    for (unsigned i = 0; i < count; i++) {
        add(out, i > 0 ? "/" : "");
        add(out, names[roll(seed, sizeof(names) / sizeof(names[0]))]);
    }
}

static void write_text(const char *dir, const char *name, struct bytes text)
{
    char path[200];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

/* As a walk does it: a folder that is left out takes all below with it. */
static bool left_out(const struct ignore *rules, const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 1; i <= len; i++) {
        enum ignore_kind kind = i < len ? IGNORE_FOLDER : IGNORE_NO_FOLDER;

        if ((i == len || path[i] == '/') &&
            ignore_match(rules, bytes_at(path, i), kind) == IGNORE_LEAVE_OUT) {
            return true;
        }
    }
    return false;
}

/* One set of rules and some paths that do not exist (git then takes them for files). */
static void one_round(const char *dir, unsigned *seed)
{
    char paths[PATHS][40];
    bool git_says[PATHS] = {false};
    struct buf text = {0}, list = {0};
    struct ignore *rules = NULL;
    char command[400], line[300];
    FILE *git;

    for (unsigned i = 0, count = 1 + roll(seed, 4); i < count; i++) {
        random_rule(seed, &text);
        add(&text, "\n");
    }
    for (size_t i = 0; i < PATHS; i++) {
        struct buf path = {0};

        random_path(seed, &path);
        assert_true(path.len < sizeof(paths[i]));
        memcpy(paths[i], path.ptr, path.len);
        paths[i][path.len] = 0;
        buf_clear(&path);
        assert_int_equal(buf_append(&list, bytes_at(paths[i], strlen(paths[i]) + 1)), OK);
    }
    write_text(dir, ".gitignore", buf_view(&text));
    write_text(dir, "list", buf_view(&list));
    (void)snprintf(command, sizeof(command),
        "cd %s && git check-ignore --no-index -z --stdin < list | tr '\\0' '\\n'", dir);
    git = popen(command, "r");
    assert_non_null(git);
    while (fgets(line, sizeof(line), git) != NULL) {
        line[strcspn(line, "\n")] = 0;
        for (size_t i = 0; i < PATHS; i++) {
            git_says[i] |= strcmp(paths[i], line) == 0;
        }
    }
    (void)pclose(git);
    assert_int_equal(ignore_new(buf_view(&text), &rules), OK);
    for (size_t i = 0; i < PATHS; i++) {
        if (left_out(rules, paths[i]) != git_says[i]) {
            fail_msg("git says %s of \"%s\" under\n%.*s", git_says[i] ? "ignored" : "kept",
                paths[i], (int)text.len, (const char *)text.ptr);
        }
    }
    ignore_free(rules);
    buf_clear(&text);
    buf_clear(&list);
}

static void as_git_does(void **state)
{
    char dir[] = "/tmp/test_ignore.XXXXXX";
    char command[100];
    unsigned seed = 20;

    (void)state;
    if (system("git --version >/dev/null 2>&1") != 0) {
        skip();
    }
    assert_non_null(mkdtemp(dir));
    (void)snprintf(command, sizeof(command), "git init -q %s", dir);
    assert_int_equal(system(command), 0);
    for (int i = 0; i < ROUNDS; i++) {
        one_round(dir, &seed);
    }
    (void)snprintf(command, sizeof(command), "rm -rf %s", dir);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(a_nul_ends_a_rule),
        cmocka_unit_test(limits),
        cmocka_unit_test(nothing_is_slow),
        cmocka_unit_test(as_git_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
