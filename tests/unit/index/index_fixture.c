/* See index_fixture.h. */
#include "index_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

const char *at(struct fixture *f, const char *name)
{
    static char buffers[8][PATH_LEN];
    static unsigned next;
    char *path = buffers[next++ % 8];

    (void)snprintf(path, PATH_LEN, "%s/%s", f->dir, name);
    return path;
}

void write_file(struct fixture *f, const char *name, const char *text)
{
    FILE *file = fopen(at(f, name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void make_folder(struct fixture *f, const char *name)
{
    assert_int_equal(mkdir(at(f, name), 0755), 0);
}

void stop_loop(void *arg)
{
    struct fixture *f = arg;

    loop_stop(f->loop);
}

void on_changed(void *arg, const struct progress *p)
{
    struct fixture *f = arg;

    assert_true(p->entries_found >= f->progress.entries_found || f->index == NULL);
    f->progress = *p;
}

static void on_event(void *arg, enum log_level level, const char *text)
{
    struct fixture *f = arg;

    assert_int_equal(buf_printf(&f->events, "%d %s\n", (int)level, text), OK);
}

void on_done(void *arg, enum err err, const struct store_scan_counts *counts)
{
    struct fixture *f = arg;

    f->done++;
    f->err = err;
    f->counts = *counts;
    f->index = NULL;
    loop_stop(f->loop);
}

int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/test_index.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(chmod(f->dir, 0777), 0);
    make_folder(f, "tree");
    *state = f;
    return 0;
}

/* Workers and catalogue, with a share of these paths (below f->dir). */
void open_share(struct fixture *f, const char *const paths[][2], size_t count)
{
    struct store_share share = {.title = "t"};
    struct store_path list[PATHS_MAX];

    for (size_t i = 0; i < count; i++) {
        list[i].path = bytes_str(at(f, paths[i][0]));
        list[i].name = bytes_str(paths[i][1]);
    }
    assert_int_equal(store_open(at(f, "catalogue"), &f->store), OK);
    assert_int_equal(store_share_add(f->store, &share, list, count, &f->share), OK);
    assert_int_equal(loop_new(&f->loop), OK);
    assert_int_equal(workers_new(f->loop, 2, &f->workers), OK);
    f->options = (struct index_options){.loop = f->loop,
        .workers = f->workers,
        .store = f->store,
        .share = f->share,
        .sink = {on_changed, on_event, f}};
}

void share_tree(struct fixture *f)
{
    static const char *const paths[][2] = {{"tree", ""}};

    open_share(f, paths, 1);
}

int teardown(void **state)
{
    struct fixture *f = *state;
    char command[256];

    if (f->workers != NULL) {
        workers_free(f->workers);
    }
    store_close(f->store);
    if (f->loop != NULL) {
        loop_free(f->loop);
    }
    buf_clear(&f->events);
    (void)snprintf(command, sizeof(command), "chmod -R u+rwx %s; rm -rf %s", f->dir, f->dir);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

void scan(struct fixture *f)
{
    f->done = 0;
    f->events.len = 0;
    f->progress = (struct progress){0};
    assert_int_equal(index_start(&f->options, on_done, f, &f->index), OK);
    assert_int_equal(f->done, 0); /* never inside start */
    loop_run(f->loop);
    assert_int_equal(f->done, 1);
    assert_int_equal(buf_append_byte(&f->events, 0), OK);
}
