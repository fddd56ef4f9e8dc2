/* Jobs, events and providers. */
#include "io/store/store_job.h"

#include "io/store/store_provider.h"
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
    return buf_printf(arg, "%s %s:%d tls%d '%s' '%s' %s x%u;", p->name, p->host, p->port, p->tls,
        p->ca_file, p->user, p->group, p->connections);
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
    p.name = "b";
    p.host = "other";
    p.position = 2;
    p.port = 65535;
    assert_int_equal(store_provider_put(f->store, &p), OK); /* replaces */
    assert_int_equal(store_provider_each(f->store, on_provider, &text), OK);
    expect_text(&text, "a news.example:563 tls1 '' 'me' alt.test x8;"
                       "b other:65535 tls1 '' 'me' alt.test x8;");
    assert_int_equal(store_provider_remove(f->store, "b"), OK);
    assert_int_equal(store_provider_remove(f->store, "b"), ERR_NO_ROW);
    assert_int_equal(store_provider_each(f->store, on_provider, &text), OK);
    expect_text(&text, "a news.example:563 tls1 '' 'me' alt.test x8;");
    buf_clear(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(jobs_wait_their_turn),
        TEST(events_of_one_job_and_of_all),
        TEST(old_events_go),
        TEST(providers_by_name_and_position),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
