/* Jobs, events and providers. */
#include "io/store/store_job.h"

#include "io/store/store_event.h"
#include "io/store/store_provider.h"
#include "io/store/store_setting.h"
#include "store_fixture.h"

static enum err on_job(void *arg, const struct store_job *j)
{
    return buf_printf(arg, "%d state%d p%d %.*s %.*s;", (int)j->id, (int)j->state, j->priority,
        (int)j->args.len, (const char *)j->args.ptr, (int)j->result.len,
        (const char *)j->result.ptr);
}

static void expect_text(struct buf *text, const char *want)
{
    assert_int_equal(buf_append_byte(text, 0), OK);
    assert_string_equal((char *)text->ptr, want);
    text->len = 0;
}

static int64_t add_job(struct fixture *f, enum store_job_state state, int priority)
{
    struct store_job job = {.kind = STORE_JOB_GET, .state = state, .priority = priority};
    int64_t id = 0;

    job.args = bytes_str("args");
    assert_int_equal(store_job_add(f->store, &job, &id), OK);
    return id;
}

static int64_t add_of_share(struct fixture *f, enum store_job_kind kind, int64_t share)
{
    struct store_job job = {.kind = kind, .state = STORE_JOB_QUEUED, .share = share};
    int64_t id = 0;

    assert_int_equal(store_job_add(f->store, &job, &id), OK);
    return id;
}

static enum err on_next(void *arg, const struct store_job *j)
{
    struct store_job *job = arg;

    job->id = j->id;
    job->share = j->share;
    return OK;
}

/* Which job is next? It runs from now on. */
static int64_t run_next(struct fixture *f)
{
    struct store_job job = {.state = STORE_JOB_RUNNING};
    enum err err = store_job_next(f->store, on_next, &job);

    assert_int_equal(err, job.id != 0 ? OK : ERR_NO_ROW);
    if (err == OK) {
        assert_int_equal(store_job_update(f->store, &job), OK);
    }
    return job.id;
}

/* Of what changes a share one runs at a time; to look at it hurts nobody. */
static void one_changes_a_share(void **state)
{
    struct fixture *f = *state;
    struct store_job over = {.state = STORE_JOB_DONE, .share = 7};
    int64_t heal = add_of_share(f, STORE_JOB_HEAL, 7), share = add_of_share(f, STORE_JOB_SHARE, 7);
    int64_t check = add_of_share(f, STORE_JOB_CHECK, 7), other = add_of_share(f, STORE_JOB_HEAL, 8);

    assert_int_equal(run_next(f), heal);
    assert_int_equal(run_next(f), check);
    assert_int_equal(run_next(f), other);
    assert_int_equal(run_next(f), 0);
    over.id = heal;
    assert_int_equal(store_job_update(f->store, &over), OK);
    assert_int_equal(run_next(f), share);
    assert_int_equal(run_next(f), 0);
}

static void jobs_wait_their_turn(void **state)
{
    struct fixture *f = *state;
    struct store_job job = {.state = STORE_JOB_DONE, .result = bytes_str("well")};
    struct buf text = {0};

    assert_int_equal(store_job_next(f->store, on_job, &text), ERR_NO_ROW);
    assert_int_equal(add_job(f, STORE_JOB_QUEUED, 0), 1);
    assert_int_equal(add_job(f, STORE_JOB_QUEUED, 5), 2);
    assert_int_equal(add_job(f, STORE_JOB_QUEUED, 5), 3);
    assert_int_equal(add_job(f, STORE_JOB_PAUSED, 9), 4);
    assert_int_equal(store_job_next(f->store, on_job, &text), OK);
    expect_text(&text, "2 state1 p5 args ;");
    job.id = 2;
    assert_int_equal(store_job_update(f->store, &job), OK);
    job.id = 99;
    assert_int_equal(store_job_update(f->store, &job), ERR_NO_ROW);
    assert_int_equal(store_job_next(f->store, on_job, &text), OK);
    expect_text(&text, "3 state1 p5 args ;");
    job.id = 3;
    job.state = STORE_JOB_RUNNING;
    assert_int_equal(store_job_update(f->store, &job), OK);
    assert_int_equal(store_job_next(f->store, on_job, &text), OK);
    expect_text(&text, "1 state1 p0 args ;");
    assert_int_equal(store_job_requeue(f->store), OK);
    assert_int_equal(store_job_each(f->store, 0, 2, on_job, &text), OK);
    expect_text(&text, "4 state3 p9 args ;3 state1 p0 args well;");
    assert_int_equal(store_job_each(f->store, 3, 9, on_job, &text), OK);
    expect_text(&text, "2 state4 p0 args well;1 state1 p0 args ;");
    assert_int_equal(store_job_get(f->store, 99, on_job, &text), ERR_NO_ROW);
    buf_clear(&text);
}

