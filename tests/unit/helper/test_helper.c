/* A helper process for real: this test's program once more. It is asked to do what it may, and, as
 * if it were no longer ours, what it may not: leave its folder, reach the network, become another
 * program. */
#include "io/helper/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "far_side.h"

#define WORD "test-helper"

enum { ROOM = 1 << 20, CALLERS = 6, CALLS = 200 };

struct scene {
    char root[64];
    char outside[64]; /* root/outside, with f and d/ */
    int folder;       /* root/inside */
    struct helper *helper;
};

static void path_in(const struct scene *s, const char *name, char path[128])
{
    (void)snprintf(path, 128, "%s/%s", s->root, name);
}

static void start(struct scene *s)
{
    const struct helper_options options = {.program = "/proc/self/exe",
        .word = WORD,
        .channels = 4,
        .patience_ms = 100,
        .room = ROOM,
        .answer_len = sizeof(struct answer)};

    assert_int_equal(helper_start(&options, &s->helper), OK);
    assert_int_equal(helper_open(s->helper, s->folder), OK);
}

static int setup(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));
    char path[128];

    assert_non_null(s);
    (void)snprintf(s->root, sizeof(s->root), "/tmp/helper-test-XXXXXX");
    assert_non_null(mkdtemp(s->root));
    (void)snprintf(s->outside, sizeof(s->outside), "%.50s/outside", s->root);
    assert_int_equal(mkdir(s->outside, 0700), 0);
    path_in(s, "outside/d", path);
    assert_int_equal(mkdir(path, 0700), 0);
    path_in(s, "outside/f", path);
    assert_int_equal(mknod(path, S_IFREG | 0600, 0), 0);
    path_in(s, "inside", path);
    assert_int_equal(mkdir(path, 0700), 0);
    s->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    start(s);
    *state = s;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int teardown(void **state)
{
    struct scene *s = *state;

    helper_free(s->helper);
    (void)close(s->folder);
    assert_int_equal(nftw(s->root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(s);
    return 0;
}

static enum err call(struct scene *s, enum trial trial, struct bytes data, struct answer *a)
{
    struct request r = {.trial = trial, .pid = getpid()};
    struct helper_call c = {
        .request = bytes_at(&r, sizeof(r)), .data = &data, .data_count = 1, .answer = a};

    (void)snprintf(r.outside, sizeof(r.outside), "%s", s->outside);
    return helper_call(s->helper, &c);
}

/* What the helper could do, and what it could not, and why. EACCES is Landlock's no, EPERM the
 * filter's; where there is no Landlock the rows that need it are passed over. */
static const struct {
    const char *name;
    enum trial trial;
    int code;
    int landlock; /* from this version on */
} rows[] = {
    {"a file is made and written", IN_WRITE, 0, 0},
    {"a folder is made", IN_MKDIR, 0, 0},
    {"a symlink is made, wherever it leads", IN_SYMLINK, 0, 0},
    {"a hard link into another folder", IN_LINK, 0, 2},
    {"a name is given", IN_RENAME, 0, 0},
    {"a file is given its size", IN_TRUNCATE, 0, 0},
    {"a folder is listed", IN_LIST, 0, 0},
    {"what is open gets a mode", IN_FCHMOD, 0, 0},
    {"no fifo", IN_FIFO, EPERM, 0},
    {"no device", IN_DEVICE, EPERM, 0},
    {"no folder is removed", IN_RMDIR, EACCES, 1},
    {"nothing outside is read", OUT_READ, EACCES, 1},
    {"nor written", OUT_WRITE, EACCES, 1},
    {"nor by ..", OUT_DOTS, EACCES, 1},
    {"nor made", OUT_MKDIR, EACCES, 1},
    {"nor removed", OUT_UNLINK, EACCES, 1},
    {"no symlink there", OUT_SYMLINK, EACCES, 1},
    {"what is there gets no name here", OUT_LINK_IN, EXDEV, 1},
    {"and does not come here", OUT_RENAME_IN, EACCES, 1},
    {"it is not listed", OUT_LIST, EACCES, 1},
    {"and gets no mode", OUT_CHMOD, EPERM, 0},
    {"and no size", OUT_TRUNCATE, EPERM, 0},
    {"data does not become code", CALL_CODE, EPERM, 0},
    {"nobody is sent a signal", CALL_SIGNAL, EPERM, 0},
    {"nobody else is become", CALL_SETUID, EPERM, 0},
    {"the shared memory cannot be written", CALL_ROOM, EACCES, 0},
};

static void may_and_may_not(void **state)
{
    struct scene *s = *state;
    uint8_t byte = 1;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct answer a;

        if (helper_landlock(s->helper) < rows[i].landlock) {
            continue;
        }
        assert_int_equal(call(s, rows[i].trial, bytes_at(&byte, 1), &a), OK);
        if (a.code != rows[i].code) {
            fail_msg("%s: %s", rows[i].name, strerror(a.code));
        }
    }
}

/* What kills it, at once. */
static const enum trial deadly[] = {
    KILLS_SOCKET, KILLS_PAIR, KILLS_EXEC, KILLS_FORK, KILLS_PTRACE, KILLS_KILL};

static void some_calls_kill(void **state)
{
    struct scene *s = *state;

    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
        struct answer a;

        if (call(s, deadly[i], (struct bytes){0}, &a) != ERR_HELPER) {
            fail_msg("trial %d said %s and lived", (int)deadly[i], strerror(a.code));
        }
        assert_int_equal(call(s, SUM, (struct bytes){0}, &a), ERR_HELPER);
        helper_free(s->helper);
        start(s);
    }
}

