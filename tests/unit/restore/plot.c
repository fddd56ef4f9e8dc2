/* The share of plot.h. */
#include "plot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct bytes plot_bytes(const struct plot *p, uint32_t i)
{
    return bytes_at(p->bytes.ptr + (size_t)i * 1000, PAYLOAD_LEN);
}

const char *plot_name(uint32_t i)
{
    static char name[16];

    (void)snprintf(name, sizeof(name), "f%02u", i);
    return name;
}

struct plot *plot_new(void)
{
    struct plot *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    rig_init(&p->rig);
    p->bytes = rig_noise(PAYLOAD_LEN + 64 * 1000, 3);
    return p;
}

void plot_add(struct plot *p, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        maker_file(p->rig.maker, MAKER_TOP, plot_name(i), plot_bytes(p, i), MAKER_PLAIN);
    }
}

int plot_setup(void **state)
{
    struct plot *p = plot_new();

    p->rig.maker->data.parity = PLOT_M;
    plot_add(p, 0, PLOT_K);
    maker_publish(p->rig.maker);
    *state = p;
    return 0;
}

int plot_teardown(void **state)
{
    struct plot *p = *state;

    rig_clear(&p->rig);
    buf_clear(&p->bytes);
    free(p);
    return 0;
}

const char *plot_id(struct plot *p, uint32_t i)
{
    return p->rig.maker->data.ids[i];
}

unsigned plot_asked(struct plot *p, uint32_t from, uint32_t to)
{
    unsigned sum = 0;

    for (uint32_t i = from; i < to; i++) {
        sum += server_asked(&p->rig.server, plot_id(p, i));
    }
    return sum;
}

void plot_assert_whole(struct plot *p, uint32_t files)
{
    for (uint32_t i = 0; i < files; i++) {
        rig_assert_file(&p->rig, plot_name(i), plot_bytes(p, i), 0640);
    }
    assert_int_equal(rig_count(&p->rig), files);
    rig_assert_tidy(&p->rig);
}

void plot_assert_counters(struct plot *p, uint32_t lost, uint32_t repaired)
{
    assert_int_equal(p->rig.result.lost_segments, lost);
    assert_int_equal(p->rig.result.repaired_segments, repaired);
    assert_int_equal(p->rig.progress.repair_needed, 0);
    assert_int_equal(p->rig.progress.repair_here, 0);
}
