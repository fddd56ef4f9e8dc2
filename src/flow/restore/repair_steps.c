/* The conductor of one volume's repair: what comes after what. */
#include <stdio.h>
#include <stdlib.h>

#include "flow/restore/volume_repair.h"

enum { BANDS_AT_ONCE = 2 };

static struct restore_ctx *ctx_of(const struct volume_repair *v)
{
    return v->repairs->ctx;
}

/* --- the end --- */

static void give_up(struct volume_repair *v)
{
    v->state = REPAIR_HOPELESS;
    if (restore_ctx_lost(ctx_of(v))) {
        progress_event(&ctx_of(v)->env.sink, LOG_ERROR,
            "volume %u cannot be repaired: of its %u segments at least %u are lost, and of %u "
            "recovery segments %u",
            v->volume->number, v->volume->k, v->lost + v->gone, v->volume->m, v->parity_lost);
    }
    volume_repair_stop(v);
    fetcher_go(ctx_of(v)->fetcher);
}

static void made(struct volume_repair *v)
{
    for (uint32_t i = 0; i < v->lost; i++) {
        v->segs[v->lost_list[i]] = SEG_MADE;
    }
    for (uint32_t i = v->volume->k; i < v->volume->k + v->volume->m; i++) {
        if (v->segs[i] == SEG_HERE) { /* the lost ones have overwritten it */
            v->segs[i] = SEG_UNKNOWN;
            v->here--;
        }
    }
    progress_event(&ctx_of(v)->env.sink, LOG_INFO,
        "volume %u is repaired: %u of its %u segments were lost and made again", v->volume->number,
        v->lost, v->volume->k);
    v->made += v->lost;
    if (v->made > v->counted) {
        ctx_of(v)->progress.segments_repaired += v->made - v->counted;
        v->counted = v->made;
    }
    v->lost = 0;
    v->state = REPAIR_DONE;
    repair_math_drop(v->math);
    v->math = NULL;
    volume_repair_serve(v);
}

/* --- bands --- */

static void on_band(void *arg, enum err err)
{
    struct volume_repair *v = arg;

    v->errands--;
    if (err != OK) {
        restore_ctx_fail(ctx_of(v), err, NULL);
    }
    repairs_wake(v->repairs);
}

static bool step_bands(struct volume_repair *v)
{
    while (v->from < SEGMENT_LEN && v->errands < BANDS_AT_ONCE) {
        struct repair_band band = {v->math, v->scratch, v->from};
        enum err err = repair_band_start(ctx_of(v), &band, on_band, v);

        if (err != OK) {
            restore_ctx_fail(ctx_of(v), err, NULL);
            return false;
        }
        v->errands++;
        v->from += repair_math_width(v->math);
    }
    if (v->errands > 0) {
        return false;
    }
    made(v);
    return true;
}

/* --- choosing --- */

static void on_chosen(void *arg, enum err err, struct repair_math *math)
{
    struct volume_repair *v = arg;

    v->errands--;
    if (err == OK) {
        v->math = math;
        v->from = 0;
        v->state = REPAIR_BANDS;
    } else if (err == ERR_SINGULAR) {
        v->needed++;
        v->state = REPAIR_PARITY;
    } else {
        restore_ctx_fail(ctx_of(v), err, NULL);
    }
    repairs_wake(v->repairs);
}

static enum err choose_start(struct volume_repair *v, uint32_t *exponents, uint32_t *places)
{
    struct repair_loss loss = {.k = v->volume->k,
        .lost = v->lost_list,
        .lost_count = v->lost,
        .exponents = exponents,
        .places = places};

    for (uint32_t j = 0; j < v->volume->m; j++) {
        if (v->segs[v->volume->k + j] == SEG_HERE) {
            exponents[loss.exponent_count] = j;
            places[loss.exponent_count] = v->places[j];
            loss.exponent_count++;
        }
    }
    return repair_choose_start(ctx_of(v), &loss, on_chosen, v);
}

