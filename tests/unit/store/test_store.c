/* Opening, closing and growing old: modes, damage, foreign files, newer and older schemas, a full
 * disk, several threads, durability. */
#include "io/store/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/store/query.h"
#include "io/store/store_entry.h"
#include "io/store/store_job.h"
#include "io/store/store_local.h"
#include "io/store/store_provider.h"
#include "io/store/store_schema.h"
#include "io/store/store_unsent.h"
#include "store_fixture.h"

static void the_file_is_private_and_closes_clean(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    char wal[120];

    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    (void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
    assert_int_equal(stat(wal, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(stat(wal, &st), -1); /* merged into the file */
    store_close(NULL);
}

struct open_row {
    const char *what;
    void (*harm)(struct fixture *f);
    enum err err;
};

static void write_over(struct fixture *f, long at, const char *bytes, size_t len)
{
    FILE *file = fopen(f->path, "r+");

    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void harm_header(struct fixture *f)
{
    write_over(f, 0, "SQLite format 4", 15);
}
static void harm_all(struct fixture *f)
{
    char junk[5000];

    memset(junk, 'x', sizeof(junk));
    write_over(f, 0, junk, sizeof(junk));
}
static void harm_root_page(struct fixture *f)
{
    char junk[500];

    memset(junk, 0xee, sizeof(junk));
    write_over(f, 100, junk, sizeof(junk));
}
static void make_newer(struct fixture *f)
{
    fixture_sql(f, "PRAGMA user_version = 999");
}
static void make_foreign(struct fixture *f)
{
    fixture_sql(f, "PRAGMA application_id = 77");
}
static void make_unversioned(struct fixture *f)
{
    fixture_sql(f, "PRAGMA user_version = 0");
}
static void make_folder(struct fixture *f)
{
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(mkdir(f->path, 0700), 0);
}
static void do_nothing(struct fixture *f)
{
    (void)f;
}

static void what_lies_there_is_recognised(void **state)
{
    static const struct open_row rows[] = {
        {"a sound catalogue", do_nothing, OK},
        {"a newer program's", make_newer, ERR_TOO_NEW},
        {"another program's database", make_foreign, ERR_STORE_CORRUPT},
        {"tables without a version", make_unversioned, ERR_STORE_CORRUPT},
        {"a damaged header", harm_header, ERR_STORE_CORRUPT},
        {"a damaged first page", harm_root_page, ERR_STORE_CORRUPT},
        {"something else", harm_all, ERR_STORE_CORRUPT},
        {"a folder", make_folder, ERR_IS_DIRECTORY},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        void *inner = NULL;
        struct fixture *f;
        enum err err;

        (void)fixture_setup(&inner);
        f = inner;
        store_close(f->store);
        f->store = NULL;
        rows[i].harm(f);
        err = store_open(f->path, &f->store);
        if (err != rows[i].err) {
            fail_msg("%s: %s, not %s", rows[i].what, err_name(err), err_name(rows[i].err));
        }
        (void)fixture_teardown(&inner);
    }
}

static void a_missing_folder_is_said(void **state)
{
    struct store *store = NULL;

    (void)state;
    assert_int_equal(store_open("/tmp/no-such-folder-here/catalogue", &store), ERR_NOT_FOUND);
    assert_null(store);
}

static enum err count_entry(void *arg, const struct store_entry *entry)
{
    (void)entry;
    ++*(int *)arg;
    return OK;
}

static enum err count_plain(void *arg, const struct store_provider *provider)
{
    if (provider->plain_password) {
        assert_string_equal(provider->name, "plain");
        ++*(int *)arg;
    }
    return OK;
}

static void expect_title(struct fixture *f, const char *title)
{
    struct store_share share;

    assert_int_equal(store_share_get(f->store, f->share, &share), OK);
    assert_string_equal(share.title, title);
}

/* In the middle of a transaction, on the thread that has it open: who looks sees what was there
 * before, without waiting; once it is committed, and only then, what is new. */
static void who_looks_waits_for_no_writer(void **state)
{
    static const char sql[] = "UPDATE shares SET title = 'changed'";
    struct fixture *f = *state;
    struct query q;

    assert_int_equal(store_share_set_title(f->store, f->share, "before"), OK);
    expect_title(f, "before");
    for (int i = 0; i < 2; i++) {
        enum err err = i == 0 ? ERR_DISK_FULL : OK;

        assert_int_equal(store_begin(f->store, STORE_WRITE), OK);
        query_init(&q, f->store, sql);
        assert_int_equal(query_run(&q, NULL), OK);
        expect_title(f, "before");
        assert_int_equal(store_end(f->store, err), err);
        expect_title(f, i == 0 ? "before" : "changed");
    }
}

/* A catalogue of version 1 with entries: version 2 must know which folders hold unsent files. */
static void version_1_is_upgraded(void **state)
{
    struct fixture *f = *state;
    struct store_share share;
    struct store_unsent at = {.limit = 10};
    int unsent = 0;

    store_close(f->store);
    fixture_sql(f, "DROP TABLE health; DROP TABLE health_servers; DROP TABLE settings;"
                   "DROP TABLE head_places; DROP TABLE heads_seen;"
                   "DROP INDEX jobs_share; DROP INDEX volumes_healing;"
                   "ALTER TABLE shares DROP COLUMN checked_at;"
                   "ALTER TABLE shares DROP COLUMN check_after;"
                   "ALTER TABLE shares DROP COLUMN alive_at;"
                   "ALTER TABLE shares DROP COLUMN renew;"
                   "ALTER TABLE shares DROP COLUMN redundancy;"
                   "ALTER TABLE jobs DROP COLUMN position; ALTER TABLE jobs DROP COLUMN resume_at;"
                   "ALTER TABLE providers DROP COLUMN paused;"
                   "ALTER TABLE providers DROP COLUMN roles;"
                   "ALTER TABLE providers DROP COLUMN quota;"
                   "ALTER TABLE providers DROP COLUMN spent;"
                   "ALTER TABLE providers DROP COLUMN facts;"
                   "DROP TABLE blocks; DROP TABLE objects; ALTER TABLE items DROP COLUMN volume;"
                   "ALTER TABLE items DROP COLUMN segment;"
                   "ALTER TABLE items DROP COLUMN next_segment;"
                   "DROP TRIGGER entries_name_removed; DROP TRIGGER entries_name_changed;"
                   "DROP INDEX entries_links; ALTER TABLE entries DROP COLUMN links;"
                   "ALTER TABLE shares DROP COLUMN one_file_system;"
                   "ALTER TABLE shares DROP COLUMN ignore_rules;"
                   "ALTER TABLE shares DROP COLUMN adopting;"
                   "ALTER TABLE providers DROP COLUMN plain_password;"
                   "INSERT INTO providers (name, host, port, tls, ca_file, account, newsgroup,"
                   " connections, position) VALUES ('plain', 'h', 119, 0, '', 'u', 'g', 1, 0),"
                   " ('tls', 'h', 563, 1, '', 'u', 'g', 1, 1);"
                   "DROP TABLE unsent; DROP TABLE forgotten; PRAGMA user_version = 1;"
                   "INSERT INTO entries (share, folder, name, type, mode, size, mtime, ctime,"
                   " inode, device, child, sent, seen) VALUES"
                   " (1, 1, x'61', 2, 420, 5, 0, 0, 1, 1, 0, 0, 0),"
                   " (1, 7, x'62', 2, 420, 5, 0, 0, 1, 1, 0, 0, 0),"
                   " (1, 8, x'63', 2, 420, 5, 0, 0, 1, 1, 0, 1, 0)");
    assert_int_equal(store_open(f->path, &f->store), OK);
    assert_int_equal(store_share_get(f->store, f->share, &share), OK);
    assert_string_equal(share.title, "a title");
    assert_int_equal(store_entry_unsent(f->store, f->share, &at, count_entry, &unsent), OK);
    assert_int_equal(unsent, 2);
    assert_false(share.adopting);
    unsent = 0; /* who sent a password in the clear before it was asked about still does */
    assert_int_equal(store_provider_each(f->store, count_plain, &unsent), OK);
    assert_int_equal(unsent, 1);
}

/* Each version can be made from nothing, and each can go on to the newest. */
static void every_version_upgrades(void **state)
{
    (void)state;
    for (int version = 1; version <= STORE_SCHEMA_NEWEST; version++) {
        struct fixture f = {0};
        struct store raw = {0};
        char command[100];

        (void)snprintf(f.dir, sizeof(f.dir), "/tmp/test_store.XXXXXX");
        assert_non_null(mkdtemp(f.dir));
        (void)snprintf(f.path, sizeof(f.path), "%s/catalogue", f.dir);
        assert_int_equal(sqlite3_open(f.path, &raw.db), SQLITE_OK);
        pthread_mutex_init(&raw.gate.lock, NULL);
        pthread_cond_init(&raw.gate.moved, NULL);
        assert_int_equal(store_schema_upgrade(&raw, version), OK);
        for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++) {
            assert_int_equal(sqlite3_finalize(raw.cached[i].stmt), SQLITE_OK);
        }
        assert_int_equal(sqlite3_close(raw.db), SQLITE_OK);
        assert_int_equal(store_open(f.path, &f.store), OK);
        store_close(f.store);
        (void)snprintf(command, sizeof(command), "rm -rf %s", f.dir);
        assert_int_equal(system(command), 0);
    }
}

/* Add jobs until it fails; the number that were said to be kept. */
static int fill(struct store *store, enum err *err)
{
    static uint8_t big[100000];
    struct store_job job = {.kind = STORE_JOB_SHARE, .state = STORE_JOB_QUEUED};
    int added = 0;
    int64_t id;

    job.args = bytes_at(big, sizeof(big));
    while ((*err = store_job_add(store, &job, &id)) == OK && added < 10000) {
        added++;
    }
    return added;
}

static enum err count_job(void *arg, const struct store_job *job)
{
    (void)job;
    ++*(int *)arg;
    return OK;
}

/* A file size limit stands for the full disk: writes fail in the middle of commits. */
static void a_full_disk_loses_nothing_acknowledged(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, small;
    enum err err;
    int added, there = 0;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 3 << 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    added = fill(f->store, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    if (err != ERR_DISK_FULL && err != ERR_DISK_IO) {
        fail_msg("%s after %d", err_name(err), added);
    }
    assert_in_range(added, 1, 100);
    assert_int_equal(store_job_each(f->store, 0, 10000, count_job, &there), OK);
    assert_int_equal(there, added);
    fixture_reopen(f);
    there = 0;
    assert_int_equal(store_job_each(f->store, 0, 10000, count_job, &there), OK);
    assert_int_equal(there, added);
    assert_int_equal(store_job_forget(f->store, 1), OK); /* and it works again */
}

/* A child adds jobs and is killed in the middle: all that it was told are kept are there. */
static void kill_9_loses_nothing_acknowledged(void **state)
{
    struct fixture *f = *state;
    int pipe_fd[2], told = 0, there = 0;
    char byte;
    pid_t child;

    store_close(f->store);
    f->store = NULL;
    assert_int_equal(pipe(pipe_fd), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store_job job = {.kind = STORE_JOB_GET, .state = STORE_JOB_QUEUED};
        struct store *store;
        int64_t id;

        if (store_open(f->path, &store) != OK) {
            _exit(1);
        }
        while (store_job_add(store, &job, &id) == OK && write(pipe_fd[1], "x", 1) == 1) {
        }
        _exit(1);
    }
    close(pipe_fd[1]);
    while (told < 500 && read(pipe_fd[0], &byte, 1) == 1) {
        told++;
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while (read(pipe_fd[0], &byte, 1) == 1) {
        told++;
    }
    close(pipe_fd[0]);
    assert_int_equal(store_open(f->path, &f->store), OK);
    assert_int_equal(store_job_each(f->store, 0, 1000000, count_job, &there), OK);
    assert_true(there == told || there == told + 1);
    assert_true(told >= 500);
}

enum { THREADS = 4, JOBS_EACH = 200 };

static void *add_jobs(void *arg)
{
    struct fixture *f = arg;
    struct store_job job = {.kind = STORE_JOB_GET, .state = STORE_JOB_QUEUED};

    for (int i = 0; i < JOBS_EACH; i++) {
        int64_t id;
        int there = 0;

        if (store_job_add(f->store, &job, &id) != OK ||
            store_job_get(f->store, id, count_job, &there) != OK || there != 1) {
            return f;
        }
    }
    return NULL;
}

static void threads_take_turns(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[THREADS];
    int there = 0;

    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_jobs, f), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *bad;

        assert_int_equal(pthread_join(threads[i], &bad), 0);
        assert_null(bad);
    }
    assert_int_equal(store_job_each(f->store, 0, 100000, count_job, &there), OK);
    assert_int_equal(there, THREADS * JOBS_EACH);
}

struct comer {
    struct store *store;
    unsigned *turns, turn;
};

static void *come(void *arg)
{
    struct comer *c = arg;
    struct store *reader = c->store;

    assert_int_equal(store_look(&reader), OK);
    c->turn = ++*c->turns;
    assert_int_equal(store_end(reader, OK), OK);
    return NULL;
}

/* Until so many have come to the gate since the catalogue was opened. */
static void wait_for_comers(struct store_gate *gate, uint64_t count)
{
    uint64_t came;

    do {
        (void)usleep(100);
        pthread_mutex_lock(&gate->lock);
        came = gate->next;
        pthread_mutex_unlock(&gate->lock);
    } while (came < count);
}

/* Who asks again at once stands behind all who wait, and these come in the order in which they
 * came. */
static void first_come_first_served(void **state)
{
    enum { COMERS = 8, ROUNDS = 20 };
    struct fixture *f = *state;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct comer comers[COMERS], last = {.store = f->store};
        struct store *reader = f->store;
        pthread_t threads[COMERS];
        unsigned turns = 0;
        uint64_t before;

        assert_int_equal(store_look(&reader), OK);
        before = reader->gate.next;
        for (unsigned i = 0; i < COMERS; i++) {
            comers[i] = (struct comer){f->store, &turns, 0};
            assert_int_equal(pthread_create(&threads[i], NULL, come, &comers[i]), 0);
            wait_for_comers(&reader->gate, before + i + 1);
        }
        assert_int_equal(store_end(reader, OK), OK);
        last.turns = &turns;
        (void)come(&last);
        for (unsigned i = 0; i < COMERS; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_int_equal(comers[i].turn, i + 1);
        }
        assert_int_equal(last.turn, COMERS + 1);
    }
}

static void sync_works(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(store_sync(f->store), OK);
    assert_int_equal(store_sync(f->store), OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_file_is_private_and_closes_clean),
        cmocka_unit_test(what_lies_there_is_recognised),
        cmocka_unit_test(a_missing_folder_is_said),
        TEST(who_looks_waits_for_no_writer),
        TEST(version_1_is_upgraded),
        cmocka_unit_test(every_version_upgrades),
        TEST(a_full_disk_loses_nothing_acknowledged),
        TEST(kill_9_loses_nothing_acknowledged),
        TEST(threads_take_turns),
        TEST(first_come_first_served),
        TEST(sync_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
