/* Debian's par2 as the judge: every packet that it writes is read here, and its recovery slices are
 * equal byte for byte to ours. Skipped where par2 is not installed. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec/par2/par2_encoder.h"
#include "codec/par2/par2_packet.h"
#include "oracle.h"

enum { FILES_MAX = 4, SLICES_MAX = 600, ROWS_MAX = 64, NOT_THERE = 127 };

static const struct {
    const char *what;
    size_t files;
    size_t len[FILES_MAX];
    const char *slice; /* par2's options */
    const char *count;
    const char *first;
} sets[] = {
    {"one file, whole slices", 1, {4000}, "-s400", "-c5", "-f0"},
    {"a short last slice", 1, {4001}, "-s400", "-c5", "-f0"},
    {"slices of 4 bytes", 1, {1999}, "-s4", "-c64", "-f0"},
    {"several files", 4, {100, 7000, 1, 20000}, "-s128", "-c40", "-f0"},
    {"exponents from 300", 2, {30000, 5000}, "-s1000", "-c20", "-f300"},
    {"more than a first hash", 2, {40000, 16384}, "-s2048", "-c9", "-f7"},
};

/* What was made, and what was read back. */
struct world {
    char dir[64];
    uint8_t *data[FILES_MAX]; /* the files, by our number */
    size_t len[FILES_MAX];
    struct buf packets;
    struct par2_main main;
    struct par2_id id[FILES_MAX];    /* of our files */
    struct bytes recovery[ROWS_MAX]; /* as read */
    uint32_t exponents[ROWS_MAX];
    size_t rows;
    const uint8_t *slices[SLICES_MAX]; /* in the set's order */
    uint8_t *padded;                   /* what these point into */
    size_t slice_count;
};

/* Run a program quietly in the world's folder; its exit code. */
static int run(const struct world *w, const char *const *argv)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || chdir(w->dir) != 0) {
            _exit(1);
        }
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(NOT_THERE);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void file_name(size_t i, char name[32])
{
    snprintf(name, 32, "file-%zu.bin", i);
}

static void write_file(const struct world *w, const char *name, struct bytes data)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", w->dir, name);
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data.ptr, 1, data.len, f), data.len);
    assert_int_equal(fclose(f), 0);
}

static void read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    uint8_t part[4096];
    size_t n;

    assert_non_null(f);
    while ((n = fread(part, 1, sizeof part, f)) > 0) {
        assert_int_equal(buf_append(out, bytes_at(part, n)), OK);
    }
    fclose(f);
}

/* All .par2 files, one behind the other. */
static void read_packets(struct world *w)
{
    DIR *dir = opendir(w->dir);
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[400];

        if (strstr(entry->d_name, ".par2") != NULL) {
            snprintf(path, sizeof path, "%s/%s", w->dir, entry->d_name);
            read_file(path, &w->packets);
        }
    }
    closedir(dir);
}

static void world_clear(struct world *w)
{
    const char *const argv[] = {"rm", "-rf", w->dir, NULL};

    for (size_t i = 0; i < FILES_MAX; i++) {
        free(w->data[i]);
    }
    free(w->padded);
    buf_clear(&w->packets);
    if (w->dir[0] != '\0') {
        (void)run(w, argv);
    }
}

/* Files of random bytes, and par2's packets for them. */
static void world_make(struct world *w, size_t set, uint64_t *seed)
{
    char names[FILES_MAX][32];
    const char *argv[20] = {"par2", "create", "-q", "-q", "-n1", sets[set].slice, sets[set].count,
        sets[set].first, "set.par2"};

    *w = (struct world){.rows = 0};
    snprintf(w->dir, sizeof w->dir, "/tmp/par2-peer-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    for (size_t i = 0; i < sets[set].files; i++) {
        w->len[i] = sets[set].len[i];
        w->data[i] = malloc(w->len[i]);
        assert_non_null(w->data[i]);
        oracle_fill(seed, w->data[i], w->len[i]);
        file_name(i, names[i]);
        write_file(w, names[i], bytes_at(w->data[i], w->len[i]));
        argv[9 + i] = names[i];
    }
    assert_int_equal(run(w, argv), 0);
    read_packets(w);
}

/* A file packet must describe one of our files. */
static void check_file(struct world *w, struct bytes body)
{
    struct par2_file file;
    struct par2_id expected;
    size_t i = 0;
    size_t start;

    assert_int_equal(par2_file_decode(body, &file), OK);
    assert_true(file.name.len > 5 && file.name.len < 16);
    i = (size_t)(file.name.ptr[5] - '0');
    assert_in_range(i, 0, FILES_MAX - 1);
    assert_int_equal(file.len, w->len[i]);
    expected = par2_md5_of(bytes_at(w->data[i], w->len[i]));
    assert_true(par2_id_equal(&file.md5, &expected));
    start = w->len[i] < PAR2_START_LEN ? w->len[i] : PAR2_START_LEN;
    expected = par2_md5_of(bytes_at(w->data[i], start));
    assert_true(par2_id_equal(&file.start_md5, &expected));
    expected = par2_file_id(&file);
    assert_true(par2_id_equal(&file.id, &expected));
    w->id[i] = file.id;
}

