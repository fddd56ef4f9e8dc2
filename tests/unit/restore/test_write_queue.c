/* The queue to the disk: many small requests of one turn travel together, and each has its own
 * answer; large ones and long ones find room; what was not sent yet can be forgotten. */
#include "flow/restore/write_queue.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restore_rig.h"

enum {
    MANY = 150,
    LARGE_EACH = 40,   /* one in so many is ... */
    LARGE_LEN = 90000, /* ... of this length */
    GUARD_MS = 120 * 1000,
    LONG_PATH = 3800,
    DATA_LEN = 100000,
};

struct fixture {
    struct rig rig;
    struct restore_ctx ctx;
    struct write_queue *queue;
    struct held *data;
    int waiting; /* for answers */
};

struct asked {
    struct fixture *f;
    char path[32];
    struct write_answer answer;
    enum err err;
    int calls;
};

static void wake(void *arg)
{
    (void)arg;
}

static void on_answer(void *arg, enum err err)
{
    struct asked *a = arg;

    a->err = err;
    a->calls++;
    if (--a->f->waiting == 0) {
        loop_stop(a->f->rig.loop);
    }
}

static void ask(struct asked *a, struct write_request *request)
{
    request->answer = &a->answer;
    a->f->waiting++;
    assert_int_equal(write_submit(a->f->queue, request, on_answer, a), OK);
}

static void wait_for_all(struct fixture *f)
{
    rig_pass(&f->rig, GUARD_MS);
    assert_int_equal(f->waiting, 0);
    assert_int_equal(write_queue_length(f->queue), 0);
}

static int setup_with(void **state, const char *helper)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct write_request begin = {.verb = WRITE_BEGIN, .target = WRITE_ANY_TARGET};
    struct asked begun = {.f = f};
    struct restore_env env;

    assert_non_null(f);
    rig_init(&f->rig);
    env = (struct restore_env){
        .loop = f->rig.loop, .workers = f->rig.workers, .news = f->rig.news, .helper = helper};
    assert_int_equal(restore_ctx_init(&f->ctx, &env, wake, f), OK);
    assert_int_equal(write_queue_new(&f->ctx, &f->queue), OK);
    f->data = held_new(DATA_LEN);
    for (size_t i = 0; i < DATA_LEN; i++) {
        f->data->bytes[i] = (uint8_t)(i * i >> 3);
    }
    begin.path = bytes_str(f->rig.target);
    ask(&begun, &begin);
    wait_for_all(f);
    assert_int_equal(begun.err, OK);
    assert_int_equal(begun.answer.target, WRITE_FRESH);
    *state = f;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, "/proc/self/exe");
}

static int setup_alone(void **state)
{
    return setup_with(state, NULL);
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    errands_forget(&f->ctx.errands);
    write_queue_free(f->queue);
    restore_ctx_clear(&f->ctx);
    workers_settle(f->rig.workers);
    assert_int_equal(atomic_load(&f->data->holders), 1);
    held_drop(f->data);
    rig_clear(&f->rig);
    free(f);
    return 0;
}

static size_t len_of(int i)
{
    return i % LARGE_EACH == 0 ? LARGE_LEN : (size_t)i * 7;
}

static struct write_request put(struct fixture *f, const struct asked *a, int i)
{
    struct write_request r = {.verb = WRITE_PUT, .mode = 0640, .mtime_ns = i, .size = len_of(i)};

    r.path = bytes_str(a->path);
    if (r.size > 0) {
        r.part[0] = (struct write_part){f->data, (size_t)i, (size_t)r.size / 2};
        r.part[1] = (struct write_part){
            f->data, (size_t)i + (size_t)r.size / 2, (size_t)(r.size - r.size / 2)};
    }
    return r;
}

static bool has_no_folder(int i)
{
    return i % 7 == 3;
}

static void expect_file(struct fixture *f, const char *name, int i)
{
    static uint8_t found[LARGE_LEN + 1];
    char path[160];
    ssize_t n;
    int fd;

    (void)snprintf(path, sizeof(path), "%s/%s", f->rig.target, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    n = read(fd, found, sizeof(found));
    (void)close(fd);
    assert_int_equal(n, len_of(i));
    assert_memory_equal(found, f->data->bytes + i, len_of(i));
}

static void each_has_its_own_answer(void **state)
{
    struct fixture *f = *state;
    struct asked *asked = calloc(MANY, sizeof(*asked));

    for (int i = 0; i < MANY; i++) {
        struct write_request r;

        asked[i].f = f;
        (void)snprintf(
            asked[i].path, sizeof(asked[i].path), has_no_folder(i) ? "none/%d" : "f%d", i);
        r = put(f, &asked[i], i);
        ask(&asked[i], &r);
    }
    wait_for_all(f);
    for (int i = 0; i < MANY; i++) {
        struct write_request r = {.verb = WRITE_LOOK, .path = bytes_str(asked[i].path)};

        assert_int_equal(asked[i].calls, 1);
        assert_int_equal(asked[i].err, has_no_folder(i) ? ERR_NOT_FOUND : OK);
        ask(&asked[i], &r);
    }
    wait_for_all(f);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(asked[i].err, OK);
        assert_int_equal(asked[i].answer.type, has_no_folder(i) ? SEEN_NOTHING : SEEN_FILE);
        if (!has_no_folder(i)) {
            assert_int_equal(asked[i].answer.size, len_of(i));
            assert_int_equal(asked[i].answer.mtime_ns, i);
            expect_file(f, asked[i].path, i);
        }
    }
    free(asked);
}

/* Longer together than one message may be. */
static void long_paths(void **state)
{
    struct fixture *f = *state;
    struct asked asked[12];
    char path[LONG_PATH + 1];

    for (size_t i = 0; i < LONG_PATH; i++) {
        path[i] = i % 100 == 99 ? '/' : 'x';
    }
    path[LONG_PATH - 1] = 'y';
    path[LONG_PATH] = '\0';
    for (size_t i = 0; i < 12; i++) {
        struct write_request r = {.verb = WRITE_LOOK, .path = bytes_str(path)};

        asked[i] = (struct asked){.f = f, .answer = {.type = SEEN_OTHER}};
        ask(&asked[i], &r);
    }
    wait_for_all(f);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(asked[i].err, OK);
        assert_int_equal(asked[i].answer.type, SEEN_NOTHING);
    }
}

/* teardown() sees that nobody holds the data any more; and done is never called. */
static void forgotten_before_it_was_sent(void **state)
{
    struct fixture *f = *state;
    static struct asked asked[20];

    for (int i = 0; i < 20; i++) {
        struct write_request r;

        asked[i] = (struct asked){.f = f};
        (void)snprintf(asked[i].path, sizeof(asked[i].path), "f%d", i);
        r = put(f, &asked[i], i);
        ask(&asked[i], &r);
    }
    assert_int_equal(write_queue_length(f->queue), 20);
    errands_forget(&f->ctx.errands);
    write_queue_free(f->queue);
    f->queue = NULL;
    rig_pass(&f->rig, 20);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(asked[i].calls, 0);
    }
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define ALONE(test) cmocka_unit_test_setup_teardown(test, setup_alone, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(each_has_its_own_answer),
        ALONE(each_has_its_own_answer),
        WITH(long_paths),
        ALONE(long_paths),
        WITH(forgotten_before_it_was_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