/* Its descriptors: three, the folder, the channels; that is, a socket for each of these and one to
 * hear of the end. Not ours, of which there are more. */
static void it_has_what_it_was_given(void **state)
{
    struct scene *s = *state;
    struct answer a;
    int ours = open("/etc/passwd", O_RDONLY); /* would be inherited */

    assert_true(ours >= 0);
    helper_free(s->helper);
    start(s);
    assert_int_equal(call(s, FDS, (struct bytes){0}, &a), OK);
    assert_int_equal(a.value, 3 + 1 + 4);
    assert_int_equal(a.more, 1 + 4);
    (void)close(ours);
}

/* --- calls --- */

static void *caller_main(void *arg)
{
    struct scene *s = arg;
    uint8_t *data = malloc(ROOM);
    uintptr_t wrong = 0;

    memset(data, 3, ROOM);
    for (unsigned i = 0; i < CALLS; i++) {
        size_t cut = i * 1000 % (ROOM - 5);
        struct request r = {.trial = SUM};
        struct answer a = {0};
        struct bytes parts[] = {bytes_at(data, cut), bytes_at(data, 5)};
        struct helper_call c = {
            .request = bytes_at(&r, sizeof(r)), .data = parts, .data_count = 2, .answer = &a};

        wrong += helper_call(s->helper, &c) != OK || a.more != cut + 5 || a.value != 3 * (cut + 5);
    }
    free(data);
    return (void *)wrong;
}

