/* Several providers, none, and others than before. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const serve[] = {"hello\nserve"};

/* What two providers say, and what that makes. */

static const char *const down[] = {"close"};
static const char *const login[] = {"hello\n< AUTHINFO USER\n> 481 no\nclose"};
static const char *const no_posts[] = {
    "hello\n< POST\n> 440 no posting\n< POST\n> 440 no posting\nserve"};

struct fill_row {
    const char *name;
    const char *const *scripts[2];
    const char *there[2]; /* an article that the provider has, or NULL */
    enum err read, post;
    size_t read_by, post_by;
    enum err unsure;
};

static const struct fill_row fill_rows[] = {
    {"first has it", {serve, serve}, {"<n@x.example>", NULL}, OK, OK, 0, 0, OK},
    {"second has it", {serve, serve}, {NULL, "<n@x.example>"}, OK, OK, 1, 0, OK},
    {"nobody has it", {serve, serve}, {NULL, NULL}, ERR_NO_ARTICLE, OK, 1, 0, OK},
    {"first is down, second has it", {down, serve}, {NULL, "<n@x.example>"}, OK, OK, 1, 1, OK},
    {"first is down, second has it not", {down, serve}, {NULL, NULL}, ERR_NO_ARTICLE, OK, 1, 1,
        ERR_CONNECTION_LOST},
    {"second is down, first has it not", {serve, down}, {NULL, NULL}, ERR_NO_ARTICLE, OK, 0, 0,
        ERR_CONNECTION_LOST},
    {"both are down", {down, down}, {NULL, NULL}, ERR_CONNECTION_LOST, ERR_CONNECTION_LOST, 0, 0,
        OK},
    {"first refuses the login", {login, serve}, {NULL, "<n@x.example>"}, OK, OK, 1, 1, OK},
    {"both refuse the login", {login, login}, {NULL, NULL}, ERR_LOGIN, ERR_LOGIN, 0, 0, OK},
    {"first takes no posts", {no_posts, serve}, {"<n@x.example>", NULL}, OK, OK, 0, 1, OK},
};

static void check_fill(const struct fill_row *row, struct rig *rig)
{
    struct outcome stat, body, post;

    rig_post(rig, &post, "<p@x.example>", bytes_str("p\r\n"));
    rig_run(rig);
    assert_string_equal(err_name(post.result.err), err_name(row->post));
    rig_stat(rig, &stat, "<n@x.example>");
    rig_fetch(rig, &body, "<n@x.example>");
    rig_run(rig);
    assert_string_equal(err_name(stat.result.err), err_name(row->read));
    assert_string_equal(err_name(body.result.err), err_name(row->read));
    assert_string_equal(err_name(stat.result.unsure), err_name(row->unsure));
    assert_string_equal(err_name(body.result.unsure), err_name(row->unsure));
    if (row->post == OK) {
        assert_int_equal(post.result.provider, row->post_by);
    }
    if (row->read == OK) {
        assert_int_equal(stat.result.provider, row->read_by);
        assert_int_equal(body.result.provider, row->read_by);
    }
    buf_clear(&body.body);
}

static void providers_fill_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fill_rows / sizeof fill_rows[0]; i++) {
        const struct fill_row *row = &fill_rows[i];
        struct news_settings settings = rig_settings();
        struct news_provider providers[2];
        struct mini *minis[2];
        struct rig rig;

        print_message("%s\n", row->name);
        settings.reconnect_max_ms = 2000; /* what is out stays out for the row */
        for (size_t p = 0; p < 2; p++) {
            minis[p] = rig_mini(row->scripts[p], 1);
            providers[p] = rig_provider(minis[p], 1);
            if (row->scripts[0] == login) {
                providers[p].user = "joe";
                providers[p].password = "x";
            }
            if (row->there[p] != NULL) {
                mini_put(minis[p], row->there[p], "b\r\n", 3);
            }
        }
        rig_init(&rig, RIG_TWO_THREADS, &settings);
        assert_int_equal(news_set_providers(rig.news, providers, 2), OK);
        assert_int_equal(news_provider_count(rig.news), 2);
        check_fill(row, &rig);
        rig_clear(&rig);
        rig_mini_stop(minis[0]);
        rig_mini_stop(minis[1]);
    }
}

/* Who may do what. 'p' posts, 'r' reads, 'c' confirms; the figures say who did it, -1: nobody. */

struct role_row {
    const char *name;
    unsigned roles[2];
    int posts, reads, confirms, samples;
};

