/* A share of files that are one raw segment each, for tests of what is lost and repaired. */
#ifndef TESTS_UNIT_RESTORE_PLOT_H
#define TESTS_UNIT_RESTORE_PLOT_H

#include "restore_rig.h"

enum { PLOT_K = 12, PLOT_M = 5 };

struct plot {
    struct rig rig;
    struct buf bytes; /* file i: PAYLOAD_LEN bytes from i * 1000 on */
};

/* One without files. */
struct plot *plot_new(void);

/* cmocka's set-up and tear-down: PLOT_K files in one volume with PLOT_M recovery segments. */
int plot_setup(void **state);
int plot_teardown(void **state);

struct bytes plot_bytes(const struct plot *p, uint32_t i);

/* In a static buffer: "f07". */
const char *plot_name(uint32_t i);
void plot_add(struct plot *p, uint32_t from, uint32_t to);

/* Of segment i of the last volume, parity after data; how often bodies were sent of these. */
const char *plot_id(struct plot *p, uint32_t i);
unsigned plot_asked(struct plot *p, uint32_t from, uint32_t to);

/* Are so many files there, each as published, and nothing else? */
void plot_assert_whole(struct plot *p, uint32_t files);

/* What the last restore said. Afterwards nothing is under repair, whatever came of it. */
void plot_assert_counters(struct plot *p, uint32_t lost, uint32_t repaired);

#endif