static enum err on_progress(void *arg, const struct store_job *j)
{
    return buf_printf(
        arg, "state%d %.*s", (int)j->state, (int)j->progress.len, (const char *)j->progress.ptr);
}

/* A note that comes late changes nothing. */
static void progress_is_of_running_jobs(void **state)
{
    struct fixture *f = *state;
    struct store_job job = {.id = add_job(f, STORE_JOB_QUEUED, 0), .progress = bytes_str("0")};
    struct buf text = {0};

    job.state = STORE_JOB_RUNNING;
    assert_int_equal(store_job_update(f->store, &job), OK);
    assert_int_equal(store_job_progress(f->store, job.id, bytes_str("half")), OK);
    assert_int_equal(store_job_get(f->store, job.id, on_progress, &text), OK);
    expect_text(&text, "state2 half");
    job.state = STORE_JOB_DONE;
    job.progress = bytes_str("all");
    assert_int_equal(store_job_update(f->store, &job), OK);
    assert_int_equal(store_job_progress(f->store, job.id, bytes_str("late")), OK);
    assert_int_equal(store_job_progress(f->store, 99, bytes_str("nowhere")), OK);
    assert_int_equal(store_job_get(f->store, job.id, on_progress, &text), OK);
    expect_text(&text, "state4 all");
    buf_clear(&text);
}

static void unfinished_jobs_of_a_share(void **state)
{
    struct fixture *f = *state;
    struct buf text = {0};

    for (int i = 0; i < 14; i++) {
        struct store_job job = {.kind = STORE_JOB_SHARE, .share = 1 + i % 2};
        int64_t id = 0;

        job.state = (enum store_job_state)(STORE_JOB_QUEUED + i / 2 % STORE_JOB_CANCELLED);
        assert_int_equal(store_job_add(f->store, &job, &id), OK);
    }
    assert_int_equal(store_job_unfinished(f->store, 2, on_job, &text), OK);
    expect_text(&text, "14 state1 p0  ;6 state3 p0  ;4 state2 p0  ;2 state1 p0  ;");
    assert_int_equal(store_job_unfinished(f->store, 3, on_job, &text), OK);
    expect_text(&text, "");
    buf_clear(&text);
}

static enum err on_event(void *arg, const struct store_event *e)
{
    return buf_printf(arg, "%d j%d l%d %.*s;", (int)e->id, (int)e->job, e->level, (int)e->text.len,
        (const char *)e->text.ptr);
}

static void events_of_one_job_and_of_all(void **state)
{
    struct fixture *f = *state;
    struct store_event events[] = {{0, 1, 5, 2, bytes_str("one")}, {0, 2, 6, 1, bytes_str("two")},
        {0, 1, 7, 0, bytes_str("three")}};
    struct buf text = {0};

    (void)add_job(f, STORE_JOB_QUEUED, 0);
    assert_int_equal(store_event_add(f->store, events, 3), OK);
    assert_int_equal(store_event_each(f->store, 1, 0, 9, on_event, &text), OK);
    expect_text(&text, "1 j1 l2 one;3 j1 l0 three;");
    assert_int_equal(store_event_each(f->store, 0, 1, 1, on_event, &text), OK);
    expect_text(&text, "2 j2 l1 two;");
    assert_int_equal(store_job_forget(f->store, 1), OK);
    assert_int_equal(store_job_forget(f->store, 1), ERR_NO_ROW);
    assert_int_equal(store_event_each(f->store, 0, 0, 9, on_event, &text), OK);
    expect_text(&text, "2 j2 l1 two;");
    buf_clear(&text);
}

static enum err first_id(void *arg, const struct store_event *e)
{
    *(int64_t *)arg = e->id;
    return OK;
}

