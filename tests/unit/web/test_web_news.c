/* Patches against RFC 7396, and what listeners of every slowness come to know: always the newest
 * state, whatever they missed. The twin applies each message as the page does. */
#include "app/web/web_news.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/web/web_patch.h"

static json_t *json_of(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(value);
    return value;
}

/* RFC 7396 section 2, word for word; takes `target` over. */
static json_t *apply(json_t *target, json_t *patch)
{
    const char *key;
    json_t *value;

    if (!json_is_object(patch)) {
        json_decref(target);
        return json_deep_copy(patch);
    }
    if (!json_is_object(target)) {
        json_decref(target);
        target = json_object();
    }
    json_object_foreach(patch, key, value)
    {
        if (json_is_null(value)) {
            (void)json_object_del(target, key);
        } else {
            json_t *old = json_incref(json_object_get(target, key));

            (void)json_object_set_new(target, key, apply(old, value));
        }
    }
    return target;
}

static const struct {
    const char *from, *to, *patch;
} differences[] = {
    {"{}", "{}", "{}"},
    {"{'a':1}", "{'a':1}", "{}"},
    {"{'a':1}", "{'a':2}", "{'a':2}"},
    {"{'a':1}", "{}", "{'a':null}"},
    {"{}", "{'a':{'b':1}}", "{'a':{'b':1}}"},
    {"{'a':{'b':1,'c':2}}", "{'a':{'b':1,'c':3}}", "{'a':{'c':3}}"},
    {"{'a':{'b':1}}", "{'a':[1]}", "{'a':[1]}"},
    {"{'a':[1,2]}", "{'a':[1,3]}", "{'a':[1,3]}"},
    {"{'a':5}", "{'a':{'b':1}}", "{'a':{'b':1}}"},
    {"{'a':{'b':{'c':1}}}", "{'a':{'b':{}}}", "{'a':{'b':{'c':null}}}"},
};

static json_t *quoted(const char *text)
{
    char copy[256];

    (void)snprintf(copy, sizeof(copy), "%s", text);
    for (char *c = copy; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return json_of(copy);
}

static void test_differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
        json_t *from = quoted(differences[i].from), *to = quoted(differences[i].to);
        json_t *want = quoted(differences[i].patch), *patch = web_patch_make(from, to);

        assert_true(json_equal(patch, want));
        from = apply(from, patch);
        assert_true(json_equal(from, to));
        json_decref(from);
        json_decref(to);
        json_decref(want);
        json_decref(patch);
    }
}

static void test_clean(void **state)
{
    json_t *value = quoted("{'a':null,'b':{'c':null,'d':1},'e':[null]}");
    json_t *want = quoted("{'b':{'d':1},'e':[null]}");

    (void)state;
    web_patch_clean(value);
    assert_true(json_equal(value, want));
    json_decref(value);
    json_decref(want);
}

static void test_join(void **state)
{
    json_t *first = quoted("{'a':{'b':1},'c':null}"), *later = quoted("{'a':{'d':2},'e':3}");
    json_t *want = quoted("{'a':{'b':1,'d':2},'c':null,'e':3}"), *back = quoted("{'c':{'x':1}}");

    (void)state;
    assert_int_equal(web_patch_join(first, later), OK);
    assert_true(json_equal(first, want));
    assert_int_equal(web_patch_join(first, back), ERR_CHANGED);
    json_decref(first);
    json_decref(later);
    json_decref(want);
    json_decref(back);
}

/* --- listeners -------------------------------------------------------------------------------- */

struct listener {
    uint64_t seq;
    json_t *knows;
    unsigned snapshots, changes;
};

static void tell(struct web_news *news, struct listener *listener)
{
    struct bytes text = web_news_message(news, listener->seq);
    json_t *message = json_loadb((const char *)text.ptr, text.len, 0, NULL);
    const char *type = json_string_value(json_object_get(message, "type"));

    assert_non_null(message);
    if (strcmp(type, "snapshot") == 0) {
        assert_string_equal(json_string_value(json_object_get(message, "boot")), "b1");
        json_decref(listener->knows);
        listener->knows = json_incref(json_object_get(message, "state"));
        listener->snapshots++;
    } else {
        assert_string_equal(type, "change");
        assert_true(listener->seq != 0);
        listener->knows = apply(listener->knows, json_object_get(message, "patch"));
        listener->changes++;
    }
    assert_int_equal(json_integer_value(json_object_get(message, "seq")), web_news_seq(news));
    listener->seq = web_news_seq(news);
    json_decref(message);
}

