/* Streams: 50 MB both ways with back-pressure, ends of every kind, deadlines, freeing anywhere. */
#include "io/net/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "peer.h"

enum { FLOW = 50 << 20, PIECE = 1 << 20 };

struct flow {
    struct peer *p;
    uint8_t piece[PIECE];
    size_t sent;
    struct loop_timer *wait;
    size_t got_at_pause;
    int pauses;
};

static struct flow *flow_of(struct peer *p)
{
    static struct flow *flow; /* one test at a time */

    if (p != NULL) {
        flow = calloc(1, sizeof(*flow));
        assert_non_null(flow);
        flow->p = p;
    }
    return flow;
}

/* Copies and views by turns; the first bytes of each piece go as copies around a view. */
static void send_piece(struct flow *f)
{
    struct net_stream *s = f->p->client;

    for (size_t i = 0; i < PIECE; i++) {
        f->piece[i] = peer_byte(f->sent + i);
    }
    assert_int_equal(net_stream_write(s, bytes_at(f->piece, 1000)), OK);
    assert_int_equal(net_stream_send(s, bytes_at(f->piece + 1000, PIECE - 3000)), OK);
    assert_int_equal(net_stream_send(s, bytes_at(f->piece, 1)), ERR_BUG); /* one at a time */
    assert_int_equal(net_stream_write(s, bytes_at(f->piece + PIECE - 2000, 1500)), OK);
    assert_int_equal(net_stream_write(s, bytes_at(f->piece + PIECE - 500, 500)), OK);
    f->sent += PIECE;
}

static void flow_drain(void *arg)
{
    struct peer *p = arg;

    p->drains++;
    if (flow_of(NULL)->sent < FLOW) {
        send_piece(flow_of(NULL));
    }
}

static void flow_resume(void *arg)
{
    struct flow *f = arg;

    assert_int_equal(f->p->got, f->got_at_pause); /* nothing came while paused */
    net_stream_resume(f->p->client);
}

static void flow_data(void *arg, struct bytes in)
{
    struct peer *p = arg;
    struct flow *f = flow_of(NULL);

    for (size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] != peer_byte(p->got + i)) {
            fail_msg("byte %zu is wrong", p->got + i);
        }
    }
    p->got += in.len;
    if (p->got >= FLOW) {
        loop_stop(p->loop);
    } else if (f->pauses < 20 && p->got > (size_t)f->pauses * (2 << 20)) {
        f->pauses++;
        f->got_at_pause = p->got;
        net_stream_pause(p->client);
        loop_timer_set(f->wait, 5);
    }
}

static void echo(enum secrecy secrecy)
{
    struct peer p;
    struct flow *f = flow_of(&p);

    peer_setup(&p, secrecy, ECHO);
    p.handlers.on_data = flow_data;
    p.handlers.on_drain = flow_drain;
    assert_int_equal(loop_timer_new(p.loop, flow_resume, f, &f->wait), OK);
    peer_connect_well(&p, secrecy);
    send_piece(f);
    loop_run(p.loop);
    assert_int_equal(p.got, FLOW);
    assert_int_equal(f->pauses, 20);
    assert_int_equal(p.close_err, ERR_COUNT);
    loop_timer_free(f->wait);
    peer_teardown(&p);
    free(f);
}

static void test_echo_plain(void **state)
{
    (void)state;
    echo(PLAIN);
}

static void test_echo_tls(void **state)
{
    (void)state;
    echo(TLS);
}

static void ignore_data(void *arg, struct bytes in)
{
    (void)arg;
    (void)in;
}

static const struct end_case {
    const char *name;
    enum secrecy secrecy;
    enum manner manner;
    uint64_t deadline_ms;
    enum err err;
    size_t got; /* before the end */
} ends[] = {
    {"plain, finished in order", PLAIN, SAY_BYE, 5000, OK, BYE_LEN},
    {"TLS, finished in order", TLS, SAY_BYE, 5000, OK, BYE_LEN},
    {"TLS, cut: no goodbye", TLS, HANG_UP, 5000, ERR_CONNECTION_LOST, 0},
    {"plain, silence", PLAIN, SILENT, 150, ERR_TIMEOUT, 0},
    {"TLS, silence", TLS, SILENT, 150, ERR_TIMEOUT, 0},
    {"no reader", PLAIN, DEAF, 150, ERR_TIMEOUT, 0},
};

static void test_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const struct end_case *c = &ends[i];
        struct peer p;

        peer_setup(&p, c->secrecy, c->manner);
        peer_connect_well(&p, c->secrecy);
        assert_int_equal(net_stream_write(p.client, bytes_str("x")), OK);
        net_stream_deadline(p.client, c->deadline_ms);
        loop_run(p.loop);
        if (p.close_err != c->err || p.got != c->got) {
            fail_msg("%s: %s after %zu bytes", c->name, err_name(p.close_err), p.got);
        }
        assert_int_equal(net_stream_write(p.client, bytes_str("x")), ERR_CONNECTION_LOST);
        peer_teardown(&p);
    }
}