static void old_events_go(void **state)
{
    enum { BATCH = 1000, BATCHES = 101, KEPT = 100000 };
    struct fixture *f = *state;
    struct store_event events[BATCH];
    int64_t first = 0;

    for (int i = 0; i < BATCH; i++) {
        events[i] = (struct store_event){.job = 1, .text = bytes_str("x")};
    }
    for (int i = 0; i < BATCHES; i++) {
        assert_int_equal(store_event_add(f->store, events, BATCH), OK);
    }
    assert_int_equal(store_event_each(f->store, 0, 0, 1, first_id, &first), OK);
    assert_int_equal(first, BATCH * BATCHES - KEPT + 1);
}

static enum err on_provider(void *arg, const struct store_provider *p)
{
    return buf_printf(arg, "%s %s:%d tls%d '%s' '%s' %s x%u %u %d/%d %.*s;", p->name, p->host,
        p->port, p->tls, p->ca_file, p->user, p->group, p->connections, p->roles, (int)p->spent,
        (int)p->quota, (int)p->facts.len, (const char *)p->facts.ptr);
}

static void providers_by_name_and_position(void **state)
{
    struct fixture *f = *state;
    struct store_provider p = {.name = "b",
        .host = "news.example",
        .port = 563,
        .tls = 1,
        .ca_file = "",
        .user = "me",
        .group = "alt.test",
        .connections = 8,
        .position = 2};
    struct buf text = {0};

    assert_int_equal(store_provider_put(f->store, &p), OK);
    p.name = "a";
    p.position = 1;
    assert_int_equal(store_provider_put(f->store, &p), OK);
    assert_int_equal(store_provider_learn(f->store, "a", bytes_str("slow")), OK);
    assert_int_equal(store_provider_learn(f->store, "b", bytes_str("fast")), OK);
    assert_int_equal(store_provider_learn(f->store, "c", bytes_str("fast")), ERR_NO_ROW);
    assert_int_equal(store_provider_spend(f->store, "b", 30), OK);
    assert_int_equal(store_provider_spend_more(f->store, "b", 40), OK);
    assert_int_equal(store_provider_spend_more(f->store, "c", 40), ERR_NO_ROW);
    assert_int_equal(store_provider_spend(f->store, "c", 70), ERR_NO_ROW);
    p.roles = 3;
    p.quota = 100;
    assert_int_equal(store_provider_put(f->store, &p), OK); /* the same server, changed */
    p.name = "b";
    p.host = "other";
    p.position = 2;
    p.port = 65535;
    assert_int_equal(store_provider_put(f->store, &p), OK); /* another one takes its place */
    assert_int_equal(store_provider_each(f->store, on_provider, &text), OK);
    expect_text(&text, "a news.example:563 tls1 '' 'me' alt.test x8 3 0/100 slow;"
                       "b other:65535 tls1 '' 'me' alt.test x8 3 70/100 ;");
    assert_int_equal(store_provider_remove(f->store, "b"), OK);
    assert_int_equal(store_provider_remove(f->store, "b"), ERR_NO_ROW);
    assert_int_equal(store_provider_each(f->store, on_provider, &text), OK);
    expect_text(&text, "a news.example:563 tls1 '' 'me' alt.test x8 3 0/100 slow;");
    buf_clear(&text);
}

static enum err on_waiting(void *arg, const struct store_job *j)
{
    return buf_printf(arg, "%d/%d ", (int)j->id, j->priority);
}

static void expect_queue(struct fixture *f, const char *want)
{
    struct buf text = {0};

    assert_int_equal(store_job_waiting(f->store, STORE_JOB_QUEUED, 99, on_waiting, &text), OK);
    expect_text(&text, want);
    buf_clear(&text);
}

/* Each row is one move, and the queue (id/priority) behind it. Jobs 1 to 5 wait; 3 has priority 5,
 * job 6 is paused. */
