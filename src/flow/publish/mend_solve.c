/* The fetched slices are sums over all segments, the reckoned ones over those that are not lost:
 * their difference is what the lost ones put in. Everything is one band of columns: losses so large
 * are rare, and the other worker has its own work. */
#include "flow/publish/mend_solve.h"

#include <stdlib.h>

#include "codec/par2/par2_repair.h"

enum err mend_solve_init(struct mend_solve *s, size_t count, uint32_t m)
{
    *s = (struct mend_solve){.count = count, .m = m};
    s->lost = calloc(count + 1, sizeof(*s->lost));
    s->lost_cids = calloc(count + 1, sizeof(*s->lost_cids));
    s->payloads = calloc(count + 1, sizeof(*s->payloads));
    s->exponents = calloc(count + 1, sizeof(*s->exponents));
    s->fetched = calloc(count + 1, sizeof(*s->fetched));
    s->slices = calloc(m + 1, sizeof(*s->slices));
    s->slice_cids = calloc(m + 1, sizeof(*s->slice_cids));
    if (s->lost == NULL || s->lost_cids == NULL || s->payloads == NULL || s->exponents == NULL ||
        s->fetched == NULL || s->slices == NULL || s->slice_cids == NULL) {
        mend_solve_clear(s);
        return ERR_NO_MEMORY;
    }
    return OK;
}

static void clear_all(struct buf *bufs, size_t count)
{
    for (size_t i = 0; bufs != NULL && i < count; i++) {
        buf_clear(&bufs[i]);
    }
    free(bufs);
}

void mend_solve_clear(struct mend_solve *s)
{
    clear_all(s->payloads, s->count);
    clear_all(s->fetched, s->count);
    clear_all(s->slices, s->m);
    free(s->lost);
    free(s->lost_cids);
    free(s->exponents);
    free(s->slice_cids);
    bytes_wipe(&s->keys, sizeof(s->keys));
    *s = (struct mend_solve){0};
}

/* --- slices ----------------------------------------------------------------------------------- */

static void take_out(uint8_t *from, const uint8_t *what)
{
    for (size_t i = 0; i < SEGMENT_LEN; i++) {
        from[i] ^= what[i];
    }
}

static uint8_t **pointers(struct buf *bufs, size_t count)
{
    uint8_t **at = calloc(count + 1, sizeof(*at));

    for (size_t i = 0; at != NULL && i < count; i++) {
        at[i] = bufs[i].ptr;
    }
    return at;
}

/* The fetched slices, less what is known, in the order that `repair` wants. */
static const uint8_t **remainders(struct mend_solve *s, const struct par2_repair *repair)
{
    const uint32_t *order = par2_repair_exponents(repair);
    const uint8_t **at = calloc(s->count + 1, sizeof(*at));

    for (size_t i = 0; at != NULL && i < s->count; i++) {
        size_t j = 0;

        while (j + 1 < s->count && s->exponents[j] != order[i]) {
            j++;
        }
        take_out(s->fetched[j].ptr, s->slices[order[i]].ptr);
        at[i] = s->fetched[j].ptr;
    }
    return at;
}

static enum err solve(struct mend_solve *s, const struct par2_repair *repair)
{
    struct par2_columns columns = {.to = SEGMENT_LEN};
    const uint8_t **in = remainders(s, repair);
    uint8_t **out = pointers(s->payloads, s->count);
    enum err err = ERR_NO_MEMORY;

    columns.in = in;
    columns.out = out;
    columns.work = malloc(par2_repair_work(repair) + 1);
    if (in != NULL && out != NULL && columns.work != NULL) {
        par2_repair_solve(repair, &columns);
        err = OK;
    }
    free(columns.work);
    free(in);
    free(out);
    return err;
}

/* Now that they are known, add the lost segments to all slices. */
static enum err complete_slices(struct mend_solve *s)
{
    struct par2_shape shape = {.inputs = s->lost, .input_count = s->count, .exponent_count = s->m};
    struct par2_columns columns = {.to = SEGMENT_LEN};
    uint8_t **in = pointers(s->payloads, s->count);
    uint8_t **out = pointers(s->slices, s->m);
    struct par2_encoder *encoder = NULL;
    enum err err = in != NULL && out != NULL ? par2_encoder_new(&shape, &encoder) : ERR_NO_MEMORY;

    if (err == OK) {
        columns.in = (const uint8_t *const *)in;
        columns.out = out;
        columns.work = malloc(par2_encoder_work(encoder) + 1);
        err = columns.work != NULL ? OK : ERR_NO_MEMORY;
    }
    if (err == OK) {
        par2_encoder_add(encoder, &columns);
    }
    free(columns.work);
    par2_encoder_free(encoder);
    free(in);
    free(out);
    return err;
}

/* --- segments --------------------------------------------------------------------------------- */

static enum err open_all(struct mend_solve *s, struct sealer *sealer)
{
    enum err err = OK;

    for (size_t i = 0; i < s->count && err == OK; i++) {
        struct seal_place place = {s->lost_cids[i], s->lost[i], 0};

        err = seal_open(sealer, &s->keys, &place, s->payloads[i].ptr, s->payloads[i].ptr);
        s->payloads[i].len = PAYLOAD_LEN;
    }
    return err;
}

static enum err name_slices(struct mend_solve *s, struct sealer *sealer)
{
    enum err err = OK;

    for (uint32_t j = 0; j < s->m && err == OK; j++) {
        err = seal_cid(sealer, s->keys.ck, buf_view(&s->slices[j]), &s->slice_cids[j]);
    }
    return err;
}

enum err mend_solve_run(struct mend_solve *s)
{
    struct par2_loss loss = {.missing = s->lost,
        .exponents = s->exponents,
        .missing_count = s->count,
        .exponent_count = s->count};
    struct par2_repair *repair = NULL;
    struct sealer *sealer = NULL;
    enum err err = par2_repair_new(&loss, &repair);

    for (size_t i = 0; i < s->count && err == OK; i++) {
        err = buf_resize(&s->payloads[i], SEGMENT_LEN);
    }
    if (err == OK) {
        err = solve(s, repair);
    }
    if (err == OK) {
        err = complete_slices(s);
    }
    if (err == OK) {
        err = sealer_new(&sealer);
    }
    if (err == OK) {
        err = open_all(s, sealer);
    }
    if (err == OK) {
        err = name_slices(s, sealer);
    }
    sealer_free(sealer);
    par2_repair_free(repair);
    return err;
}