static void choose(struct volume_repair *v)
{
    uint32_t *numbers = calloc(2 * (size_t)v->volume->m, sizeof(*numbers));
    enum err err =
        numbers == NULL ? ERR_NO_MEMORY : choose_start(v, numbers, numbers + v->volume->m);

    free(numbers);
    if (err != OK) {
        restore_ctx_fail(ctx_of(v), err, NULL);
        return;
    }
    v->errands++;
    v->state = REPAIR_CHOOSING;
}

/* --- parity --- */

/* A recovery segment lies where a lost one will be; those beyond, which an unlucky choice asks for,
 * behind all others. */
static void begin_parity(struct volume_repair *v)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < v->volume->k; i++) {
        if (v->segs[i] == SEG_LOST) {
            v->lost_list[count++] = i;
        }
    }
    v->free_count = 0;
    for (uint32_t extra = v->volume->m; extra > 0; extra--) {
        v->free_places[v->free_count++] = v->volume->k + extra - 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        v->free_places[v->free_count++] = v->lost_list[i];
    }
    v->needed = count;
    v->next = 0;
    v->state = REPAIR_PARITY;
}

static uint32_t parity_here(const struct volume_repair *v)
{
    return v->here - (v->volume->k - v->lost);
}

static bool step_parity(struct volume_repair *v)
{
    while (v->next < v->volume->m && parity_here(v) + v->fetches < v->needed &&
           v->fetches < repairs_ahead(v->repairs)) {
        uint32_t j = v->next++;

        if (v->segs[v->volume->k + j] == SEG_UNKNOWN) {
            v->places[j] = v->free_places[--v->free_count];
            if (!volume_repair_fetch(v, v->volume->k + j)) {
                return false;
            }
        }
    }
    if (v->fetches > 0) {
        return false;
    }
    if (parity_here(v) < v->needed) {
        give_up(v);
    } else {
        choose(v);
    }
    return true;
}

/* --- data --- */

static bool step_data(struct volume_repair *v)
{
    if (v->gone > 0 || v->lost > v->volume->m - v->parity_lost) {
        give_up(v);
        return true;
    }
    while (v->next < v->volume->k && v->fetches < repairs_ahead(v->repairs)) {
        uint32_t i = v->next++;

        if (v->segs[i] == SEG_UNKNOWN && !volume_repair_fetch(v, i)) {
            return false;
        }
    }
    if (v->next < v->volume->k || v->here + v->lost < v->volume->k) {
        return false;
    }
    begin_parity(v);
    return true;
}

/* --- the scratch file --- */

/* There is no room. Without need it is done without; with others out of the way there may be some;
 * alone, the room that is kept for files is taken, since much of them may be holes. */
static void no_room(struct volume_repair *v)
{
    v->state = REPAIR_WAITING;
    if (v->lost == 0) {
        v->state = REPAIR_RESTING;
        v->repairs->met = NO_ROOM_TO_WATCH;
    } else if (!repairs_make_way(v->repairs)) {
        if (v->room == ROOM_ANY) {
            repairs_fail_room(v->repairs, v->volume);
        }
        v->room = ROOM_ANY;
    }
}

static void on_scratch(void *arg, enum err err, struct disk_scratch *scratch)
{
    struct volume_repair *v = arg;

    v->errands--;
    if (err == OK) {
        v->scratch = scratch;
        v->holds = SCRATCH_WHOLE;
        v->next = 0;
        v->state = REPAIR_WATCHING;
        volume_repair_collect(v);
    } else if (err == ERR_DISK_FULL) {
        no_room(v);
    } else {
        restore_ctx_fail(ctx_of(v), err, "no file could be made for repairing a volume");
    }
    repairs_wake(v->repairs);
}

/* Bytes of files that are still to be written. */
static uint64_t files_to_come(const struct restore_ctx *ctx)
{
    uint64_t done = ctx->progress.bytes_done;

    return done < ctx->claim ? ctx->claim - done : 0;
}

