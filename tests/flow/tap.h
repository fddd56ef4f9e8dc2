/* A relay between our client and a news server that notes every article that is posted, and can
 * make the client wait at a chosen point of the conversation. */
#ifndef TESTS_FLOW_TAP_H
#define TESTS_FLOW_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap;

/* Relay to 127.0.0.1:`port`. */
struct tap *tap_start(uint16_t port);
uint16_t tap_port(const struct tap *tap);
void tap_stop(struct tap *tap);

/* After `count` more accepted articles STAT and BODY are not passed on; UINT32_MAX: they are. */
void tap_hold_questions_after(struct tap *tap, uint32_t count);

/* After `count` more articles the server gets no POST; UINT32_MAX: it gets all. */
void tap_hold_posts_after(struct tap *tap, uint32_t count);

struct tap_figures {
    unsigned posts;      /* articles that went out whole */
    unsigned accepted;   /* 240 */
    unsigned again;      /* posted though they had been accepted before */
    unsigned two_bodies; /* ids that came with two different bodies */
    unsigned stats, bodies;
    unsigned most; /* connections at the same time */
};
struct tap_figures tap_figures(struct tap *tap);

/* What went by, in its order: P an article that was accepted, S a STAT, B a BODY. At most `cap` - 1
 * letters and a 0. */
void tap_story(struct tap *tap, char *out, size_t cap);

#endif