static const struct {
    int64_t id;
    enum store_job_move move;
    enum err err;
    const char *queue;
} moves[] = {
    {1, STORE_JOB_UP, OK, "1/5 3/5 2/0 4/0 5/0 "}, /* it takes the priority of what it passes */
    {1, STORE_JOB_UP, OK, "1/5 3/5 2/0 4/0 5/0 "}, /* at the top already */
    {5, STORE_JOB_UP, OK, "1/5 3/5 2/0 5/0 4/0 "},
    {4, STORE_JOB_TOP, OK, "4/5 1/5 3/5 2/0 5/0 "},
    {4, STORE_JOB_DOWN, OK, "1/5 4/5 3/5 2/0 5/0 "},
    {1, STORE_JOB_BOTTOM, OK, "4/5 3/5 2/0 5/0 1/0 "},
    {1, STORE_JOB_DOWN, OK, "4/5 3/5 2/0 5/0 1/0 "},
    {3, STORE_JOB_DOWN, OK, "4/5 2/0 3/0 5/0 1/0 "},
    {6, STORE_JOB_UP, ERR_NO_ROW, "4/5 2/0 3/0 5/0 1/0 "},
    {99, STORE_JOB_UP, ERR_NO_ROW, "4/5 2/0 3/0 5/0 1/0 "},
};

static void waiting_jobs_can_be_moved(void **state)
{
    struct fixture *f = *state;
    struct store_job job = {.id = 6, .state = STORE_JOB_QUEUED, .priority = 0};

    for (int64_t id = 1; id <= 5; id++) {
        assert_int_equal(add_job(f, STORE_JOB_QUEUED, id == 3 ? 5 : 0), id);
    }
    assert_int_equal(add_job(f, STORE_JOB_PAUSED, 0), 6);
    expect_queue(f, "3/5 1/0 2/0 4/0 5/0 ");
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        assert_int_equal(store_job_move(f->store, moves[i].id, moves[i].move), moves[i].err);
        expect_queue(f, moves[i].queue);
    }
    assert_int_equal(add_job(f, STORE_JOB_QUEUED, 0), 7); /* a new one is the last of its like */
    expect_queue(f, "4/5 2/0 3/0 5/0 1/0 7/0 ");
    assert_int_equal(store_job_update(f->store, &job), OK);
    expect_queue(f, "4/5 2/0 3/0 5/0 1/0 6/0 7/0 "); /* one that goes on has its place kept */
}

static void paused_jobs_wake(void **state)
{
    struct fixture *f = *state;
    struct store_job job = {.id = 1, .state = STORE_JOB_PAUSED, .resume_at = 500};
    int64_t id = 0, at = 0;

    assert_int_equal(store_job_wakes(f->store, &id, &at), ERR_NO_ROW);
    (void)add_job(f, STORE_JOB_PAUSED, 0);
    (void)add_job(f, STORE_JOB_PAUSED, 0);
    assert_int_equal(store_job_wakes(f->store, &id, &at), ERR_NO_ROW);
    assert_int_equal(store_job_update(f->store, &job), OK);
    job.id = 2;
    job.resume_at = 400;
    assert_int_equal(store_job_update(f->store, &job), OK);
    assert_int_equal(store_job_wakes(f->store, &id, &at), OK);
    assert_int_equal(id, 2);
    assert_int_equal(at, 400);
    job.state = STORE_JOB_QUEUED;
    assert_int_equal(store_job_update(f->store, &job), OK);
    assert_int_equal(store_job_wakes(f->store, &id, &at), OK);
    assert_int_equal(id, 1);
}

static enum err on_id(void *arg, const struct store_job *j)
{
    return buf_printf(arg, "%d ", (int)j->id);
}

static const struct {
    struct store_job_filter filter;
    const char *ids;
} filters[] = {
    {{.limit = 99}, "4 3 2 1 "},
    {{.limit = 2}, "4 3 "},
    {{.limit = 2, .before = 3}, "2 1 "},
    {{.limit = 99, .states = 1U << STORE_JOB_DONE}, "3 1 "},
    {{.limit = 99, .states = 1U << STORE_JOB_DONE | 1U << STORE_JOB_FAILED}, "4 3 1 "},
    {{.limit = 99, .kinds = 1U << STORE_JOB_SHARE}, "4 2 "},
    {{.limit = 99, .share = 7}, "4 "},
    {{.limit = 99, .share = 7, .kinds = 1U << STORE_JOB_GET}, ""},
};

