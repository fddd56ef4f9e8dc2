/* Providers that are paused, and what the connections do just now. */
#include <string.h>

#include "io/news/news_watch.h"
#include "rig.h"

static const char *const serve[] = {"hello\nserve"};
static const char *const stalls[] = {"hello\n< BODY\n> 222 0 <n@x.example>\n! half a li\nstall"};

struct pair {
    struct rig rig;
    struct mini *minis[2];
    struct news_provider providers[2];
};

static void pair_open(struct pair *p, const char *const *first)
{
    struct news_settings settings = rig_settings();

    rig_init(&p->rig, RIG_TWO_THREADS, &settings);
    p->minis[0] = rig_mini(first, 1);
    p->minis[1] = rig_mini(serve, 1);
    for (size_t i = 0; i < 2; i++) {
        p->providers[i] = rig_provider(p->minis[i], 2);
    }
}

static void pair_close(struct pair *p)
{
    rig_clear(&p->rig);
    rig_mini_stop(p->minis[0]);
    rig_mini_stop(p->minis[1]);
}

static void use(struct pair *p, size_t count, bool first_paused, bool second_paused)
{
    p->providers[0].paused = first_paused;
    p->providers[1].paused = second_paused;
    assert_int_equal(news_set_providers(p->rig.news, p->providers, count), OK);
}

static void the_others_do_the_work(void **state)
{
    struct outcome post, fetch, stat;
    struct pair p;

    (void)state;
    pair_open(&p, serve);
    assert_true(mini_put(p.minis[1], "<n@x.example>", "text\r\n", 6));
    use(&p, 2, true, false);
    rig_post(&p.rig, &post, "<p@x.example>", bytes_str("p\r\n"));
    rig_fetch(&p.rig, &fetch, "<n@x.example>");
    rig_stat(&p.rig, &stat, "<n@x.example>");
    rig_run(&p.rig);
    assert_int_equal(post.result.err, OK);
    assert_int_equal(post.result.provider, 1);
    assert_int_equal(fetch.result.err, OK);
    assert_int_equal(stat.result.err, OK);
    assert_int_equal(mini_connected(p.minis[0]), 0);
    buf_clear(&fetch.body);
    pair_close(&p);
}

/* One more turn than anything needs that is not held. */
static void expect_held(struct pair *p)
{
    rig_pass(&p->rig, 100);
    assert_int_equal(p->rig.turns, 0);
}

static void what_nobody_else_can_answer_waits(void **state)
{
    struct outcome post, fetch, stat, missing;
    struct pair p;

    (void)state;
    pair_open(&p, serve);
    assert_true(mini_put(p.minis[0], "<n@x.example>", "text\r\n", 6));
    use(&p, 1, true, false); /* it alone, and paused */
    rig_post(&p.rig, &post, "<p@x.example>", bytes_str("p\r\n"));
    expect_held(&p);
    use(&p, 2, true, false); /* another one comes */
    rig_run(&p.rig);
    assert_int_equal(post.result.err, OK);
    assert_int_equal(post.result.provider, 1);
    p.rig.turns = 0;
    rig_fetch(&p.rig, &fetch, "<n@x.example>"); /* that one has it not: nobody knows */
    rig_stat(&p.rig, &stat, "<n@x.example>");
    rig_run(&p.rig);
    assert_int_equal(fetch.result.err, ERR_NO_ARTICLE);
    assert_int_equal(fetch.result.unsure, ERR_PAUSED);
    assert_int_equal(stat.result.err, ERR_NO_ARTICLE);
    assert_int_equal(stat.result.unsure, ERR_PAUSED);
    use(&p, 2, false, false);
    rig_fetch(&p.rig, &fetch, "<n@x.example>");
    rig_stat(&p.rig, &stat, "<n@x.example>");
    rig_stat(&p.rig, &missing, "<never@x.example>");
    rig_run(&p.rig);
    assert_int_equal(fetch.result.err, OK);
    assert_int_equal(fetch.result.provider, 0);
    assert_int_equal(stat.result.err, OK);
    assert_int_equal(missing.result.err, ERR_NO_ARTICLE);
    assert_int_equal(missing.result.unsure, OK);
    buf_clear(&fetch.body);
    pair_close(&p);
}

/* What lies in its queue, what is held, at a cancel and at the end. */
static void held_requests_can_go(void **state)
{
    struct outcome gone, left;
    struct pair p;

    (void)state;
    pair_open(&p, serve);
    use(&p, 1, true, false);
    rig_post(&p.rig, &gone, "<p@x.example>", bytes_str("p\r\n"));
    rig_post(&p.rig, &left, "<q@x.example>", bytes_str("q\r\n"));
    expect_held(&p);
    news_cancel(gone.op);
    pair_close(&p);
}

static size_t links_of(struct rig *rig, struct news_link *links)
{
    return news_links_get(rig->news, links, 8);
}

static void connections_can_be_watched(void **state)
{
    struct news_link links[8];
    struct outcome fetch, post;
    struct pair p;
    size_t count;

    (void)state;
    pair_open(&p, stalls);
    use(&p, 2, false, true);
    assert_int_equal(links_of(&p.rig, links), 0);
    rig_fetch(&p.rig, &fetch, "<n@x.example>");
    do {
        rig_pass(&p.rig, 5);
        count = links_of(&p.rig, links);
    } while (count == 0 || links[0].state != NEWS_LINK_FETCHING || links[0].moved.in < 40);
    assert_int_equal(count, 1);
    assert_int_equal(links[0].provider, 0);
    assert_true(links[0].moved.out >= strlen("BODY <n@x.example>\r\n"));
    assert_true(news_moved(p.rig.news).in >= links[0].moved.in);
    news_cancel(fetch.op);
    p.rig.pending = 0;

    use(&p, 2, true, false);
    rig_post(&p.rig, &post, "<p@x.example>", bytes_str("p\r\n"));
    rig_run(&p.rig);
    do { /* the one that stalls ends, the other rests */
        rig_pass(&p.rig, 5);
        count = links_of(&p.rig, links);
    } while (
        count == 0 || links[count - 1].provider != 1 || links[count - 1].state != NEWS_LINK_IDLE);
    assert_int_equal(news_links_get(p.rig.news, links, 0), 0);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_others_do_the_work),
        cmocka_unit_test(what_nobody_else_can_answer_waits),
        cmocka_unit_test(held_requests_can_go),
        cmocka_unit_test(connections_can_be_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
