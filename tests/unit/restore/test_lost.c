/* Articles that are gone or damaged: what can be restored is, the rest is named. */
#include "flow/restore/restore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restore_rig.h"

struct house {
    struct rig rig;
    struct buf raw; /* two blocks in the segments 0 and 1 and a tail */
};

static int setup_in(void **state, int tables)
{
    struct house *h = calloc(1, sizeof(*h));
    struct maker *m;

    assert_non_null(h);
    rig_init(&h->rig);
    m = h->rig.maker;
    if (tables == MAKER_META) {
        m->tables = MAKER_META;
    }
    h->raw = rig_noise(2 * (size_t)PAYLOAD_LEN + 5000, 1);
    maker_file(m, MAKER_TOP, "raw", buf_view(&h->raw), MAKER_PLAIN);
    maker_file(m, MAKER_TOP, "small", bytes_str("in the pack"), MAKER_PLAIN);
    maker_file(m, MAKER_TOP, "empty", bytes_str(""), MAKER_PLAIN);
    maker_inline_file(m, MAKER_TOP, "inline", bytes_str("in the head"));
    maker_folder(m, MAKER_TOP, "folder", 0700);
    maker_publish(m);
    *state = h;
    return 0;
}

static int setup(void **state)
{
    return setup_in(state, MAKER_INLINE);
}

static int setup_meta(void **state)
{
    return setup_in(state, MAKER_META);
}

static int teardown(void **state)
{
    struct house *h = *state;

    rig_clear(&h->rig);
    buf_clear(&h->raw);
    free(h);
    return 0;
}

static void a_raw_block_is_gone(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;

    assert_true(server_remove(&rig->server, rig->maker->data.ids[1]));
    assert_int_equal(rig_restore(rig, NULL), ERR_ARTICLES_LOST);
    assert_int_equal(rig->result.lost_files, 1);
    assert_int_equal(rig->result.files, 3);
    assert_non_null(strstr(rig->events, "raw could not be restored"));
    rig_assert_absent(rig, "raw");
    rig_assert_file(rig, "small", bytes_str("in the pack"), 0640);
    rig_assert_file(rig, "inline", bytes_str("in the head"), 0640);
    rig_assert_file(rig, "empty", bytes_str(""), 0640);
    rig_assert_folder(rig, "", 0750);
    assert_int_equal(rig_count(rig), 5); /* and the marker: it may yet be completed */
}

static void a_pack_is_damaged_for_good(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;

    server_damage(&rig->server, rig->maker->data.ids[2], 1000);
    assert_int_equal(rig_restore(rig, NULL), ERR_ARTICLES_LOST);
    assert_int_equal(rig->result.lost_files, 2);
    assert_non_null(strstr(rig->events, "raw could not"));
    assert_non_null(strstr(rig->events, "small could not"));
    assert_int_equal(server_asked(&rig->server, rig->maker->data.ids[2]), 2);
    assert_int_equal(rig_count(rig), 4);
}

/* Damaged once, whole the second time: nobody notices but the counter. */
static void damaged_once(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;

    server_damage(&rig->server, rig->maker->data.ids[0], 1);
    server_damage(&rig->server, rig->maker->data.ids[2], 1);
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_file(rig, "raw", buf_view(&h->raw), 0640);
    assert_int_equal(server_asked(&rig->server, rig->maker->data.ids[0]), 2);
    assert_int_equal(server_asked(&rig->server, rig->maker->data.ids[1]), 1);
}

/* Another segment's body under this id: right yEnc, right share, wrong bytes. */
static void articles_are_swapped(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    struct server_article *articles = rig->server.articles;
    size_t at[2] = {0, 0};
    uint8_t *body;

    for (size_t i = 0; i < rig->server.count; i++) {
        for (size_t k = 0; k < 2; k++) {
            if (strcmp(articles[i].id, rig->maker->data.ids[k]) == 0) {
                at[k] = i;
            }
        }
    }
    body = articles[at[0]].body;
    articles[at[0]].body = articles[at[1]].body;
    articles[at[1]].body = body;
    articles[at[0]].len ^= articles[at[1]].len;
    articles[at[1]].len ^= articles[at[0]].len;
    articles[at[0]].len ^= articles[at[1]].len;
    assert_int_equal(rig_restore(rig, NULL), ERR_ARTICLES_LOST);
    assert_int_equal(rig->result.lost_files, 1);
    rig_assert_absent(rig, "raw");
}

static void the_tree_is_gone(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;

    assert_int_equal(rig->maker->meta.count, 1);
    assert_true(server_remove(&rig->server, rig->maker->meta.ids[0]));
    assert_int_equal(rig_restore(rig, NULL), ERR_ARTICLES_LOST);
    assert_int_equal(rig_count(rig), 0);
    assert_int_equal(rig_list(rig, "", LISTING_RECURSIVE), ERR_ARTICLES_LOST);
    assert_int_equal(rig->share.files, 4);
}

static void the_tree_is_damaged_once(void **state)
{
    struct house *h = *state;

    server_damage(&h->rig.server, h->rig.maker->meta.ids[0], 1);
    assert_int_equal(rig_restore(&h->rig, NULL), OK);
    rig_assert_file(&h->rig, "raw", buf_view(&h->raw), 0640);
}

/* The server goes away in the middle: that is an error of the whole, not a lost article, and what
 * was half written is gone. */
static void the_server_goes_away(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    struct news_provider dead = {
        .name = "dead", .host = "127.0.0.1", .port = 1, .group = "alt.test", .connections = 2};

    rig->server.silent_at = 20; /* the head took 18 questions */
    rig->stop_at = 1;
    (void)rig_start(rig, NULL);
    rig_pass(rig, 20000);
    assert_int_equal(rig->calls, 0);
    rig->stop_at = 0;
    assert_int_equal(news_set_providers(rig->news, &dead, 1), OK);
    rig_run(rig);
    assert_true(err_kind(rig->err) == KIND_RETRY || err_kind(rig->err) == KIND_REFUSED);
    assert_int_equal(rig->result.lost_files, 0);
    rig_pass(rig, 50);
    rig_assert_tidy(rig);
    rig_assert_absent(rig, "raw");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_raw_block_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pack_is_damaged_for_good, setup, teardown),
        cmocka_unit_test_setup_teardown(damaged_once, setup, teardown),
        cmocka_unit_test_setup_teardown(articles_are_swapped, setup, teardown),
        cmocka_unit_test_setup_teardown(the_server_goes_away, setup, teardown),
        cmocka_unit_test_setup_teardown(the_tree_is_gone, setup_meta, teardown),
        cmocka_unit_test_setup_teardown(the_tree_is_damaged_once, setup_meta, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
