/* Jobs take turns at a server's connections. */
#include <stdio.h>
#include <string.h>

#include "io/news/news_turns.h"
#include "rig.h"

static const char *const serve[] = {"hello\nserve"};

static void the_longest_ago_comes_first(void **state)
{
    struct turns turns = {0};

    (void)state;
    assert_int_equal(turns_of(&turns, 0), 0);
    for (uint64_t lane = 0; lane < TURNS_MAX; lane++) {
        turns_take(&turns, lane);
    }
    for (uint64_t lane = 1; lane < TURNS_MAX; lane++) {
        assert_true(turns_of(&turns, lane - 1) > 0);
        assert_true(turns_of(&turns, lane - 1) < turns_of(&turns, lane));
    }
    turns_take(&turns, 0);
    assert_true(turns_of(&turns, 0) > turns_of(&turns, TURNS_MAX - 1));
    turns_take(&turns, 1000); /* one too many: lane 1 had no turn for the longest time */
    assert_int_equal(turns_of(&turns, 1), 0);
    assert_true(turns_of(&turns, 1000) > turns_of(&turns, 0));
    assert_true(turns_of(&turns, 2) > 0);
}

enum { FIRST = 20, LATER = 5, ALL = FIRST + 2 * LATER };

/* Lane 7 has asked for much before lanes 8 and 9 came, who want less. */
static uint64_t lane_of(size_t i)
{
    return i < FIRST ? 7 : i < FIRST + LATER ? 8 : 9;
}

/* As long as all three want something they get it in turns; then the first goes on alone. */
static void expect_turns(const struct outcome *outcomes)
{
    uint64_t lanes[ALL] = {0};
    unsigned first = UINT32_MAX;

    for (size_t i = 0; i < ALL; i++) {
        assert_int_equal(outcomes[i].result.err, OK);
        first = outcomes[i].turn < first ? outcomes[i].turn : first;
    }
    for (size_t i = 0; i < ALL; i++) {
        assert_true(outcomes[i].turn - first < ALL);
        lanes[outcomes[i].turn - first] = lane_of(i);
    }
    for (size_t i = 0; i < ALL; i++) {
        assert_int_equal(lanes[i], i < (size_t)LATER * 3 ? 7 + i % 3 : 7);
    }
    for (size_t i = 1; i < FIRST; i++) { /* and of one lane, who came first */
        assert_true(outcomes[i - 1].turn < outcomes[i].turn);
    }
}

static struct article_id id_of(size_t i)
{
    struct article_id id = {{0}};

    rig_id_of(i, id.text);
    return id;
}

static void post(struct rig *rig, struct outcome *outcome, size_t i)
{
    static const char body[] = "a body\r\n";
    struct news_article article = {.id = id_of(i),
        .from = "a@x",
        .subject = "s",
        .body = bytes_at(body, sizeof body - 1),
        .lane = lane_of(i)};

    *outcome = (struct outcome){.rig = rig};
    rig->pending++;
    assert_int_equal(news_post_start(rig->news, &article, rig_done, outcome, &outcome->op), OK);
}

static void posts_take_turns(void **state)
{
    struct outcome outcomes[ALL];
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct rig rig;

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 1);
    news_set_rates(rig.news, NEWS_RATE_NOTHING, NEWS_RATE_NOTHING); /* until all wait */
    for (size_t i = 0; i < ALL; i++) {
        post(&rig, &outcomes[i], i);
    }
    news_set_rates(rig.news, 0, 0);
    rig_run(&rig);
    expect_turns(outcomes);
    rig_clear(&rig);
    rig_mini_stop(mini);
}

static void bodies_take_turns(void **state)
{
    struct outcome outcomes[ALL];
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct rig rig;

    (void)state;
    memset(outcomes, 0, sizeof outcomes);
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 1);
    news_set_rates(rig.news, NEWS_RATE_NOTHING, NEWS_RATE_NOTHING);
    for (size_t i = 0; i < ALL; i++) {
        struct news_question question = {.id = id_of(i), .lane = lane_of(i)};

        mini_put(mini, question.id.text, "b\r\n", 3);
        rig_fetch_by(&rig, &outcomes[i], &question);
    }
    news_set_rates(rig.news, 0, 0);
    rig_run(&rig);
    expect_turns(outcomes);
    for (size_t i = 0; i < ALL; i++) {
        buf_clear(&outcomes[i].body);
    }
    rig_clear(&rig);
    rig_mini_stop(mini);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_ago_comes_first),
        cmocka_unit_test(posts_take_turns),
        cmocka_unit_test(bodies_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
