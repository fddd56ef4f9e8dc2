/* Making .par2 files: one read of every file while the set fits into memory, batch by batch or at
 * once; else one read for the hashes, and one more in bands of columns. */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/columns.h"
#include "flow/par2files/create.h"
#include "flow/par2files/filehash.h"
#include "flow/par2files/originals.h"
#include "flow/par2files/outset.h"
#include "flow/par2files/place.h"

enum { SLICES_DEFAULT = 2000 };

/* ---- how long, how many ---- */

static enum err choose_slice_len(struct create *c)
{
    const struct par2files_create *o = c->options;
    uint64_t wanted = o->slice_count;
    uint64_t *lens;
    enum err err;

    if (o->slice_len != 0) {
        c->slice_len = o->slice_len;
        return o->slice_len % 4 == 0 && o->slice_len <= PAR2_SLICE_LEN_MAX ? OK : ERR_BAD_REQUEST;
    }
    if (wanted == 0) {
        wanted = c->sources.count > SLICES_DEFAULT ? c->sources.count : SLICES_DEFAULT;
    }
    lens = calloc(c->sources.count + 1, sizeof *lens);
    if (lens == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < c->sources.count; i++) {
        lens[i] = c->sources.list[i].stat.size;
    }
    err = volumes_slice_len(lens, c->sources.count, wanted, &c->slice_len);
    free(lens);
    return err;
}

static void choose_recovery(struct create *c)
{
    const struct par2files_create *o = c->options;

    c->recovery = o->recovery_count;
    if (o->recovery_bytes != 0) {
        c->recovery = o->recovery_bytes / (c->slice_len + PAR2_RECOVERY_LEN);
    } else if (o->percent > 0) {
        c->recovery = (uint64_t)((double)c->slices * o->percent / 100 + 0.5);
    }
    if (c->recovery == 0 && (o->recovery_bytes != 0 || o->percent > 0)) {
        c->recovery = 1;
    }
}

static enum err refuse(const struct create *c, const char *text)
{
    progress_event(c->options->place.sink, LOG_ERROR, "%s", text);
    return ERR_BAD_REQUEST;
}

static enum err choose(struct create *c)
{
    enum err err = choose_slice_len(c);

    if (err == ERR_LIMIT) {
        return refuse(c, "fewer slices are asked for than there are files");
    }
    if (err == ERR_BAD_REQUEST) {
        return refuse(c, "the length of a slice must be a multiple of 4");
    }
    if (err != OK) {
        return err;
    }
    originals_number(&c->sources, c->slice_len, &c->slices);
    if (c->slices > PAR2_SET_MAX) {
        return refuse(c, "more than 32768 slices; make them longer");
    }
    choose_recovery(c);
    if (c->recovery + c->options->first_exponent > PAR2_EXPONENT_MAX + 1) {
        return refuse(c, "too many recovery slices");
    }
    return OK;
}

/* ---- memory ---- */

static enum err prepare_slices(struct create *c)
{
    c->checks = calloc(c->slices, PAR2_CHECK_LEN);
    c->unread = calloc(c->slices, 1);
    return c->checks == NULL || c->unread == NULL ? ERR_NO_MEMORY : create_order(c);
}

static enum err prepare_encoder(struct create *c)
{
    struct par2_shape shape = {.input_count = (size_t)c->slices,
        .exponent_count = (size_t)c->recovery,
        .first_exponent = c->options->first_exponent};

    return c->recovery > 0 ? par2_encoder_new(&shape, &c->encoder) : OK;
}

static enum err prepare_memory(struct create *c)
{
    struct place_set set = {.slice_len = c->slice_len, .slices = c->slices, .extra = c->recovery};
    uint64_t whole;
    uint64_t bands;
    enum err err;

    set.at_once = c->encoder != NULL && par2_encoder_method(c->encoder) == PAR2_FOURIER;
    c->plan = place_plan(place_memory(&c->options->place), &set);
    whole = c->plan.window * c->slice_len;
    bands = c->plan.width < c->slice_len ? c->slices * c->plan.width : 0;
    err = slices_memory(bands > whole ? bands : whole, &c->data);
    if (err == OK) {
        err = slices_memory(c->recovery * c->plan.width, &c->rows);
    }
    if (err == OK) {
        c->out = columns_pointers(c->rows, c->recovery, c->plan.width);
        err = c->out == NULL ? ERR_NO_MEMORY : OK;
    }
    return err;
}