static const struct role_row role_rows[] = {
    {"each for all: the first does it", {0, 0}, 0, 0, 0, 0},
    {"the second posts", {NEWS_ROLE_READ | NEWS_ROLE_CONFIRM, NEWS_ROLE_POST}, 1, 0, 0, 0},
    {"the second reads", {NEWS_ROLE_POST | NEWS_ROLE_CONFIRM, NEWS_ROLE_READ}, 0, 1, 0, 0},
    {"the second confirms", {NEWS_ROLE_POST | NEWS_ROLE_READ, NEWS_ROLE_CONFIRM}, 0, 0, 1, 1},
    {"nobody confirms: whoever there is", {NEWS_ROLE_POST, NEWS_ROLE_POST}, 0, 0, 0, 0},
    {"nobody posts", {NEWS_ROLE_READ, NEWS_ROLE_CONFIRM}, -1, 0, 1, 1},
};

static void expect_by(const struct outcome *outcome, int by, enum err otherwise)
{
    assert_string_equal(err_name(outcome->result.err), err_name(by >= 0 ? OK : otherwise));
    if (by >= 0) {
        assert_int_equal(outcome->result.provider, by);
    }
}

static void check_roles(const struct role_row *row, struct rig *rig)
{
    const struct news_question sample = {
        .id = {"<n@x.example>"}, .role = NEWS_ROLE_CONFIRM, .skip = 0};
    struct outcome post, stat, body, confirm;

    rig_post(rig, &post, "<p@x.example>", bytes_str("p\r\n"));
    rig_stat(rig, &stat, "<n@x.example>");
    rig_fetch(rig, &body, "<n@x.example>");
    rig_fetch_by(rig, &confirm, &sample);
    rig_run(rig);
    expect_by(&post, row->posts, ERR_NO_POSTING_PROVIDER);
    expect_by(&stat, row->confirms, OK);
    expect_by(&body, row->reads, OK);
    expect_by(&confirm, row->samples, OK);
    buf_clear(&body.body);
    buf_clear(&confirm.body);
}

/* Two servers that have the same article, and the pool on them. */
struct two {
    struct rig rig;
    struct mini *minis[2];
    struct news_provider providers[2];
};

static void two_open(struct two *two, const char *const *first, size_t count)
{
    struct news_settings settings = rig_settings();

    rig_init(&two->rig, RIG_TWO_THREADS, &settings);
    two->minis[0] = rig_mini(first, count);
    two->minis[1] = rig_mini(serve, 1);
    for (size_t i = 0; i < 2; i++) {
        mini_put(two->minis[i], "<n@x.example>", "b\r\n", 3);
        two->providers[i] = rig_provider(two->minis[i], 1);
        two->providers[i].order = (int)i;
    }
}

static void two_use(struct two *two)
{
    assert_int_equal(news_set_providers(two->rig.news, two->providers, 2), OK);
}

static void two_close(struct two *two)
{
    rig_clear(&two->rig);
    rig_mini_stop(two->minis[0]);
    rig_mini_stop(two->minis[1]);
}

static void roles_decide(void **state)
{
    struct two two;

    (void)state;
    two_open(&two, serve, 1);
    for (size_t i = 0; i < sizeof role_rows / sizeof role_rows[0]; i++) {
        const struct role_row *row = &role_rows[i];

        print_message("%s\n", row->name);
        two.providers[0].roles = row->roles[0];
        two.providers[1].roles = row->roles[1];
        two_use(&two);
        check_roles(row, &two.rig);
    }
    two_close(&two);
}

/* What one has damaged the other is asked for; where none is left the answer is no. */
static void a_provider_can_be_passed_over(void **state)
{
    struct news_question question = {.id = {"<n@x.example>"}, .skip = 1};
    struct outcome first, second;
    struct two two;

    (void)state;
    two_open(&two, serve, 1);
    two_use(&two);
    rig_fetch_by(&two.rig, &first, &question);
    question.skip = 3;
    rig_fetch_by(&two.rig, &second, &question);
    rig_run(&two.rig);
    expect_by(&first, 1, OK);
    expect_by(&second, -1, ERR_NO_ARTICLE);
    assert_int_equal(second.result.unsure, OK);
    buf_clear(&first.body);
    two_close(&two);
}

/* One that answers no connection at first is asked nothing; when it is well, it is the first again.
 */
static void one_that_comes_back_is_used_again(void **state)
{
    static const char *const late[] = {"close", "close", "close", "hello\nserve"};
    struct outcome post;
    struct two two;
    size_t by_second = 0;
    char id[64];

    (void)state;
    two_open(&two, late, 4);
    two_use(&two);
    for (size_t i = 0; i == 0 || post.result.provider != 0; i++) {
        rig_id_of(i, id);
        rig_post(&two.rig, &post, id, bytes_str("p\r\n"));
        rig_run(&two.rig);
        assert_int_equal(post.result.err, OK);
        assert_int_equal(post.result.tries, 1);
        by_second += post.result.provider == 1;
        rig_pass(&two.rig, 5);
    }
    assert_true(by_second > 0);
    two_close(&two);
}