/* More callers than channels, each with data of its own. */
static void many_call_at_once(void **state)
{
    pthread_t threads[CALLERS];

    for (size_t i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, caller_main, *state), 0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        void *wrong;

        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

static void what_is_too_much_is_refused(void **state)
{
    struct scene *s = *state;
    uint8_t *data = calloc(1, ROOM + 1);
    struct answer a;
    struct helper_call c = {.request = bytes_at(data, HELPER_REQUEST_MAX + 1), .answer = &a};

    assert_int_equal(call(s, SUM, bytes_at(data, ROOM), &a), OK);
    assert_int_equal(a.more, ROOM);
    assert_int_equal(call(s, SUM, bytes_at(data, ROOM + 1), &a), ERR_BUG);
    assert_int_equal(helper_call(s->helper, &c), ERR_LIMIT);
    assert_int_equal(call(s, SUM, (struct bytes){0}, &a), OK); /* no harm done */
    free(data);
}

/* --- the end --- */

static bool is_there(struct scene *s, const char *name)
{
    struct stat st;

    return fstatat(s->folder, name, &st, 0) == 0;
}

static void it_ends_in_peace(void **state)
{
    struct scene *s = *state;
    struct answer a;

    assert_int_equal(call(s, WHO, (struct bytes){0}, &a), OK);
    assert_int_equal(kill((pid_t)a.value, SIGTERM), 0); /* is not for it */
    assert_int_equal(call(s, SUM, (struct bytes){0}, &a), OK);
    helper_free(s->helper);
    s->helper = NULL;
    assert_true(is_there(s, "ended"));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void its_death_is_an_error(void **state)
{
    struct scene *s = *state;
    struct answer a;

    assert_int_equal(call(s, WHO, (struct bytes){0}, &a), OK);
    assert_int_equal(kill((pid_t)a.value, SIGKILL), 0);
    assert_int_equal(call(s, SUM, (struct bytes){0}, &a), ERR_HELPER);
    helper_free(s->helper);
    assert_false(is_there(s, "ended"));
    start(s);
    assert_int_equal(call(s, DIE, (struct bytes){0}, &a), ERR_HELPER);
    helper_free(s->helper);
    start(s);
    assert_int_equal(call(s, BAD_SIZE, (struct bytes){0}, &a), ERR_HELPER);
}

static void *hurry_main(void *arg)
{
    struct scene *s = arg;
    struct answer a;

    return (void *)(uintptr_t)call(s, HANG, (struct bytes){0}, &a);
}

/* One that never answers is killed when nobody wants its answer any more. */
static void one_that_hangs_is_killed(void **state)
{
    struct scene *s = *state;
    pthread_t thread;
    void *err;

    assert_int_equal(pthread_create(&thread, NULL, hurry_main, s), 0);
    helper_hurry(s->helper);
    pthread_join(thread, &err);
    assert_int_equal((uintptr_t)err, ERR_HELPER);
}

/* From now on this process, and what it starts, is told that there is no Landlock. */
static void hide_landlock(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    assert_int_equal(
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0), 0);
    assert_int_equal(seccomp_load(filter), 0);
    seccomp_release(filter);
}

/* In a process of its own, since it cannot be undone. */
static void an_old_kernel_is_no_hindrance(void **state)
{
    struct scene *s = *state;
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        struct answer a = {0};
        bool good;

        hide_landlock();
        start(s);
        good = helper_landlock(s->helper) == 0 && call(s, IN_WRITE, (struct bytes){0}, &a) == OK &&
               a.code == 0 && call(s, OUT_CHMOD, (struct bytes){0}, &a) == OK && a.code == EPERM &&
               call(s, KILLS_SOCKET, (struct bytes){0}, &a) == ERR_HELPER;
        helper_free(s->helper);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Its own death takes nobody along; ours takes it along, however we go. */
static void it_dies_with_us(void **state)
{
    struct scene *s = *state;
    int pair[2];
    int64_t helper = 0;
    pid_t child;

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    child = fork();
    if (child == 0) {
        struct answer a = {0};

        start(s); /* another one */
        (void)!call(s, WHO, (struct bytes){0}, &a);
        helper = (int64_t)a.value;
        (void)!write(pair[1], &helper, sizeof(helper));
        (void)pause();
        _exit(0);
    }
    assert_int_equal(read(pair[0], &helper, sizeof(helper)), sizeof(helper));
    assert_true(helper > 1 && kill((pid_t)helper, 0) == 0);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while (kill((pid_t)helper, 0) == 0) { /* or ctest's own limit */
        char path[64], text[512] = "";
        int fd;

        (void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)helper);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || strstr(text, ") Z ") != NULL) {
            (void)close(fd);
            break; /* dead, and nobody's child */
        }
        (void)close(fd);
        (void)usleep(10000);
    }
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void no_program_is_an_error(void **state)
{
    struct scene *s = *state;
    struct helper_options options = {.program = "/nonexistent",
        .word = WORD,
        .channels = 4,
        .patience_ms = 100,
        .room = ROOM,
        .answer_len = sizeof(struct answer)};
    struct helper *helper = NULL;

    assert_int_equal(helper_start(&options, &helper), ERR_HELPER);
    options.channels = HELPER_CHANNELS_MAX + 1;
    assert_int_equal(helper_start(&options, &helper), ERR_BUG);
    assert_null(helper);
    options.channels = 1;
    options.program = "/bin/true"; /* says nothing */
    assert_int_equal(helper_start(&options, &helper), OK);
    assert_int_equal(helper_open(helper, s->folder), ERR_HELPER);
    helper_free(helper);
    options.program = "/proc/self/exe";
    options.answer_len--; /* it expects another */
    assert_int_equal(helper_start(&options, &helper), OK);
    assert_int_equal(helper_open(helper, s->folder), ERR_HELPER);
    helper_free(helper);
    assert_int_equal(helper_start(&options, &helper), OK); /* and one that never gets a folder */
    helper_free(helper);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SCENE(may_and_may_not),
        SCENE(some_calls_kill),
        SCENE(it_has_what_it_was_given),
        SCENE(many_call_at_once),
        SCENE(what_is_too_much_is_refused),
        SCENE(it_ends_in_peace),
        SCENE(its_death_is_an_error),
        SCENE(one_that_hangs_is_killed),
        SCENE(an_old_kernel_is_no_hindrance),
        SCENE(it_dies_with_us),
        SCENE(no_program_is_an_error),
    };

    if (argc == 2 && strcmp(argv[1], WORD) == 0) {
        _exit(far_side());
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