static void jobs_are_filtered(void **state)
{
    static const struct store_job jobs[] = {
        {.kind = STORE_JOB_GET, .state = STORE_JOB_DONE},
        {.kind = STORE_JOB_SHARE, .state = STORE_JOB_QUEUED, .share = 6},
        {.kind = STORE_JOB_GET, .state = STORE_JOB_DONE},
        {.kind = STORE_JOB_SHARE, .state = STORE_JOB_FAILED, .share = 7},
    };
    struct fixture *f = *state;
    struct store_job_counts counts;
    struct buf text = {0};
    int64_t id = 0;

    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(store_job_add(f->store, &jobs[i], &id), OK);
    }
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        assert_int_equal(store_job_select(f->store, &filters[i].filter, on_id, &text), OK);
        expect_text(&text, filters[i].ids);
    }
    buf_clear(&text);
    assert_int_equal(store_job_count(f->store, &counts), OK);
    assert_int_equal(counts.in[STORE_JOB_QUEUED], 1);
    assert_int_equal(counts.in[STORE_JOB_DONE], 2);
    assert_int_equal(counts.in[STORE_JOB_FAILED], 1);
    assert_int_equal(counts.in[STORE_JOB_RUNNING], 0);
}

static enum err on_found(void *arg, const struct store_event *e)
{
    return buf_printf(arg, "%d ", (int)e->id);
}

static const struct {
    struct store_event_filter filter;
    const char *ids;
} event_filters[] = {
    {{.level = 3, .find = "", .limit = 9}, "4 3 2 1 "},
    {{.level = 3, .find = "", .limit = 2}, "4 3 "},
    {{.level = 3, .find = "", .limit = 2, .before = 3}, "2 1 "},
    {{.level = 1, .find = "", .limit = 9}, "4 1 "},
    {{.level = 3, .find = "", .limit = 9, .job = 2}, "4 2 "},
    {{.level = 3, .find = "LOST", .limit = 9}, "4 1 "},
    {{.level = 3, .find = "lost", .limit = 9, .job = 2}, "4 "},
    {{.level = 3, .find = "%", .limit = 9}, "3 "},
    {{.level = 3, .find = "_", .limit = 9}, ""},
};

static void events_are_filtered(void **state)
{
    static const struct {
        int64_t job;
        int level;
        const char *text;
    } rows[] = {{1, 0, "Lost it"}, {2, 2, "found"}, {3, 2, "100 % done"}, {2, 1, "is lost"}};
    struct fixture *f = *state;
    struct buf text = {0};

    for (size_t i = 0; i < 4; i++) {
        struct store_event e = {
            .job = rows[i].job, .level = rows[i].level, .text = bytes_str(rows[i].text)};

        assert_int_equal(store_event_add(f->store, &e, 1), OK);
    }
    for (size_t i = 0; i < sizeof(event_filters) / sizeof(event_filters[0]); i++) {
        assert_int_equal(
            store_event_select(f->store, &event_filters[i].filter, on_found, &text), OK);
        expect_text(&text, event_filters[i].ids);
    }
    buf_clear(&text);
}

static void settings_are_kept(void **state)
{
    struct fixture *f = *state;
    struct store_setting two[] = {{"a", bytes_str("1")}, {"b", bytes_str("")}};
    struct buf value = {0};

    assert_int_equal(store_setting_get(f->store, "a", &value), ERR_NO_ROW);
    assert_int_equal(store_setting_put(f->store, two, 2), OK);
    two[0].value = bytes_str("2");
    assert_int_equal(store_setting_put(f->store, two, 1), OK);
    assert_int_equal(store_setting_get(f->store, "a", &value), OK);
    expect_text(&value, "2");
    assert_int_equal(store_setting_get(f->store, "b", &value), OK);
    expect_text(&value, "");
    buf_clear(&value);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(jobs_wait_their_turn),
        TEST(one_changes_a_share),
        TEST(progress_is_of_running_jobs),
        TEST(unfinished_jobs_of_a_share),
        TEST(events_of_one_job_and_of_all),
        TEST(old_events_go),
        TEST(providers_by_name_and_position),
        TEST(waiting_jobs_can_be_moved),
        TEST(paused_jobs_wake),
        TEST(jobs_are_filtered),
        TEST(events_are_filtered),
        TEST(settings_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