/* The other side disappears while megabytes are under way. */
static void test_cut_in_mid_stream(void **state)
{
    static uint8_t much[16 << 20];

    (void)state;
    for (int secrecy = PLAIN; secrecy <= TLS; secrecy++) {
        struct peer p;

        peer_setup(&p, secrecy, HANG_UP);
        peer_connect_well(&p, secrecy);
        assert_int_equal(net_stream_send(p.client, bytes_at(much, sizeof(much))), OK);
        loop_run(p.loop);
        assert_int_equal(p.close_err, ERR_CONNECTION_LOST);
        assert_int_equal(p.drains, 0);
        peer_teardown(&p);
    }
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static void test_moving_bytes_keep_the_deadline_off(void **state)
{
    struct peer p;
    struct loop_timer *later;

    (void)state;
    peer_setup(&p, PLAIN, DRIP);
    p.handlers.on_data = ignore_data;
    peer_connect_well(&p, PLAIN);
    net_stream_deadline(p.client, 150);
    assert_int_equal(loop_timer_new(p.loop, stop_loop, p.loop, &later), OK);
    loop_timer_set(later, 500);
    loop_run(p.loop);
    assert_int_equal(p.close_err, ERR_COUNT);
    loop_timer_free(later);
    peer_teardown(&p);
}

static void test_limit_of_copies(void **state)
{
    static uint8_t much[NET_WRITE_MAX];
    struct peer p;

    (void)state;
    peer_setup(&p, PLAIN, SILENT);
    peer_connect_well(&p, PLAIN);
    assert_int_equal(net_stream_write(p.client, bytes_at(much, sizeof(much))), OK);
    assert_int_equal(net_stream_write(p.client, bytes_at(much, 1)), ERR_LIMIT);
    peer_teardown(&p);
}

static void free_in_data(void *arg, struct bytes in)
{
    struct peer *p = arg;

    p->got += in.len;
    net_stream_free(p->client);
    p->client = NULL;
    loop_stop(p->loop);
}

static void free_in_drain(void *arg)
{
    free_in_data(arg, bytes_str("?"));
}

static void free_in_close(void *arg, enum err err)
{
    (void)err;
    free_in_data(arg, bytes_str("!"));
}

static void finish_in_data(void *arg, struct bytes in)
{
    struct peer *p = arg;

    p->got += in.len;
    net_stream_finish(p->client, 1000);
    p->client = NULL;
    loop_stop(p->loop);
}

static const struct free_case {
    struct net_handlers handlers;
    enum manner manner;
} frees[] = {
    {{free_in_data, NULL, NULL}, ECHO},
    {{free_in_data, NULL, NULL}, SAY_BYE},
    {{ignore_data, free_in_drain, NULL}, ECHO},
    {{ignore_data, NULL, free_in_close}, SAY_BYE},
    {{ignore_data, NULL, free_in_close}, HANG_UP},
    {{finish_in_data, NULL, NULL}, SAY_BYE},
};

static void test_free_inside_handlers(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(frees) / sizeof(frees[0]); i++) {
        const struct free_case *c = &frees[i / 2];
        struct peer p;

        peer_setup(&p, i % 2 == 0 ? PLAIN : TLS, c->manner);
        p.handlers = c->handlers;
        peer_connect_well(&p, i % 2 == 0 ? PLAIN : TLS);
        assert_int_equal(net_stream_write(p.client, bytes_str("hello")), OK);
        loop_run(p.loop);
        assert_null(p.client);
        assert_true(p.got > 0);
        peer_teardown(&p);
    }
}

static void half_close(void *arg, enum err err)
{
    struct peer *p = arg;

    p->close_err = err;
    net_stream_finish(p->client, 5000);
    p->client = NULL;
}

/* A listener's view of a client that sends its last words and closes: it still gets the answer.
 * Here the roles are turned: the server says goodbye, our client answers behind it. */
static void test_finish_after_orderly_close(void **state)
{
    struct peer p;
    struct loop_timer *later;

    (void)state;
    peer_setup(&p, TLS, SAY_BYE);
    p.handlers.on_close = half_close;
    peer_connect_well(&p, TLS);
    assert_int_equal(net_stream_write(p.client, bytes_str("x")), OK);
    assert_int_equal(loop_timer_new(p.loop, stop_loop, p.loop, &later), OK);
    loop_timer_set(later, 1000);
    loop_run(p.loop);
    assert_int_equal(p.close_err, OK);
    assert_int_equal(p.got, BYE_LEN);
    loop_timer_free(later);
    peer_teardown(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_plain),
        cmocka_unit_test(test_echo_tls),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_cut_in_mid_stream),
        cmocka_unit_test(test_moving_bytes_keep_the_deadline_off),
        cmocka_unit_test(test_limit_of_copies),
        cmocka_unit_test(test_free_inside_handlers),
        cmocka_unit_test(test_finish_after_orderly_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
