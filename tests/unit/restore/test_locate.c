/* Finding the head: which of many articles is believed, and what is said when there is none. */
#include "flow/restore/locate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restore_rig.h"

static int setup(void **state)
{
    struct rig *rig = malloc(sizeof(*rig));

    assert_non_null(rig);
    rig_init(rig);
    maker_inline_file(rig->maker, MAKER_TOP, "f", bytes_str("f"));
    maker_post(rig->maker);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    rig_clear(*state);
    free(*state);
    return 0;
}

/* Make the maker's head version `n`, alive on `day`. */
static void head_becomes(struct maker *m, uint64_t n, uint32_t day)
{
    m->head.n = n;
    m->alive_day = day;
    maker_restart(m);
    maker_post(m);
}

/* Where a head of version n lies, and what is then found. */
struct place_row {
    const char *name;
    enum seal_family family;
    int64_t number; /* of a day: relative to today */
    uint32_t slot;
    enum err want;
};

static const struct place_row places[] = {
    {"today", SEAL_BY_DAY, 0, 0, OK},
    {"today, last of the first slots", SEAL_BY_DAY, 0, 2, OK},
    {"tomorrow: our clock is late", SEAL_BY_DAY, 1, 1, OK},
    {"yesterday", SEAL_BY_DAY, -1, 0, OK},
    {"a week ago", SEAL_BY_DAY, -7, 2, OK},
    {"as long ago as we look", SEAL_BY_DAY, -400, 0, OK},
    {"longer ago", SEAL_BY_DAY, -401, 0, ERR_SHARE_NOT_FOUND},
    {"only by its version", SEAL_BY_VERSION, 1, 0, OK},
    {"in a high slot of its version", SEAL_BY_VERSION, 1, 63, OK},
    {"in a high slot of today", SEAL_BY_DAY, 0, 40, OK},
    {"at another version's address", SEAL_BY_VERSION, 2, 0, ERR_SHARE_NOT_FOUND},
};

static void where_a_head_is_found(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    uint32_t today = m->alive_day;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const struct place_row *row = &places[i];
        bool by_day = row->family == SEAL_BY_DAY;
        uint64_t number = (uint64_t)(by_day ? today + row->number : row->number);
        struct seal_slot slot = {row->family, number, row->slot};
        struct seal_names names;

        head_becomes(m, 1, by_day ? (uint32_t)number : today);
        maker_post_head(m, row->family, number, row->slot, row->slot + 1);
        if (rig_list(rig, "", LISTING_ONE_FOLDER) != row->want) {
            fail_msg("%s: %s", row->name, err_name(rig->err));
        }
        assert_int_equal(rig->share.version, row->want == OK ? 1 : 0);
        assert_int_equal(seal_head_names(m->sealer, &m->read, &slot, &names), OK);
        assert_true(server_remove(&rig->server, names.id.text));
    }
}

/* A head says that it was alive on another day than the one it lies at. */
static void a_day_must_be_its_own(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;

    head_becomes(m, 1, m->alive_day - 3);
    maker_post_head(m, SEAL_BY_DAY, m->alive_day + 3, 0, 3);
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_NOT_FOUND);
}

/* Versions 1 .. 21 at their own addresses, of which some are lost; only 1 has a day. */
static void newer_versions_are_found(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    uint32_t today = m->alive_day;
    uint8_t hash[KEY_LEN];

    maker_post_head(m, SEAL_BY_DAY, today, 0, 3);
    for (uint64_t n = 2; n <= 21; n++) {
        assert_int_equal(seal_head_hash(m->sealer, m->keys.ck, head_core(m->payload), hash), OK);
        memcpy(m->head.prev, hash, sizeof(hash));
        head_becomes(m, n, today);
        if (n != 5 && n != 9 && n != 18) {
            maker_post_head(m, SEAL_BY_VERSION, n, 1, 2);
        }
    }
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), OK);
    assert_int_equal(rig->share.version, 21);
    assert_string_equal(rig->events, "");
    rig->version = 7;
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), OK);
    assert_int_equal(rig->share.version, 7);
    rig->version = 5;
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_NOT_FOUND);
}

/* Anybody with the link can seal a head; only the owner can sign one. */
static void a_forged_head_is_passed_over(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    uint32_t today = m->alive_day;
    struct share_keys owner = m->keys, forger;
    uint8_t w[KEY_LEN] = {66};

    maker_post_head(m, SEAL_BY_DAY, today, 1, 2);
    /* signed by another key, which the head names */
    assert_int_equal(seal_share_keys(m->sealer, w, &forger), OK);
    m->keys = forger;
    memcpy(m->head.spk, forger.spk, sizeof(m->head.spk));
    head_becomes(m, 9, today);
    maker_post_head(m, SEAL_BY_DAY, today, 0, 1);
    /* signed by another key, under the owner's name */
    memcpy(m->head.spk, owner.spk, sizeof(m->head.spk));
    memcpy(m->keys.spk, owner.spk, sizeof(m->keys.spk));
    head_becomes(m, 9, today);
    maker_post_head(m, SEAL_BY_DAY, today, 2, 3);
    maker_post_head(m, SEAL_BY_VERSION, 9, 0, 3);
    /* the owner's, but the day is not signed */
    m->keys = owner;
    head_becomes(m, 9, today);
    m->payload[HEAD_CORE_LEN + 10] ^= 1;
    maker_post_head(m, SEAL_BY_VERSION, 2, 0, 1);
    maker_post_head(m, SEAL_BY_DAY, today - 1, 0, 3);

    assert_int_equal(rig_list(rig, "", LISTING_RECURSIVE), OK);
    assert_int_equal(rig->share.version, 1);
    assert_string_equal((const char *)rig->listed.ptr, "f 640 1 f\n");
}