static enum err open_outset(struct create *c)
{
    const struct par2files_create *o = c->options;
    struct volume all = {o->first_exponent, (uint32_t)c->recovery};
    struct buf volumes = {0};
    struct buf common = {0};
    char *taken = NULL;
    enum err err = volumes_share(o, &all, slices_count(c->sources.largest, c->slice_len), &volumes);

    if (err == ERR_BAD_REQUEST) {
        err = refuse(c, "more recovery files are asked for than there are recovery slices");
    }
    if (err == OK) {
        err = originals_packets(&c->sources, c->slice_len, c->checks, &c->outset.set, &common);
    }
    if (err == OK) {
        c->outset.common_len = common.len;
        err = par2_creator_encode(&c->outset.set, CREATE_CREATOR, &c->creator);
    }
    if (err == OK) {
        c->outset.creator_len = c->creator.len;
        c->outset.slice_len = c->slice_len;
        c->outset.slice_count = c->recovery;
        c->outset.first_exponent = o->first_exponent;
        err = outset_open(&c->outset, o, buf_view(&volumes), &taken);
    }
    if (taken != NULL) {
        progress_event(o->place.sink, LOG_ERROR, "%s: %s", taken, err_text(err));
    }
    free(taken);
    buf_clear(&common);
    buf_clear(&volumes);
    return err;
}

/* ---- the work ---- */

static enum err finish(struct create *c)
{
    struct buf common = {0};
    uint8_t *checks = NULL;
    struct par2_id set;
    enum err err = originals_check_unchanged(&c->sources, c->options->place.sink);

    if (err == OK) {
        err = create_checks(c, &checks);
    }
    if (err == OK) {
        err = originals_packets(&c->sources, c->slice_len, checks, &set, &common);
    }
    if (err == OK) {
        err = outset_finish(&c->outset, buf_view(&common), buf_view(&c->creator));
    }
    free(checks);
    buf_clear(&common);
    return err;
}

static void tell(const struct create *c)
{
    const struct progress_sink *sink = c->options->place.sink;
    bool at_once = c->encoder != NULL && par2_encoder_method(c->encoder) == PAR2_FOURIER;

    progress_event(sink, LOG_DEBUG,
        "%zu files with %llu slices of %llu bytes; %llu recovery slices in %zu files.",
        c->sources.count, (unsigned long long)c->slices, (unsigned long long)c->slice_len,
        (unsigned long long)c->recovery, c->outset.file_count - 1);
    progress_event(sink, LOG_DEBUG,
        "%s%s; %llu slices in memory, %llu bytes of each recovery slice.",
        c->plan.width < c->slice_len ? "Files are read twice" : "Files are read once",
        at_once ? ", all slices are transformed at once" : "", (unsigned long long)c->plan.window,
        (unsigned long long)c->plan.width);
}

static enum err run(struct create *c)
{
    enum err err = originals_open(&c->sources, c->options);

    if (err == OK) {
        err = choose(c);
    }
    if (err == OK) {
        err = prepare_encoder(c);
    }
    if (err == OK) {
        err = prepare_memory(c);
    }
    if (err == OK) {
        err = prepare_slices(c);
    }
    if (err == OK) {
        err = open_outset(c);
    }
    if (err == OK) {
        err = crew_init(&c->crew, &c->options->place);
    }
    if (err == OK) {
        tell(c);
        crew_phase(&c->crew, PROGRESS_SCAN, 2 * c->slices * c->slice_len);
        err = create_batches(c);
    }
    if (err == OK && c->plan.width < c->slice_len && c->recovery > 0) {
        err = create_bands(c);
    } else if (err == OK) {
        err = create_write(c, 0);
    }
    err = err == OK ? finish(c) : err;
    return err;
}

enum err par2files_create(const struct par2files_create *options)
{
    struct create c = {.options = options};
    enum err err = run(&c);

    crew_clear(&c.crew);
    outset_clear(&c.outset);
    originals_clear(&c.sources);
    buf_clear(&c.creator);
    par2_encoder_free(c.encoder);
    free(c.out);
    free(c.rows);
    free(c.data);
    free(c.unread);
    free(c.checks);
    free(c.owner);
    free(c.at);
    free(c.order);
    return err;
}
