/* The scene of scene.h. */
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow/publish/parity_count.h"

static const uint64_t BLOCK = PAYLOAD_LEN;

/* --- the catalogue ---------------------------------------------------------------------------- */

struct publish_ctx *scene_context(struct world *w)
{
    struct publish_options options = {.loop = w->home,
        .workers = w->workers,
        .store = w->store,
        .news = w->news,
        .share = w->share};
    struct publish_ctx *ctx;

    assert_int_equal(publish_ctx_new(&options, &ctx), OK);
    return ctx;
}

struct load {
    struct publish_ctx *ctx;
    struct out_volume *volume;
};

static enum err load_row(void *arg, const struct store_volume *row)
{
    struct load *l = arg;

    return row->k > 0 ? out_volume_from_row(l->ctx, l->ctx->sealer, row, &l->volume) : OK;
}

struct out_volume *scene_volume(struct world *w, uint32_t number)
{
    struct load load = {.ctx = scene_context(w)};
    enum err err = store_volume_get(w->store, w->share, number, load_row, &load);

    assert_true(err == OK || err == ERR_NO_ROW);
    publish_ctx_unpin(load.ctx);
    return load.volume;
}

/* Are volumes 1 to the last one complete, and is there one? */
static bool are_complete(struct world *w)
{
    struct out_volume *v = scene_volume(w, 1);
    bool complete = v != NULL;

    for (uint32_t number = 2; v != NULL && complete; number++) {
        complete = out_volume_complete(v);
        out_volume_free(v);
        v = complete ? scene_volume(w, number) : NULL;
    }
    return complete;
}

/* --- running ---------------------------------------------------------------------------------- */

void scene_open(struct scene *s, struct world *w)
{
    *s = (struct scene){w, tap_start(newsd_port(w->newsd)), NULL};
    world_use_port(w, tap_port(s->tap));
}

void scene_files(struct world *w)
{
    world_file(w, "raw", 5 * BLOCK + 1000, 1);
    world_file(w, "small", 5000, 2);
}

uint32_t scene_all_of(uint32_t k)
{
    return k + parity_count(STORE_VOLUME_DATA, k, 0);
}

static void begin_unscanned(struct scene *s)
{
    s->w->err = ERR_COUNT; /* until it is done */
    world_publish_begin(s->w, &s->publish);
}

void scene_begin(struct scene *s)
{
    assert_int_equal(world_scan(s->w), OK);
    begin_unscanned(s);
}

void scene_end(struct scene *s)
{
    if (s->w->err == ERR_COUNT) {
        loop_run(s->w->home);
    }
    if (s->w->err != OK) {
        fail_msg("publish: %s: %s; %s", err_name(s->w->err), s->w->text, s->w->last_event);
    }
}

void scene_begin_until_confirm(struct scene *s, uint32_t count)
{
    uint32_t before = tap_figures(s->tap).accepted;

    tap_hold_questions_after(s->tap, count);
    scene_begin(s);
    count += before;
    while (tap_figures(s->tap).accepted < count || !are_complete(s->w)) {
        assert_int_equal(s->w->err, ERR_COUNT);
        world_run(s->w, 5);
    }
}

void scene_go_on(struct scene *s)
{
    tap_hold_questions_after(s->tap, UINT32_MAX);
    scene_end(s);
}

void scene_begin_and_die(struct scene *s, uint32_t count)
{
    assert_int_equal(world_scan(s->w), OK);
    scene_go_on_and_die(s, count);
}

void scene_go_on_and_die(struct scene *s, uint32_t count)
{
    tap_hold_posts_after(s->tap, count);
    s->w->progress = (struct progress){0};
    begin_unscanned(s);
    while (s->w->progress.articles_posted < count) {
        assert_int_equal(s->w->err, ERR_COUNT);
        world_run(s->w, 5);
    }
    scene_die(s);
}

void scene_die(struct scene *s)
{
    publish_cancel(s->publish);
    world_restart(s->w);
    tap_hold_posts_after(s->tap, UINT32_MAX);
    tap_hold_questions_after(s->tap, UINT32_MAX);
    world_use_port(s->w, tap_port(s->tap));
}

void scene_close(struct scene *s, const char *like)
{
    struct tap_figures f = tap_figures(s->tap);

    assert_int_equal(f.two_bodies, 0);
    assert_int_equal(f.again, 0);
    world_use_port(s->w, newsd_port(s->w->newsd));
    tap_stop(s->tap);
    assert_int_equal(world_restore(s->w, "target", NULL), OK);
    assert_true(world_same(s->w, like, "target"));
}

void scene_keep_copy(struct world *w)
{
    char command[2048];

    (void)snprintf(command, sizeof(command), "cp -a '%s' '%s/copy'", w->source, w->dir);
    /* NOLINTNEXTLINE(cert-env33-c): the shell is the plainest way to keep a whole tree */
    assert_int_equal(system(command), 0);
}