static void not_found_and_blocked(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;

    assert_int_equal(rig_restore(rig, NULL), ERR_SHARE_NOT_FOUND);
    rig_assert_absent(rig, "");
    for (uint32_t i = 0; i < SEAL_SLOT_COUNT; i++) {
        maker_post_foreign(m, &(struct seal_slot){SEAL_BY_DAY, m->alive_day, i});
        if (i == 62) {
            assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_NOT_FOUND);
        }
    }
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_BLOCKED);
    rig->version = 3;
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_NOT_FOUND);
    for (uint32_t i = 0; i < SEAL_SLOT_COUNT; i++) {
        maker_post_foreign(m, &(struct seal_slot){SEAL_BY_VERSION, 3, i});
    }
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_BLOCKED);
}

/* Somebody sits in the first slots of the next version: the others are asked too. */
static void squatters_do_not_hide_a_version(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    uint8_t hash[KEY_LEN];

    maker_post_head(m, SEAL_BY_DAY, m->alive_day, 0, 3);
    for (uint32_t i = 0; i < 3; i++) {
        maker_post_foreign(m, &(struct seal_slot){SEAL_BY_VERSION, 2, i});
    }
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), OK);
    assert_int_equal(rig->share.version, 1);
    assert_int_equal(seal_head_hash(m->sealer, m->keys.ck, head_core(m->payload), hash), OK);
    memcpy(m->head.prev, hash, sizeof(hash));
    head_becomes(m, 2, m->alive_day);
    maker_post_head(m, SEAL_BY_VERSION, 2, 33, 34);
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), OK);
    assert_int_equal(rig->share.version, 2);
}

/* The server refused or lost its first slots, and nothing else is there either. */
static void a_version_in_late_slots_is_found(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    uint8_t hash[KEY_LEN];

    maker_post_head(m, SEAL_BY_DAY, m->alive_day, 0, 3);
    assert_int_equal(seal_head_hash(m->sealer, m->keys.ck, head_core(m->payload), hash), OK);
    memcpy(m->head.prev, hash, sizeof(hash));
    head_becomes(m, 2, m->alive_day);
    maker_post_head(m, SEAL_BY_VERSION, 2, 33, 34);
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), OK);
    assert_int_equal(rig->share.version, 2);
}

/* Two heads of one number, both signed: one is kept, and it is said. */
static void a_fork_is_told(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;

    maker_post_head(m, SEAL_BY_DAY, m->alive_day, 0, 1);
    m->head.created++;
    head_becomes(m, 1, m->alive_day);
    maker_post_head(m, SEAL_BY_DAY, m->alive_day, 1, 2);
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), OK);
    assert_non_null(strstr(rig->events, "exists twice"));
}

/* Version 2 does not follow the version 1 that we hold. */
static void a_broken_chain_is_told(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;

    maker_post_head(m, SEAL_BY_DAY, m->alive_day, 0, 3);
    memset(m->head.prev, 5, sizeof(m->head.prev));
    head_becomes(m, 2, m->alive_day);
    maker_post_head(m, SEAL_BY_VERSION, 2, 0, 3);
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), OK);
    assert_int_equal(rig->share.version, 1);
    assert_non_null(strstr(rig->events, "exists twice"));
}

/* A server that cannot be reached is not a share that is not there. */
static void a_dead_server_is_an_error(void **state)
{
    struct rig *rig = *state;
    struct news_provider dead = {
        .name = "dead", .host = "127.0.0.1", .port = 1, .group = "alt.test", .connections = 2};

    assert_int_equal(news_set_providers(rig->news, &dead, 1), OK);
    (void)rig_restore(rig, NULL);
    assert_int_not_equal(rig->err, OK);
    assert_int_not_equal(rig->err, ERR_SHARE_NOT_FOUND);
    assert_int_not_equal(rig->err, ERR_SHARE_BLOCKED);
    assert_int_equal(news_set_providers(rig->news, NULL, 0), OK);
    assert_int_equal(rig_restore(rig, NULL), ERR_NO_PROVIDER);
}

/* A link to another share finds nothing of this one. */
static void a_wrong_link_finds_nothing(void **state)
{
    struct rig *rig = *state;

    maker_post_head(rig->maker, SEAL_BY_DAY, rig->maker->alive_day, 0, 3);
    rig->maker->link.fingerprint[3] ^= 1;
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_NOT_FOUND);
    rig->maker->link.fingerprint[3] ^= 1;
    rig->maker->link.read_secret[3] ^= 1;
    assert_int_equal(rig_list(rig, "", LISTING_ONE_FOLDER), ERR_SHARE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(where_a_head_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_day_must_be_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(newer_versions_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_forged_head_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(not_found_and_blocked, setup, teardown),
        cmocka_unit_test_setup_teardown(squatters_do_not_hide_a_version, setup, teardown),
        cmocka_unit_test_setup_teardown(a_version_in_late_slots_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fork_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_broken_chain_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dead_server_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_link_finds_nothing, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