void repair_open(struct volume_repair *v)
{
    struct repair_room room = {.size = (uint64_t)v->volume->k * SEGMENT_LEN};
    enum err err;

    room.leave = v->room == ROOM_ANY ? 0 : files_to_come(ctx_of(v));
    err = repair_open_start(ctx_of(v), &room, on_scratch, v);

    if (err != OK) {
        restore_ctx_fail(ctx_of(v), err, NULL);
        return;
    }
    v->errands++;
    v->state = REPAIR_OPENING;
}

static void on_trimmed(void *arg, enum err err)
{
    struct volume_repair *v = arg;

    v->errands--;
    v->repairs->trims--;
    v->trim = err;
    repairs_wake(v->repairs);
}

void repair_shrink(struct volume_repair *v)
{
    struct repair_trim trim = {
        .scratch = v->scratch, .count = v->volume->k + v->volume->m, .but = v->lost_list};
    enum err err;

    trim.but_count = v->made > 0 ? v->made + v->gone : 0;
    err = repair_trim_start(ctx_of(v), &trim, on_trimmed, v);
    if (err != OK) {
        restore_ctx_fail(ctx_of(v), err, NULL);
        return;
    }
    v->errands++;
    v->repairs->trims++;
    v->state = v->state == REPAIR_WATCHING ? REPAIR_RESTING : v->state;
    v->holds = SCRATCH_REST;
    if (v->made == 0) {
        disk_scratch_drop(v->scratch);
        v->scratch = NULL;
        v->holds = SCRATCH_NONE;
    }
    for (uint32_t i = 0; i < v->volume->k + v->volume->m; i++) {
        v->segs[i] = v->segs[i] == SEG_HERE ? SEG_UNKNOWN : v->segs[i];
    }
    v->here = 0;
}

bool repair_is_through(const struct volume_repair *v)
{
    switch (v->state) {
    case REPAIR_WATCHING:
    case REPAIR_RESTING:
    case REPAIR_DONE:
    case REPAIR_HOPELESS:
        return volume_repair_idle(v);
    default:
        return false;
    }
}

/* --- the whole --- */

/* Has it begun to lose? */
static bool step_watching(struct volume_repair *v)
{
    if (v->lost == 0) {
        return false;
    }
    v->state = v->holds == SCRATCH_WHOLE ? REPAIR_DATA : REPAIR_WAITING;
    return true;
}

/* A segment that was here when the volume was repaired is lost now that it is wanted again: what
 * was made is as good as lost. */
static bool step_done(struct volume_repair *v)
{
    if (v->lost == 0 || !list_empty(&v->jobs) || v->errands > 0) {
        return false;
    }
    if (++v->rounds >= REPAIR_ROUNDS_MAX) {
        give_up(v);
        return true;
    }
    for (uint32_t i = 0; i < v->volume->k; i++) {
        if (v->segs[i] == SEG_MADE) {
            v->segs[i] = SEG_LOST;
        }
    }
    v->lost += v->made;
    v->made = 0;
    v->next = 0;
    v->state = REPAIR_DATA;
    if (v->holds != SCRATCH_WHOLE) {
        disk_scratch_drop(v->scratch);
        v->scratch = NULL;
        v->holds = SCRATCH_NONE;
        v->state = REPAIR_WAITING;
    }
    return true;
}

static bool step(struct volume_repair *v)
{
    switch (v->state) {
    case REPAIR_WATCHING:
    case REPAIR_RESTING:
        return step_watching(v);
    case REPAIR_DATA:
        return step_data(v);
    case REPAIR_PARITY:
        return step_parity(v);
    case REPAIR_BANDS:
        return step_bands(v);
    case REPAIR_DONE:
        return step_done(v);
    case REPAIR_HOPELESS:
        volume_repair_tell_lost(v);
        return false;
    case REPAIR_WAITING:
    case REPAIR_OPENING:
    case REPAIR_CHOOSING:
        break;
    }
    return false;
}

void repair_advance(struct volume_repair *v)
{
    while (ctx_of(v)->err == OK && step(v)) {
    }
}