static void take_recovery(struct world *w, struct bytes body)
{
    struct par2_recovery r;

    assert_int_equal(par2_recovery_decode(body, &r), OK);
    assert_in_range(w->rows, 0, ROWS_MAX - 1);
    w->recovery[w->rows] = r.slice;
    w->exponents[w->rows] = r.exponent;
    w->rows++;
}

static void read_packet(struct world *w, struct bytes packet, const struct par2_head *head)
{
    struct par2_checks checks;
    struct bytes body = packet;
    struct par2_id id;

    bytes_skip(&body, PAR2_HEAD_LEN);
    assert_true(par2_packet_is_whole(packet, head));
    switch (head->type) {
    case PAR2_MAIN:
        assert_int_equal(par2_main_decode(body, &w->main), OK);
        id = par2_set_id(&w->main);
        assert_true(par2_id_equal(&id, &head->set));
        break;
    case PAR2_FILE:
        check_file(w, body);
        break;
    case PAR2_CHECKS:
        assert_int_equal(par2_checks_decode(body, &checks), OK);
        break;
    case PAR2_RECOVERY:
        take_recovery(w, body);
        break;
    case PAR2_CREATOR:
    case PAR2_OTHER:
        break;
    }
}

static void read_all(struct world *w)
{
    struct bytes in = buf_view(&w->packets);

    while (in.len > 0) {
        struct par2_head head;

        assert_int_equal(par2_packet_find(in), 0);
        assert_int_equal(par2_head_decode(in.ptr, &head), OK);
        assert_in_range(head.len, PAR2_HEAD_LEN, in.len);
        read_packet(w, bytes_at(in.ptr, head.len), &head);
        bytes_skip(&in, head.len);
    }
}

/* The set's slices: the files in the order of their ids, each padded with zeros. */
static void line_up(struct world *w)
{
    size_t slice = w->main.slice_len;
    uint8_t *at = calloc(SLICES_MAX, slice);

    w->padded = at;
    assert_non_null(at);
    for (uint32_t k = 0; k < w->main.recovered; k++) {
        size_t i = 0;

        while (memcmp(w->id[i].b, w->main.ids.ptr + (size_t)k * PAR2_MD5_LEN, PAR2_MD5_LEN) != 0) {
            i++;
            assert_in_range(i, 0, FILES_MAX - 1);
        }
        if (k > 0) {
            struct par2_id before;

            memcpy(before.b, w->main.ids.ptr + (size_t)(k - 1) * PAR2_MD5_LEN, PAR2_MD5_LEN);
            assert_true(par2_id_compare(&before, &w->id[i]) < 0);
        }
        memcpy(at, w->data[i], w->len[i]);
        for (size_t done = 0; done < w->len[i]; done += slice, at += slice) {
            assert_in_range(w->slice_count, 0, SLICES_MAX - 1);
            w->slices[w->slice_count] = at;
            w->slice_count++;
        }
    }
}

static void compare(struct world *w, const char *what)
{
    size_t len = w->main.slice_len;
    uint8_t **out = oracle_slices(w->rows, len);
    struct par2_shape shape = {
        .exponents = w->exponents, .input_count = w->slice_count, .exponent_count = w->rows};
    struct par2_columns columns = {w->slices, out, 0, len, NULL};
    struct par2_encoder *e = NULL;

    assert_int_equal(par2_encoder_new(&shape, &e), OK);
    columns.work = malloc(par2_encoder_work(e));
    assert_non_null(columns.work);
    par2_encoder_add(e, &columns);
    for (size_t j = 0; j < w->rows; j++) {
        if (!bytes_equal(w->recovery[j], bytes_at(out[j], len))) {
            fail_msg("%s: exponent %u differs", what, w->exponents[j]);
        }
    }
    free(columns.work);
    par2_encoder_free(e);
    free(out);
}

static void test_recovery_slices(void **state)
{
    static const char *const probe[] = {"par2", "-VV", NULL};
    const struct world here = {.dir = "/"};
    uint64_t seed = 41;

    (void)state;
    if (run(&here, probe) == NOT_THERE) {
        skip();
    }
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        struct world w;

        world_make(&w, i, &seed);
        read_all(&w);
        assert_int_equal(w.rows, strtoul(sets[i].count + 2, NULL, 10));
        assert_int_equal(w.main.recovered, sets[i].files);
        line_up(&w);
        compare(&w, sets[i].what);
        world_clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recovery_slices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