/* An article that one refuses goes to the other, who is told nothing of that. */
static void what_one_refuses_the_other_may_take(void **state)
{
    static const char *const picky[] = {"hello\n< POST\n> 340 go\narticle\n> 441 no thanks\nserve"};
    struct outcome post;
    struct two two;

    (void)state;
    two_open(&two, picky, 1);
    two_use(&two);
    rig_post(&two.rig, &post, "<p@x.example>", bytes_str("p\r\n"));
    rig_run(&two.rig);
    expect_by(&post, 1, OK);
    assert_int_equal(post.result.tries, 3);
    two_close(&two);
}

/* Those of one order share the work. */
static void equals_share_the_work(void **state)
{
    enum { POSTS = 20 };
    struct outcome posts[POSTS];
    struct two two;
    size_t by[2] = {0, 0};
    char id[64];

    (void)state;
    two_open(&two, serve, 1);
    two.providers[1].order = two.providers[0].order;
    two_use(&two);
    for (size_t i = 0; i < POSTS; i++) {
        rig_id_of(i, id);
        rig_post(&two.rig, &posts[i], id, bytes_str("p\r\n"));
    }
    rig_run(&two.rig);
    for (size_t i = 0; i < POSTS; i++) {
        assert_int_equal(posts[i].result.err, OK);
        by[posts[i].result.provider]++;
    }
    assert_true(by[0] > 0 && by[1] > 0);
    two_close(&two);
}

/* A block account: what is too much for one goes to the other; and is counted, article by article.
 */
static void a_quota_is_kept(void **state)
{
    enum { POSTS = 20, LEN = 1000, QUOTA = 5 * LEN };
    struct outcome posts[POSTS], fetch, stat;
    struct news_counters counters;
    struct two two;
    char body[LEN + 1], id[64];
    size_t by_first = 0;

    (void)state;
    memset(body, 'x', LEN);
    memcpy(body + LEN - 2, "\r\n", 3);
    two_open(&two, serve, 1);
    two.providers[0].quota = QUOTA;
    two.providers[0].spent = LEN;
    two.providers[0].connections = 3;
    two_use(&two);
    for (size_t i = 0; i < POSTS; i++) {
        rig_id_of(i, id);
        rig_post(&two.rig, &posts[i], id, bytes_str(body));
    }
    rig_run(&two.rig);
    for (size_t i = 0; i < POSTS; i++) {
        assert_int_equal(posts[i].result.err, OK);
        by_first += posts[i].result.provider == 0;
    }
    news_counters_get(two.rig.news, 0, &counters);
    assert_in_range(by_first, 3, 4);
    assert_in_range(counters.spent, QUOTA, QUOTA + 2 * LEN);
    rig_fetch(&two.rig, &fetch, "<n@x.example>");
    rig_stat(&two.rig, &stat, "<n@x.example>"); /* questions are free */
    rig_run(&two.rig);
    expect_by(&fetch, 1, OK);
    expect_by(&stat, 0, OK);
    buf_clear(&fetch.body);
    assert_int_equal(news_set_providers(two.rig.news, two.providers, 1), OK);
    rig_fetch(&two.rig, &fetch, "<n@x.example>");
    rig_run(&two.rig);
    assert_int_equal(fetch.result.err, ERR_QUOTA);
    two.providers[0].quota = 0; /* raised */
    assert_int_equal(news_set_providers(two.rig.news, two.providers, 1), OK);
    rig_fetch(&two.rig, &fetch, "<n@x.example>");
    rig_run(&two.rig);
    expect_by(&fetch, 0, OK);
    buf_clear(&fetch.body);
    two_close(&two);
}

/* What is known of a server is taken into account. */
static void quirks_are_heeded(void **state)
{
    static const char *const liar[] = {"hello\n< HEAD <n@x.example>\n> 221 0 <n@x.example>\n> "
                                       "Subject: s\n> .\n< HEAD\n> 430 no\nserve"};
    struct news_article head = {.id = {"<h@x.example>"},
        .from = "a <a@b.example>",
        .subject = "s",
        .body = bytes_str("x\r\n"),
        .keep_id = true};
    struct outcome there, missing, post, kept = {0};
    struct two two;

    (void)state;
    two_open(&two, liar, 1);
    two.providers[0].quirks = NEWS_QUIRK_STAT_LIES | NEWS_QUIRK_CHANGES_IDS;
    assert_int_equal(news_set_providers(two.rig.news, two.providers, 1), OK);
    rig_stat(&two.rig, &there, "<n@x.example>");
    rig_run(&two.rig);
    rig_stat(&two.rig, &missing, "<never@x.example>");
    rig_run(&two.rig);
    expect_by(&there, 0, OK);
    expect_by(&missing, -1, ERR_NO_ARTICLE);
    two_use(&two);
    kept.rig = &two.rig;
    two.rig.pending++;
    assert_int_equal(news_post_start(two.rig.news, &head, rig_done, &kept, &kept.op), OK);
    rig_post(&two.rig, &post, "<p@x.example>", bytes_str("x\r\n"));
    rig_run(&two.rig);
    expect_by(&kept, 1, OK);
    expect_by(&post, 0, OK);
    two_close(&two);
}