/* A state like the real ones: jobs come, move, go and come back; some members are not known. */
static json_t *random_state(unsigned *seed)
{
    json_t *jobs = json_object();
    char key[16];

    for (int i = 0; i < 6; i++) {
        (void)snprintf(key, sizeof(key), "%d", i);
        if (rand_r(seed) % 3 != 0) {
            json_t *rate = rand_r(seed) % 4 == 0 ? json_null() : json_integer(rand_r(seed) % 3);

            (void)json_object_set_new(jobs, key,
                rand_r(seed) % 8 == 0
                    ? json_integer(7) /* no object: what merge patches trip over */
                    : json_pack("{s:i, s:{s:o}, s:[i]}", "done", rand_r(seed) % 2, "progress",
                          "rate", json_incref(rate), "files", rand_r(seed) % 2));
            json_decref(rate);
        }
    }
    return json_pack("{s:i, s:o}", "time", rand_r(seed) % 2, "jobs", jobs);
}

static void test_listeners_of_every_slowness(void **state)
{
    enum { LISTENERS = 8, ROUNDS = 3000 };
    struct listener listeners[LISTENERS] = {0};
    struct web_news *news = NULL;
    unsigned seed = 5;

    (void)state;
    assert_int_equal(web_news_new("b1", &news), OK);
    for (unsigned round = 0; round < ROUNDS; round++) {
        json_t *now = random_state(&seed);
        json_t *clean = json_deep_copy(now);

        web_patch_clean(clean);
        (void)json_object_del(clean, "time");
        web_news_put(news, now, round);
        for (unsigned i = 0; i < LISTENERS; i++) { /* the last ones are told every 128th time */
            if (round % (1U << i) == 0) {
                tell(news, &listeners[i]);
                (void)json_object_del(listeners[i].knows, "time");
                assert_true(json_equal(listeners[i].knows, clean));
            }
        }
        json_decref(clean);
    }
    assert_int_equal(listeners[0].snapshots, 1);
    assert_true(listeners[1].changes > 0);
    assert_true(listeners[LISTENERS - 1].snapshots > 1);
    for (unsigned i = 0; i < LISTENERS; i++) {
        json_decref(listeners[i].knows);
    }
    web_news_free(news);
}

static void test_time_alone_is_no_news(void **state)
{
    struct web_news *news = NULL;

    (void)state;
    assert_int_equal(web_news_new("b1", &news), OK);
    assert_int_equal(web_news_seq(news), 0);
    assert_int_equal(web_news_message(news, 0).len, 0);
    web_news_put(news, quoted("{'time':1,'a':1}"), 1000);
    assert_int_equal(web_news_seq(news), 1);
    web_news_put(news, quoted("{'time':2,'a':1}"), 2000);
    assert_int_equal(web_news_seq(news), 1);
    web_news_put(news, quoted("{'time':3,'a':2}"), 3000);
    assert_int_equal(web_news_seq(news), 2);
    web_news_put(news, quoted("{'time':18,'a':2}"), 3000 + WEB_NEWS_QUIET_MS);
    assert_int_equal(web_news_seq(news), 3);
    web_news_put(news, NULL, 60000); /* there was no memory for one */
    assert_int_equal(web_news_seq(news), 3);
    web_news_free(news);
}

static void test_coming_back(void **state)
{
    struct web_news *news = NULL;
    uint64_t seq;

    (void)state;
    assert_int_equal(web_news_new("b1", &news), OK);
    for (int i = 0; i < 3 * WEB_NEWS_STEPS; i++) {
        web_news_put(news, json_pack("{s:i}", "a", i), (uint64_t)i);
    }
    seq = web_news_seq(news);
    assert_int_equal(web_news_begin(news, "b1", seq), seq);
    assert_int_equal(web_news_begin(news, "b1", seq - 5), seq - 5);
    assert_int_equal(web_news_begin(news, "b1", seq - WEB_NEWS_STEPS), seq - WEB_NEWS_STEPS);
    assert_int_equal(web_news_begin(news, "b1", seq - WEB_NEWS_STEPS - 1), 0);
    assert_int_equal(web_news_begin(news, "b1", seq + 1), 0);
    assert_int_equal(web_news_begin(news, "b1", 0), 0);
    assert_int_equal(web_news_begin(news, "b1", UINT64_MAX), 0);
    assert_int_equal(web_news_begin(news, "another life", seq), 0);
    assert_int_equal(web_news_begin(news, NULL, seq), 0);
    web_news_free(news);
}

/* Large steps push the old ones out by their bytes. */
static void test_bytes_are_bounded(void **state)
{
    static char big[WEB_NEWS_BYTES / 8];
    struct web_news *news = NULL;
    uint64_t seq;

    (void)state;
    assert_int_equal(web_news_new("b1", &news), OK);
    for (int i = 0; i < 20; i++) {
        memset(big, 'a' + i, sizeof(big) - 1);
        web_news_put(news, json_pack("{s:s}", "a", big), (uint64_t)i);
    }
    seq = web_news_seq(news);
    assert_int_equal(web_news_begin(news, "b1", seq - 6), seq - 6);
    assert_int_equal(web_news_begin(news, "b1", seq - 9), 0);
    web_news_free(news);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_listeners_of_every_slowness),
        cmocka_unit_test(test_time_alone_is_no_news),
        cmocka_unit_test(test_coming_back),
        cmocka_unit_test(test_bytes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
