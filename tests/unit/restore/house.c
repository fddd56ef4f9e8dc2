/* The share of house.h. */
#include "house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int house_setup(void **state)
{
    struct house *h = calloc(1, sizeof(*h));
    struct maker *m;
    uint64_t folder;

    assert_non_null(h);
    rig_init(&h->rig);
    m = h->rig.maker;
    h->big = rig_noise(BIG_BLOCKS * (size_t)PAYLOAD_LEN + 77, 5);
    memset(h->big.ptr + PAYLOAD_LEN, 0, PAYLOAD_LEN);
    folder = maker_folder(m, MAKER_TOP, "d", 0500);
    maker_file(m, MAKER_TOP, "big", buf_view(&h->big), MAKER_PLAIN);
    maker_file(m, folder, "small", bytes_str("in the pack"), MAKER_PLAIN);
    maker_inline_file(m, MAKER_TOP, "inline", bytes_str("in the head"));
    maker_file(m, MAKER_TOP, "empty", bytes_str(""), MAKER_PLAIN);
    maker_symlink(m, MAKER_TOP, "link", "somewhere");
    maker_hard_link(m, MAKER_TOP, "same", MAKER_TOP, "inline");
    maker_publish(m);
    *state = h;
    return 0;
}

int house_teardown(void **state)
{
    struct house *h = *state;

    rig_clear(&h->rig);
    buf_clear(&h->big);
    free(h);
    return 0;
}

unsigned house_data_asked(struct rig *rig)
{
    unsigned asked = 0;

    for (uint32_t i = 0; i < rig->maker->data.count; i++) {
        asked += server_asked(&rig->server, rig->maker->data.ids[i]);
    }
    return asked;
}

void house_assert_whole(struct house *h)
{
    struct rig *rig = &h->rig;

    rig_assert_file(rig, "big", buf_view(&h->big), 0640);
    rig_assert_file(rig, "d/small", bytes_str("in the pack"), 0640);
    rig_assert_file(rig, "inline", bytes_str("in the head"), 0640);
    rig_assert_file(rig, "same", bytes_str("in the head"), 0640);
    rig_assert_file(rig, "empty", bytes_str(""), 0640);
    rig_assert_symlink(rig, "link", "somewhere");
    rig_assert_folder(rig, "d", 0500);
    rig_assert_folder(rig, "", 0750);
    rig_assert_tidy(rig);
}

void house_full(struct rig *rig, const char *path, char out[256])
{
    (void)snprintf(out, 256, "%s/%s", rig->target, path);
}