static void nobody_to_ask(void **state)
{
    struct news_settings settings = rig_settings();
    struct outcome stat, post;
    struct news_provider nowhere = {.host = "", .connections = 1};
    struct rig rig;

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_stat(&rig, &stat, "<n@x.example>");
    rig_post(&rig, &post, "<n@x.example>", bytes_str("x\r\n"));
    rig_run(&rig);
    assert_int_equal(stat.result.err, ERR_NO_PROVIDER);
    assert_int_equal(post.result.err, ERR_NO_PROVIDER);
    assert_int_equal(news_set_providers(rig.news, &nowhere, 1), ERR_BAD_REQUEST);
    assert_int_equal(news_provider_count(rig.news), 0);
    rig_clear(&rig);
}

/* Work moves to the new provider, from the queue and from a connection that stalls. */
static void work_moves_over(void **state)
{
    static const char *const stall[] = {"hello\nstall"};
    struct news_settings settings = rig_settings();
    struct mini *old = rig_mini(stall, 1);
    struct mini *fresh = rig_mini(serve, 1);
    struct outcome outcomes[10];
    struct rig rig;
    char id[64];

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, old, 2);
    for (size_t i = 0; i < 10; i++) {
        rig_id_of(i, id);
        if (i % 2 == 0) {
            rig_post(&rig, &outcomes[i], id, bytes_str("x\r\n"));
        } else {
            rig_stat(&rig, &outcomes[i], id);
        }
    }
    rig_pass(&rig, 30);
    rig_use(&rig, fresh, 2);
    rig_run(&rig);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(outcomes[i].result.err, i % 2 == 0 ? OK : ERR_NO_ARTICLE);
    }
    rig_clear(&rig);
    rig_mini_stop(old);
    rig_mini_stop(fresh);
}

/* The same provider again, in another place: its connection and its counters stay. */
static void a_provider_that_stays_is_left_alone(void **state)
{
    struct news_settings settings = rig_settings();
    struct mini *old = rig_mini(serve, 1);
    struct mini *fresh = rig_mini(serve, 1);
    struct news_provider providers[2] = {rig_provider(fresh, 1), rig_provider(old, 1)};
    struct news_provider too_many[40];
    struct news_counters counters;
    struct outcome outcome;
    struct rig rig;

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, old, 1);
    rig_stat(&rig, &outcome, "<n@x.example>");
    rig_run(&rig);
    assert_int_equal(news_set_providers(rig.news, providers, 2), OK);
    mini_put(old, "<n@x.example>", "b\r\n", 3);
    rig_stat(&rig, &outcome, "<n@x.example>");
    rig_run(&rig);
    assert_int_equal(outcome.result.err, OK);
    assert_int_equal(outcome.result.provider, 1);
    assert_int_equal(mini_connected(old), 1);
    news_counters_get(rig.news, 1, &counters);
    assert_int_equal(counters.missing, 1);
    assert_int_equal(counters.stats, 1);
    news_counters_get(rig.news, 0, &counters);
    assert_int_equal(counters.missing, 1);
    for (size_t i = 0; i < 40; i++) {
        too_many[i] = providers[0];
    }
    assert_int_equal(news_set_providers(rig.news, too_many, 40), ERR_BAD_REQUEST);
    assert_int_equal(news_provider_count(rig.news), 2);
    rig_clear(&rig);
    rig_mini_stop(old);
    rig_mini_stop(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(providers_fill_in),
        cmocka_unit_test(roles_decide),
        cmocka_unit_test(a_provider_can_be_passed_over),
        cmocka_unit_test(one_that_comes_back_is_used_again),
        cmocka_unit_test(what_one_refuses_the_other_may_take),
        cmocka_unit_test(equals_share_the_work),
        cmocka_unit_test(a_quota_is_kept),
        cmocka_unit_test(quirks_are_heeded),
        cmocka_unit_test(nobody_to_ask),
        cmocka_unit_test(work_moves_over),
        cmocka_unit_test(a_provider_that_stays_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
